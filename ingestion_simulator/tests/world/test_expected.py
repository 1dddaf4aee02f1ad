"""`expected` against a slow recomputation, row by row, from what the sources send."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest

from ingestion_simulator.contracts import control_totals, enforce
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import CATALOG, CRM, ORDER_MANAGEMENT, RATES_API, SOURCES, Source
from ingestion_simulator.windows import Window
from ingestion_simulator.world import expected, orders
from ingestion_simulator.world.changes import Changes
from ingestion_simulator.world.coverage import Coverage
from ingestion_simulator.world.expected import expected_daily, expected_raw

Accepted = Callable[[Source, WorldSettings], pl.DataFrame]

CENT = Decimal("0.01")
MEASURES = (
    *("order_count", "quantity", "gross_sales_eur", "discount_eur", "returns_eur"),
    *("net_sales_eur", "cost_eur", "cancelled_eur"),
)


def on(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=hour)


def covered_between(start: datetime, end: datetime) -> Coverage:
    return {source.name: (Window(start, end),) for source in SOURCES}


EVERYTHING = covered_between(on(0), on(125))
# Each source misses something else: orders two days, the catalogue and the rates more.
GAPS: Coverage = {
    ORDER_MANAGEMENT.name: (Window(on(22), on(60)), Window(on(0), on(20))),
    CATALOG.name: (Window(on(0), on(40)), Window(on(57), on(90))),
    RATES_API.name: (Window(on(3), on(50, 10)),),
    CRM.name: (),
}
UNTIL_NOON = covered_between(on(0), on(61, 12))


def covered_rows(
    accepted: Accepted, settings: WorldSettings, source: Source, covered: Coverage
) -> list[dict[str, Any]]:
    rows = accepted(source, settings)
    start = pl.col("_window_start")
    chosen = [
        rows.filter(
            (start >= window.start.replace(tzinfo=None)) & (start < window.end.replace(tzinfo=None))
        )
        for window in covered[source.name]
    ]
    return [row for frame in chosen for row in frame.iter_rows(named=True)]


def newest_orders(rows: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    newest: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["change_seq"]):
        if row["ordered_at"].date() == day:
            newest[row["order_id"]] = row
    return list(newest.values())


def rates_of(rows: list[dict[str, Any]], day: date) -> dict[str, Decimal]:
    known = [row for row in rows if row["rate_date"] <= day]
    known.sort(key=lambda row: (row["rate_date"], row["change_seq"]))
    return {"EUR": Decimal(1)} | {row["base_currency"]: row["rate"] for row in known}


def slow_sales(
    rows_of: dict[str, list[dict[str, Any]]], day: date
) -> dict[tuple[int, str, str], list[Any]]:
    newest = newest_orders(rows_of[ORDER_MANAGEMENT.name], day)
    rates = rates_of(rows_of[RATES_API.name], day)
    versions = defaultdict(list)
    for row in rows_of[CATALOG.name]:
        versions[row["product_id"]].append((row["changed_at"], row["unit_cost"]))

    rows: dict[tuple[int, str, str], list[Any]] = defaultdict(lambda: [0, 0, *[Decimal(0)] * 6])
    for order in newest:
        rate = rates.get(order["currency"], Decimal(0))
        for item in order["items"]:
            gross = round_cent(item["quantity"] * item["unit_price"] * rate)
            discount = round_cent(item["discount_amount"] * rate)
            before = [v for v in versions[item["product_id"]] if v[0] <= order["ordered_at"]]
            cost = item["quantity"] * (max(before)[1] if before else Decimal(0))
            values = [1, item["quantity"], gross, discount, Decimal(0), gross - discount, cost, 0]
            if order["status"] == "returned":
                values[4:6] = [gross - discount, Decimal(0)]
            if order["status"] == "cancelled":
                values = [0] * 7 + [gross - discount]
            key = (item["product_id"], order["ship_country_code"], order["channel"])
            rows[key] = [total + value for total, value in zip(rows[key], values, strict=True)]
    return rows


def round_cent(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("covered", "days"),
    [
        (EVERYTHING, (0, 1, 64)),
        (UNTIL_NOON, (40, 55, 60, 61, 62)),
        (GAPS, (0, 2, 18, 21, 35, 44, 52, 58, 60)),
    ],
    ids=["everything", "until noon", "gaps"],
)
def test_daily_sales_agree_with_the_events(
    accepted: Accepted, faulty: WorldSettings, covered: Coverage, days: tuple[int, ...]
) -> None:
    rows_of = {source.name: covered_rows(accepted, faulty, source, covered) for source in SOURCES}
    for number in days:
        day = on(number).date()
        wanted = slow_sales(rows_of, day)
        found = expected_daily(faulty, day, covered)
        assert found.sales.rows() == [(day, *key, *wanted[key]) for key in sorted(wanted)]
        sums = [sum(column) for column in zip(*wanted.values(), strict=True)] or [0] * 8
        assert list(found.sales_totals.items()) == list(zip(MEASURES, sums, strict=True))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_raw_totals_agree_with_what_the_door_lets_through(
    faulty: WorldSettings, source: Source
) -> None:
    for number in (0, 1, 33):
        start, end = on(number), on(number + 1)
        enforced = enforce(source.contract, source.events(faulty, start, end))
        windows = control_totals(source.contract, enforced).values()
        found = expected_raw(faulty, source.name, start, end)
        assert found.row_count == sum(window.row_count for window in windows)
        assert found.reject_count == sum(window.reject_count for window in windows)
        assert found.control_total == sum(window.control_total for window in windows)


def test_raw_totals_count_covered_arrivals_only(faulty: WorldSettings) -> None:
    day = on(20).date()
    found = expected_daily(faulty, day, {"order_management": (Window(on(19), on(20, 6)),)}).raw
    morning = expected_raw(faulty, "order_management", on(20), on(20, 6))
    assert found["order_management"] == morning
    assert morning.row_count > 0
    assert [found[name].row_count for name in ("crm", "catalog", "rates_api")] == [0, 0, 0]


def test_totals_of_a_busy_part_of_a_day_are_cut_into_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = WorldSettings(orders_per_day=250_000)
    morning = expected_raw(busy, "order_management", on(30), on(30, 12))
    evening = expected_raw(busy, "order_management", on(30, 12), on(30, 22))
    sizes = []

    def counted(settings: WorldSettings, first: int, last: int) -> Changes:
        changes = orders.order_changes(settings, first, last)
        sizes.append(len(changes))
        return changes

    monkeypatch.setitem(expected._CHANGES, "order_management", counted)
    both = expected_raw(busy, "order_management", on(30), on(30, 22))
    assert both.row_count == morning.row_count + evening.row_count == sum(sizes) > 900_000
    assert both.control_total == morning.control_total + evening.control_total
    assert max(sizes) < 500_000


def test_midnight_is_utc(faulty: WorldSettings) -> None:
    day = date(2026, 1, 3)
    covered = covered_between(on(0), datetime.combine(day, time(), UTC))
    assert expected_daily(faulty, day, covered).sales.is_empty()
