"""The warehouse against the seed: what it must hold, what it claims and what it holds."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ingestion_simulator.contracts import Contract
from ingestion_simulator.manifest import DayRecord
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.warehouse import Warehouse
from ingestion_simulator.windows import Window
from ingestion_simulator.world.expected import ExpectedDay

Measures = Mapping[str, int | Decimal]

_DAY = timedelta(days=1)
_SALES_MEASURES = (
    *("order_count", "quantity", "gross_sales_eur", "discount_eur", "returns_eur"),
    *("net_sales_eur", "cost_eur", "cancelled_eur"),
)


@dataclass(frozen=True)
class Difference:
    """One figure of one UTC day that is not what the seed says.

    Attributes:
        table: Where the figure was found.
        source: The source that it belongs to; empty for a mart.
        day: UTC date of arrival in a raw table, of the sale in a mart.
        measure: Name of the figure.
        expected: What the seed says.
        found: What the warehouse says.
    """

    table: str
    source: str
    day: date
    measure: str
    expected: int | Decimal
    found: int | Decimal


@dataclass(frozen=True)
class Holdings:
    """Totals of the warehouse by (table, source) and UTC date; an absent one is zero."""

    by_day: Mapping[tuple[str, str], Mapping[date, Measures]]

    def days(self) -> set[date]:
        """All days that any table holds something of."""
        return {day for days in self.by_day.values() for day in days}


def coverage_of(
    settings: WorldSettings,
    days: Mapping[datetime, DayRecord],
    windows: Mapping[datetime, Collection[tuple[str, datetime]]],
) -> dict[str, list[Window]]:
    """The intervals that the manifest claims, by source, merged where they touch.

    Args:
        settings: The world.
        days: The manifest summed up by UTC midnight.
        windows: Its rows on the days that are not complete.
    """
    covered: dict[str, list[Window]] = {source.name: [] for source in SOURCES}
    for day in sorted(days):
        if day in windows:
            for source, start in sorted(windows[day], key=lambda each: each[1]):
                _append(covered[source], Window(start, start + settings.tick))
        else:
            for merged in covered.values():
                _append(merged, Window(day, day + _DAY))
    return covered


def _append(merged: list[Window], window: Window) -> None:
    if merged and merged[-1].end == window.start:
        merged[-1] = Window(merged[-1].start, window.end)
    else:
        merged.append(window)


def read_raw(warehouse: Warehouse, up_to: datetime) -> Holdings:
    """Reads the manifest's claims and the raw tables' totals of windows before `up_to`.

    Later rows belong to a load that has not made its claim yet.
    """
    until = f"{up_to:%Y-%m-%d %H:%M:%S}"
    found: dict[tuple[str, str], dict[date, Measures]] = defaultdict(dict)
    for source, day, rows, rejects, control in warehouse.execute(
        "SELECT source, date_trunc('day', window_start), sum(row_count), sum(reject_count), "
        "sum(control_total) FROM retail_raw.raw_load_manifest WHERE window_start < %s "
        "GROUP BY source, date_trunc('day', window_start)",
        (until,),
    ):
        found["raw_load_manifest", source][_date(day)] = {
            "rows": int(rows),
            "rejects": int(rejects),
            "control total": Decimal(control),
        }
    for source, day, rejects in warehouse.execute(
        "SELECT source, date_trunc('day', window_start), count(*) FROM retail_raw.raw_rejects "
        "WHERE window_start < %s GROUP BY source, date_trunc('day', window_start)",
        (until,),
    ):
        found["raw_rejects", source][_date(day)] = {"rejects": int(rejects)}
    for each in SOURCES:
        found[each.contract.table, each.name] = _read_table(warehouse, each.contract, until)
    return Holdings(found)


def _read_table(warehouse: Warehouse, contract: Contract, until: str) -> dict[date, Measures]:
    rows = warehouse.execute(
        f"SELECT date_trunc('day', _window_start), count(*), sum({contract.control_total}) "  # noqa: S608 - names of our own
        f"FROM retail_raw.{contract.table} WHERE _window_start < %s "
        "GROUP BY date_trunc('day', _window_start)",
        (until,),
    )
    return {
        _date(day): {"rows": int(count), "control total": Decimal(control)}
        for day, count, control in rows
    }


def read_sales(warehouse: Warehouse) -> Holdings:
    """Reads the totals of `retail_marts.fact_daily_sales`.

    Raises:
        MissingTableError: It does not exist.
    """
    sums = ", ".join(f"sum({measure})" for measure in _SALES_MEASURES)
    rows = warehouse.execute(
        f"SELECT sales_date, count(*), {sums} FROM retail_marts.fact_daily_sales "  # noqa: S608 - names of our own
        "GROUP BY sales_date"
    )
    names = ("rows", *_SALES_MEASURES)
    totals = {
        _date(day): {name: Decimal(value) for name, value in zip(names, values, strict=True)}
        for day, *values in rows
    }
    return Holdings({("fact_daily_sales", ""): totals})


def compare_raw(expected: ExpectedDay, day: date, found: Holdings) -> Iterator[Difference]:
    """Compares one day's arrivals: the seed against the claims, the raw tables and the rejects."""
    for source in SOURCES:
        totals = expected.raw[source.name]
        measures: Measures = {
            "rows": totals.row_count,
            "rejects": totals.reject_count,
            "control total": totals.control_total,
        }
        for table, names in (
            ("raw_load_manifest", ("rows", "rejects", "control total")),
            (source.contract.table, ("rows", "control total")),
            ("raw_rejects", ("rejects",)),
        ):
            chosen = {name: measures[name] for name in names}
            yield from _compare(table, source.name, day, chosen, found)


def compare_sales(expected: ExpectedDay, day: date, found: Holdings) -> Iterator[Difference]:
    """Compares one day of `fact_daily_sales`: its number of rows and the sum of each measure."""
    measures = {"rows": expected.sales.height, **expected.sales_totals}
    yield from _compare("fact_daily_sales", "", day, measures, found)


def _compare(
    table: str, source: str, day: date, expected: Measures, found: Holdings
) -> Iterator[Difference]:
    held = found.by_day.get((table, source), {}).get(day, {})
    for measure, value in expected.items():
        if held.get(measure, 0) != value:
            yield Difference(table, source, day, measure, value, held.get(measure, 0))


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
