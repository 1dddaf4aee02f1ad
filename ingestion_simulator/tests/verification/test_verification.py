"""Differences between the seed and a warehouse, found where they are."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ingestion_simulator.contracts import control_totals
from ingestion_simulator.extract import extract
from ingestion_simulator.manifest import DayRecord
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.verification import (
    Difference,
    Holdings,
    compare_raw,
    compare_sales,
    coverage_of,
)
from ingestion_simulator.windows import Window, window_grid
from ingestion_simulator.world.expected import expected_daily

_SETTINGS = WorldSettings(
    epoch=datetime(2026, 3, 1, tzinfo=UTC), tick=timedelta(hours=6), orders_per_day=200
)
_DAY = date(2026, 3, 2)
_COVERED = {
    source.name: [Window(_SETTINGS.epoch, _SETTINGS.epoch + timedelta(days=3))]
    for source in SOURCES
}


Held = dict[tuple[str, str], dict[str, int | Decimal]]


def _at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def held() -> Held:
    """What a loader that does its work leaves of `_DAY`, counted from what the sources send."""
    windows = window_grid(_SETTINGS, _at(2), _at(3))
    found: Held = {}
    for source in SOURCES:
        totals = control_totals(
            source.contract, extract(_SETTINGS, source, windows).enforced
        ).values()
        rows = sum(total.row_count for total in totals)
        rejects = sum(total.reject_count for total in totals)
        control = sum((total.control_total for total in totals), Decimal(0))
        found["raw_load_manifest", source.name] = {
            "rows": rows,
            "rejects": rejects,
            "control total": control,
        }
        found["raw_rejects", source.name] = {"rejects": rejects}
        found[source.contract.table, source.name] = {"rows": rows, "control total": control}
    return found


def _compare_raw(
    held: Held, put: Mapping[tuple[tuple[str, str], str], int | Decimal] | None = None
) -> list[Difference]:
    found = {key: {_DAY: dict(measures)} for key, measures in held.items()}
    for (key, measure), value in (put or {}).items():
        found[key][_DAY][measure] = value
    expected = expected_daily(_SETTINGS, _DAY, _COVERED)
    return list(compare_raw(expected, _DAY, Holdings(found)))


def test_a_warehouse_that_holds_what_the_sources_sent_shows_no_difference(held: Held) -> None:
    assert _compare_raw(held) == []


@pytest.mark.parametrize(
    ("table", "source", "measure", "step"),
    [
        ("raw_orders", "order_management", "rows", -1),
        ("raw_orders", "order_management", "control total", Decimal("0.01")),
        ("raw_customers", "crm", "rows", 1),
        ("raw_fx_rates", "rates_api", "control total", Decimal("-0.00000001")),
        ("raw_load_manifest", "order_management", "rejects", 1),
        ("raw_rejects", "order_management", "rejects", -1),
    ],
)
def test_one_row_and_one_cent_are_seen(
    held: Held, table: str, source: str, measure: str, step: int | Decimal
) -> None:
    right = held[table, source][measure]

    assert _compare_raw(held, put={((table, source), measure): right + step}) == [
        Difference(table, source, _DAY, measure, right, right + step)
    ]


def test_a_table_that_lost_a_whole_day_differs_in_every_figure(held: Held) -> None:
    found = {key: {_DAY: measures} for key, measures in held.items() if key[0] != "raw_orders"}
    lost = held["raw_orders", "order_management"]

    expected = expected_daily(_SETTINGS, _DAY, _COVERED)

    assert list(compare_raw(expected, _DAY, Holdings(found))) == [
        Difference("raw_orders", "order_management", _DAY, measure, lost[measure], 0)
        for measure in ("rows", "control total")
    ]


def test_daily_sales_are_compared_by_rows_and_by_every_measure() -> None:
    expected = expected_daily(_SETTINGS, _DAY, _COVERED)
    measures = {"rows": expected.sales.height, **expected.sales_totals}
    wrong = measures | {"returns_eur": measures["returns_eur"] + Decimal("0.01")}

    def compare(figures: dict[str, int | Decimal]) -> list[Difference]:
        return list(
            compare_sales(expected, _DAY, Holdings({("fact_daily_sales", ""): {_DAY: figures}}))
        )

    assert len(measures) == 9
    assert compare(measures) == []
    assert compare(wrong) == [
        Difference(
            "fact_daily_sales",
            "",
            _DAY,
            "returns_eur",
            measures["returns_eur"],
            wrong["returns_eur"],
        )
    ]


def test_coverage_merges_what_touches_and_keeps_gaps_per_source() -> None:
    record = DayRecord(16, frozenset({"w"}))
    days = {_at(1): record, _at(2): record, _at(3): DayRecord(5, frozenset({"w"})), _at(5): record}
    windows = {
        _at(3): {
            ("crm", _at(3)),
            ("crm", _at(3, 6)),
            ("crm", _at(3, 18)),
            ("catalog", _at(3, 6)),
            ("order_management", _at(3)),
        }
    }

    assert coverage_of(_SETTINGS, days, windows) == {
        "crm": [
            Window(_at(1), _at(3, 12)),
            Window(_at(3, 18), _at(4)),
            Window(_at(5), _at(6)),
        ],
        "catalog": [
            Window(_at(1), _at(3)),
            Window(_at(3, 6), _at(3, 12)),
            Window(_at(5), _at(6)),
        ],
        "order_management": [Window(_at(1), _at(3, 6)), Window(_at(5), _at(6))],
        "rates_api": [Window(_at(1), _at(3)), Window(_at(5), _at(6))],
    }
