"""What a retailer would want to see of the marts, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from local_platform.warehouse import WarehouseConnection

_BAR_WIDTH = 40

_DAILY = """
select sales_date, sum(net_sales_eur)
from retail_marts.fact_daily_sales
group by sales_date
order by sales_date
"""

_TOP = """
select product.{column}, sum(sales.net_sales_eur), sum(sales.quantity)
from retail_marts.fact_daily_sales as sales
inner join retail_marts.dim_product as product
    on sales.product_id = product.product_id and product.is_current
group by product.{column}
order by 2 desc, 1
limit 5
"""

_ORDERS = """
select status, count(*), sum(total_amount_eur)
from retail_marts.fact_orders
group by status
order by status
"""


@dataclass(frozen=True)
class Ranked:
    """A category or product with its net sales in EUR and units sold."""

    name: str
    net_sales_eur: Decimal
    quantity: int


@dataclass(frozen=True)
class Summary:
    """Orders by status, net sales in EUR by UTC day, best sellers; all read from the marts."""

    orders_by_status: dict[str, int]
    net_sales_by_day: tuple[tuple[date, Decimal], ...]
    top_categories: tuple[Ranked, ...]
    top_products: tuple[Ranked, ...]

    @property
    def orders(self) -> int:
        """All orders, whatever their status."""
        return sum(self.orders_by_status.values())

    @property
    def net_sales_eur(self) -> Decimal:
        """Net sales of all days."""
        return sum((sales for _, sales in self.net_sales_by_day), Decimal(0))


def read_summary(warehouse: WarehouseConnection) -> Summary:
    """Read the summary from the marts."""
    return Summary(
        orders_by_status={status: orders for status, orders, _ in warehouse.query(_ORDERS)},
        net_sales_by_day=tuple((day, sales) for day, sales in warehouse.query(_DAILY)),
        top_categories=_ranked(warehouse.query(_TOP.format(column="category"))),
        top_products=_ranked(warehouse.query(_TOP.format(column="name"))),
    )


def _ranked(rows: Sequence[tuple[str, Decimal, int]]) -> tuple[Ranked, ...]:
    return tuple(Ranked(name, sales, int(quantity)) for name, sales, quantity in rows)


def bar(value: Decimal, largest: Decimal, width: int = _BAR_WIDTH) -> str:
    """A horizontal bar in eighths of a character cell; empty for nothing or less than nothing."""
    if value <= 0 or largest <= 0:
        return ""
    eighths = round(value / largest * width * 8)
    return "█" * (eighths // 8) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]


def print_summary(console: Console, summary: Summary) -> None:
    """Print orders, the daily chart and the best sellers."""
    statuses = ", ".join(f"{count:,} {name}" for name, count in summary.orders_by_status.items())
    console.print(f"\n[bold]{summary.orders:,} orders[/bold] ({statuses})")
    console.print(f"[bold]{summary.net_sales_eur:,.2f} EUR net sales[/bold], by day (UTC):\n")
    largest = max((sales for _, sales in summary.net_sales_by_day), default=Decimal(0))
    for day, sales in summary.net_sales_by_day:
        console.print(f"  {day:%a %d %b} {sales:>14,.2f} {bar(sales, largest)}", highlight=False)
    console.print()
    _print_ranking(console, "Top categories", summary.top_categories)
    _print_ranking(console, "Top products", summary.top_products)


def _print_ranking(console: Console, title: str, ranking: Sequence[Ranked]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, min_width=64)
    table.add_column("name", ratio=1)
    table.add_column("net sales EUR", justify="right")
    table.add_column("units", justify="right")
    for entry in ranking:
        table.add_row(entry.name, f"{entry.net_sales_eur:,.2f}", f"{entry.quantity:,}")
    console.print(table)
    console.print()
