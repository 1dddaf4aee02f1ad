"""The rows of `fact_daily_sales`, computed from the seed and what has arrived."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
import polars as pl

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world import catalogue, orders, rates
from ingestion_simulator.world.baskets import Baskets, baskets
from ingestion_simulator.world.clock import day_of, microseconds
from ingestion_simulator.world.coverage import Arrived, Coverage
from ingestion_simulator.world.markets import CHANNELS, COUNTRIES, CURRENCIES
from ingestion_simulator.world.orders import Placements
from ingestion_simulator.world.randomness import Integers

GRAIN = ("sales_date", "product_id", "ship_country_code", "channel")

_ONE = 10**8  # an exchange rate of 1
# Arrays of this many orders and their lines take about 60 MB.
_ORDERS_AT_ONCE = 100_000
_AMOUNTS = (
    *("gross_sales_eur", "discount_eur", "returns_eur", "net_sales_eur", "cost_eur"),
    "cancelled_eur",
)


def expected_sales(settings: WorldSettings, day: date, covered: Coverage) -> pl.DataFrame:
    """The rows for the orders placed on a UTC day, in the order of the grain.

    Amounts of an order line whose rate or cost is not covered count as 0.
    """
    number = day_of(settings, microseconds(datetime.combine(day, time(), UTC)))
    rate = _known_rates(settings, number, Arrived(settings, rates.SOURCE, covered))
    per_span = max(1, min(24, _ORDERS_AT_ONCE * 12 // settings.orders_per_day))
    parts = []
    for hour in range(number * 24, number * 24 + 24, per_span):
        placed = orders.placements(settings, hour, min(hour + per_span, number * 24 + 24))
        parts.append(_sales_of(settings, placed, rate, covered))
    measures = pl.concat(parts).group_by(GRAIN[1:]).sum().sort(GRAIN[1:])
    return measures.select(
        pl.lit(day).alias("sales_date"),
        *GRAIN[1:],
        *("order_count", "quantity"),
        *((pl.col(name).cast(pl.Decimal(38, 2)) / Decimal("100.00")) for name in _AMOUNTS),
    )


def _sales_of(
    settings: WorldSettings, placed: Placements, rate: Integers, covered: Coverage
) -> pl.DataFrame:
    """The measures of some orders' lines, amounts in cents, one row per grain."""
    status = _known_status(settings, placed, Arrived(settings, orders.SOURCE, covered))
    known = status >= 0
    placed, status = placed.take(known), status[known]
    held = baskets(settings, placed)
    lines = held.lines
    gross = _in_euro(held, lines.quantity * lines.unit_price, rate)
    discount = _in_euro(held, lines.discount_amount, rate)
    cost = lines.quantity * _known_cost(
        settings, lines.product_id, lines.version, Arrived(settings, catalogue.SOURCE, covered)
    )
    cancelled = status[lines.order] == orders.CANCELLED
    sold = ~cancelled
    returned = np.where(status[lines.order] == orders.RETURNED, gross - discount, 0)
    frame = pl.DataFrame(
        {
            "product_id": lines.product_id,
            "ship_country_code": pl.Series(COUNTRIES).gather(held.country[lines.order]),
            "channel": pl.Series(CHANNELS).gather(held.channel[lines.order]),
            # The lines of an order are of different products, so each one is an order of its row.
            "order_count": sold.astype(np.int64),
            "quantity": lines.quantity * sold,
            "gross_sales_eur": gross * sold,
            "discount_eur": discount * sold,
            "returns_eur": returned,
            "net_sales_eur": (gross - discount) * sold - returned,
            "cost_eur": cost * sold,
            "cancelled_eur": (gross - discount) * cancelled,
        }
    )
    return frame.group_by(GRAIN[1:]).sum()


def _in_euro(held: Baskets, cents: Integers, rate: Integers) -> Integers:
    """Rounds half up; amounts are never negative."""
    line_rate = rate[held.currency[held.lines.order]]
    return (cents * line_rate + _ONE // 2) // _ONE


def _known_status(settings: WorldSettings, placed: Placements, arrived: Arrived) -> Integers:
    """The newest status that has arrived of each order; -1 if nothing of it has."""
    status = np.full(len(placed.order_id), -1, dtype=np.int64)
    course = orders.course(settings, placed)
    for code in sorted(course, key=lambda code: int(orders.SEQUENCES[code])):
        sequence = np.full(len(status), orders.SEQUENCES[code], dtype=np.int64)
        there = arrived(placed.order_id, sequence, course[code]) & (course[code] > 0)
        status[there] = code
    return status


def _known_rates(settings: WorldSettings, day: int, arrived: Arrived) -> Integers:
    """The rate of each currency that holds for a day: its newest, else that of an earlier day."""
    found = np.zeros(len(CURRENCIES), dtype=np.int64)
    found[0] = _ONE
    while day >= 0 and not found.all():
        ids, sequence, _, changed_at = rates.publications(settings, np.array([day]))
        there = arrived(ids, sequence, changed_at, rates.is_punctual(ids))
        value = rates.rates(settings, ids, sequence)
        missing = found == 0
        # Corrections come last, so that they replace what they correct.
        for position in np.flatnonzero(there & missing[ids % 8]):
            found[ids[position] % 8] = value[position]
        day -= 1
    return found


def _known_cost(
    settings: WorldSettings, product_id: Integers, version: Integers, arrived: Arrived
) -> Integers:
    """Cost of each line's product by the newest version up to the line's own that has arrived."""
    pairs, position = np.unique(product_id * 1000 + version, return_inverse=True)
    product, candidate = np.divmod(pairs, 1000)
    cost = np.zeros(len(pairs), dtype=np.int64)
    open_ = np.arange(len(pairs))
    while len(open_):
        made_at = catalogue.version_made_at(settings, product[open_], candidate[open_])
        there = arrived(
            product[open_], candidate[open_] + 1, made_at, punctual=candidate[open_] == 0
        )
        found = open_[there]
        cost[found] = catalogue.prices(settings, product[found], candidate[found])[1]
        candidate[open_] -= 1
        open_ = open_[~there & (candidate[open_] >= 0)]
    return cost[position]
