import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingestion_simulator.contracts import (
    WindowTotals,
    control_totals,
    enforce,
    load_contract,
    to_ndjson,
    to_parquet,
)
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES, Source
from ingestion_simulator.world.changes import is_broken, is_duplicated
from ingestion_simulator.world.clock import microseconds

NOON_UTC = datetime(2026, 1, 1, 12, tzinfo=UTC)
# As a column of DATETIME holds it.
NOON = NOON_UTC.replace(tzinfo=None)
ITEM: dict[str, Any] = {
    "line_no": 1,
    "product_id": 1001,
    "quantity": 2,
    "unit_price": Decimal("10.50"),
    "discount_amount": Decimal("1.00"),
}
SECOND = ITEM | {"line_no": 2, "product_id": 1002}
ORDER: dict[str, Any] = {
    "order_id": 1,
    "change_seq": 1,
    "changed_at": NOON,
    "op": "I",
    "customer_id": 100001,
    "ordered_at": NOON,
    "status": "placed",
    "channel": "web",
    "currency": "EUR",
    "ship_country_code": "DE",
    "shipping_amount": Decimal("4.90"),
    "total_amount": Decimal("44.90"),
    "items": [ITEM, SECOND],
    "_window_start": NOON,
}
CUSTOMER: dict[str, Any] = {
    "customer_id": 100001,
    "change_seq": 1,
    "changed_at": NOON,
    "op": "I",
    "name": "Ada Byron",
    "email": "ada@example.com",
    "city": "London",
    "country_code": "GB",
    "segment": "loyal",
    "marketing_opt_in": True,
    "created_at": NOON,
    "_window_start": NOON,
}
ERASED = CUSTOMER | {"op": "D"} | dict.fromkeys(list(CUSTOMER)[4:11])
PRODUCT: dict[str, Any] = {
    "product_id": 1001,
    "change_seq": 1,
    "changed_at": NOON,
    "op": "I",
    "sku": "OUT-1001",
    "name": "Alder Tent",
    "category": "Outdoor",
    "brand": "Kumo",
    "unit_price": Decimal("10.50"),
    "unit_cost": Decimal("5.00"),
    "currency": "EUR",
    "is_active": True,
    "_window_start": NOON,
}
RATE: dict[str, Any] = {
    "rate_date": date(2026, 1, 1),
    "base_currency": "USD",
    "quote_currency": "EUR",
    "change_seq": 1,
    "changed_at": NOON,
    "op": "I",
    "rate": Decimal("0.92000000"),
    "_window_start": NOON,
}
GOOD = {
    "raw_orders": ORDER,
    "raw_customers": CUSTOMER,
    "raw_products": PRODUCT,
    "raw_fx_rates": RATE,
}
_MONEY = pl.Decimal(38, 2)
_ITEM = pl.Struct(
    {
        "line_no": pl.Int64,
        "product_id": pl.Int64,
        "quantity": pl.Int64,
        "unit_price": _MONEY,
        "discount_amount": _MONEY,
    }
)
TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "BIGINT": pl.Int64,
    "DATETIME": pl.Datetime("us"),
    "DATE": pl.Date,
    "BOOLEAN": pl.Boolean,
    "DECIMAL(18,2)": _MONEY,
    "DECIMAL(18,8)": pl.Decimal(38, 8),
    "JSON": pl.List(_ITEM),
}


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    columns = load_contract(table).sent_columns
    schema = {column.name: TYPES.get(column.type, pl.String) for column in columns}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def reasons(table: str, row: dict[str, Any]) -> list[str]:
    enforced = enforce(load_contract(table), frame(table, row))
    assert len(enforced.accepted) + len(enforced.rejected) == 1
    return "; ".join(enforced.rejected["reason"]).split("; ")


@pytest.mark.parametrize("table", GOOD)
def test_a_good_row_passes_as_it_is(table: str) -> None:
    rows = frame(table, GOOD[table])
    enforced = enforce(load_contract(table), rows)
    assert enforced.accepted.equals(rows)
    assert (len(enforced.rejected), enforced.duplicates_dropped) == (0, 0)


STATUSES = "placed, paid, shipped, delivered, returned, cancelled"
ATTRIBUTES = "breaks: every attribute is there unless op is D"
TOTAL = "breaks: total_amount is the sum of its lines and the shipping"


@pytest.mark.parametrize(
    ("table", "change", "wanted"),
    [
        ("raw_orders", {"order_id": None}, ["order_id is missing"]),
        ("raw_orders", {"order_id": 0}, ["order_id is below 1"]),
        ("raw_orders", {"change_seq": 0}, ["change_seq is below 1"]),
        ("raw_orders", {"changed_at": None}, ["changed_at is missing"]),
        ("raw_orders", {"op": "D"}, ["op is not one of I, U"]),
        ("raw_orders", {"op": "insert"}, ["op is not one of I, U", "op is longer than 1 bytes"]),
        ("raw_orders", {"customer_id": None}, ["customer_id is missing"]),
        ("raw_orders", {"status": "lost"}, [f"status is not one of {STATUSES}"]),
        ("raw_orders", {"channel": None}, ["channel is missing"]),
        ("raw_orders", {"channel": "fax"}, ["channel is not one of web, app, store, marketplace"]),
        (
            "raw_orders",
            {"currency": "JPY"},
            ["currency is not one of EUR, USD, GBP, CHF, SEK, PLN"],
        ),
        (
            "raw_orders",
            {"ship_country_code": "JP"},
            ["ship_country_code is not one of DE, FR, NL, IT, ES, GB, PL, SE, CH, US"],
        ),
        (
            "raw_orders",
            {"ordered_at": NOON + timedelta(microseconds=1)},
            ["breaks: ordered_at is not after changed_at"],
        ),
        ("raw_orders", {"total_amount": Decimal("44.91")}, [TOTAL]),
        ("raw_orders", {"total_amount": None}, ["total_amount is missing"]),
        (
            "raw_orders",
            {"shipping_amount": Decimal("-1.00")},
            ["shipping_amount is below 0", TOTAL],
        ),
        (
            "raw_orders",
            {"total_amount": Decimal(10) ** 16},
            ["total_amount is out of the range of DECIMAL(18,2)", TOTAL],
        ),
        ("raw_orders", {"items": None}, ["items is missing"]),
        ("raw_orders", {"items": []}, ["items has fewer items than 1", TOTAL]),
        (
            "raw_orders",
            {"items": [ITEM, SECOND | {"quantity": -2}]},
            ["items.quantity is below 1", TOTAL],
        ),
        (
            "raw_orders",
            {"items": [ITEM | {"unit_price": Decimal("0.00")}, SECOND]},
            ["items.unit_price is not above 0", TOTAL],
        ),
        (
            "raw_orders",
            {"items": [ITEM, SECOND | {"discount_amount": Decimal("-1.00")}]},
            ["items.discount_amount is below 0", TOTAL],
        ),
        (
            "raw_orders",
            {"items": [ITEM | {"product_id": None}, SECOND]},
            ["items.product_id is missing"],
        ),
        (
            "raw_orders",
            {"items": [ITEM, SECOND | {"line_no": 1}]},
            ["breaks: line_no counts from 1"],
        ),
        ("raw_customers", {"name": None}, [ATTRIBUTES]),
        ("raw_customers", {"name": ""}, ["name is shorter than 1"]),
        ("raw_customers", {"name": "é" * 101}, ["name is longer than 200 bytes"]),
        ("raw_customers", {"email": "ada"}, [r"email does not match ^[^@\s]+@[^@\s]+\.[a-z]+$"]),
        (
            "raw_customers",
            {"segment": "vip"},
            ["segment is not one of consumer, regular, loyal, business"],
        ),
        (
            "raw_customers",
            {"created_at": NOON + timedelta(days=1)},
            ["breaks: created_at is not after changed_at"],
        ),
        ("raw_customers", {"op": "D"}, ["breaks: an erasure carries no attribute"]),
        ("raw_products", {"name": None}, ["name is missing"]),
        ("raw_products", {"sku": "tent"}, ["sku does not match ^[A-Z]{3}-[0-9]+$"]),
        ("raw_products", {"unit_price": Decimal("0.00")}, ["unit_price is not above 0"]),
        ("raw_products", {"unit_cost": None}, ["unit_cost is missing"]),
        ("raw_products", {"currency": "USD"}, ["currency is not one of EUR"]),
        ("raw_products", {"is_active": None}, ["is_active is missing"]),
        ("raw_fx_rates", {"rate": Decimal("-0.92")}, ["rate is not above 0"]),
        ("raw_fx_rates", {"rate": None}, ["rate is missing"]),
        ("raw_fx_rates", {"rate_date": None}, ["rate_date is missing"]),
        (
            "raw_fx_rates",
            {"base_currency": "EUR"},
            ["base_currency is not one of USD, GBP, CHF, SEK, PLN"],
        ),
        ("raw_fx_rates", {"quote_currency": "USD"}, ["quote_currency is not one of EUR"]),
    ],
)
def test_a_row_that_breaks_the_contract_is_rejected_for_that_reason(
    table: str, change: dict[str, Any], wanted: list[str]
) -> None:
    assert reasons(table, GOOD[table] | change) == wanted


def test_an_erasure_without_attributes_passes() -> None:
    assert reasons("raw_customers", ERASED) == [""]
    assert reasons("raw_customers", ERASED | {"city": "London"}) == [
        "breaks: an erasure carries no attribute"
    ]


def test_a_reject_keeps_the_whole_row() -> None:
    rows = frame("raw_fx_rates", RATE | {"rate": Decimal("-0.92")})
    rejected = enforce(load_contract("raw_fx_rates"), rows).rejected
    payload = (
        '{"rate_date":"2026-01-01","base_currency":"USD","quote_currency":"EUR","change_seq":1,'
        '"changed_at":"2026-01-01 12:00:00.000000","op":"I","rate":"-0.92000000",'
        '"_window_start":"2026-01-01 12:00:00.000000"}'
    )
    assert rejected.rows() == [
        (NOON, hashlib.sha256(payload.encode()).hexdigest(), "rate is not above 0", payload)
    ]


def test_an_oversized_reject_is_cut_to_what_its_table_holds() -> None:
    rows = frame("raw_customers", CUSTOMER | {"name": "é" * 50_000})
    rejected = enforce(load_contract("raw_customers"), rows).rejected
    assert rejected["payload"].str.len_bytes().to_list() == [65_532]


def test_exact_copies_are_dropped_and_different_rows_of_one_key_are_rejected() -> None:
    later = ORDER | {"_window_start": NOON + timedelta(minutes=5)}
    conflicting = ORDER | {"channel": "app"}
    rows = frame("raw_orders", ORDER, ORDER, conflicting, later, conflicting, ORDER)
    enforced = enforce(load_contract("raw_orders"), rows)
    # Another window is another load: what it holds does not depend on what is batched with it.
    assert enforced.accepted.equals(frame("raw_orders", ORDER, later))
    assert enforced.rejected["reason"].to_list() == [
        "another row has the same key: order_id, change_seq, changed_at"
    ]
    assert json.loads(enforced.rejected["payload"][0])["channel"] == "app"
    assert enforced.duplicates_dropped == 3


def test_a_broken_row_does_not_take_the_place_of_the_good_one() -> None:
    broken = ORDER | {"status": "lost"}
    enforced = enforce(load_contract("raw_orders"), frame("raw_orders", broken, ORDER))
    assert enforced.accepted.equals(frame("raw_orders", ORDER))
    assert len(enforced.rejected) == 1


def test_control_totals_are_per_window() -> None:
    later = {"order_id": 2, "_window_start": NOON + timedelta(minutes=5)}
    last = {"order_id": 3, "_window_start": NOON + timedelta(minutes=10)}
    rows = frame(
        "raw_orders",
        ORDER,
        ORDER | {"order_id": 4},
        ORDER | {"status": "lost"},
        ORDER | later,
        ORDER | last | {"currency": "JPY"},
    )
    contract = load_contract("raw_orders")
    assert control_totals(contract, enforce(contract, rows)) == {
        NOON_UTC: WindowTotals(2, 1, Decimal("89.80")),
        NOON_UTC + timedelta(minutes=5): WindowTotals(1, 0, Decimal("44.90")),
        NOON_UTC + timedelta(minutes=10): WindowTotals(0, 1, Decimal(0)),
    }


@pytest.mark.parametrize("table", GOOD)
def test_nothing_in_is_nothing_out(table: str) -> None:
    contract = load_contract(table)
    enforced = enforce(contract, frame(table))
    assert (len(enforced.accepted), len(enforced.rejected), enforced.duplicates_dropped) == (
        0,
        0,
        0,
    )
    assert control_totals(contract, enforced) == {}


@pytest.mark.parametrize("day", [0, 1, 45, 700])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_what_a_source_sends_passes_unless_it_was_broken_on_purpose(
    source: Source, day: int
) -> None:
    settings = WorldSettings(orders_per_day=1000, duplicate_rate=0.05, invalid_rate=0.05)
    start = settings.epoch + timedelta(days=day)
    end = start + timedelta(days=1)
    sent = source.events(settings, start, end)
    enforced = enforce(source.contract, sent)
    events = source.changes(settings, microseconds(start), microseconds(end))
    assert len(enforced.accepted) == len(events)
    assert len(enforced.rejected) == is_broken(settings, source.name, events).sum()
    assert enforced.duplicates_dropped == is_duplicated(settings, source.name, events).sum()
    assert len(sent) == (
        len(enforced.accepted) + len(enforced.rejected) + enforced.duplicates_dropped
    )
    assert sent.columns == [column.name for column in source.contract.sent_columns]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_way_to_break_a_row_is_seen(source: Source) -> None:
    settings = WorldSettings(orders_per_day=500, duplicate_rate=0, invalid_rate=0)
    start = settings.epoch + timedelta(days=60)
    rows = source.events(settings, start, start + timedelta(days=10))
    for breakage in source.breakages:
        enforced = enforce(source.contract, rows.with_columns(*breakage))
        assert (len(enforced.accepted), len(enforced.rejected)) == (0, len(rows))


def test_ndjson_has_decimals_as_text_and_microseconds() -> None:
    line = to_ndjson(frame("raw_orders", ORDER))
    assert line.decode() == (
        '{"order_id":1,"change_seq":1,"changed_at":"2026-01-01 12:00:00.000000","op":"I",'
        '"customer_id":100001,"ordered_at":"2026-01-01 12:00:00.000000","status":"placed",'
        '"channel":"web","currency":"EUR","ship_country_code":"DE","shipping_amount":"4.90",'
        '"total_amount":"44.90","items":[{"line_no":1,"product_id":1001,"quantity":2,'
        '"unit_price":"10.50","discount_amount":"1.00"},{"line_no":2,"product_id":1002,'
        '"quantity":2,"unit_price":"10.50","discount_amount":"1.00"}],'
        '"_window_start":"2026-01-01 12:00:00.000000"}\n'
    )


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    rows = frame("raw_orders", ORDER)
    to_parquet(rows, tmp_path / "orders.parquet")
    assert pl.read_parquet(tmp_path / "orders.parquet").equals(rows)
