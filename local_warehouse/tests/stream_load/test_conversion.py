import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from local_warehouse.engine import TableColumn
from local_warehouse.engine.types import parse
from local_warehouse.stream_load.conversion import field_type, reasons, value_expression


def convert(
    type_name: str, text: str | None, *, strict: bool = True, nullable: bool = True
) -> tuple[Any, str | None]:
    """The value of a field, and the first reason to filter its row."""
    column = TableColumn("c", parse(type_name), nullable)
    found = reasons(column, "raw", "value", strict=strict)
    cases = " ".join(f"WHEN {reason.condition} THEN {reason.message}" for reason in found)
    row = duckdb.execute(
        f"SELECT value, CASE {cases} WHEN false THEN '' END "
        f"FROM (SELECT raw, {value_expression(column, 'raw')} AS value "
        f"FROM (SELECT CAST(? AS {field_type(column)}) AS raw))",
        [text],
    ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("BIGINT", "9223372036854775807", 9223372036854775807),
        ("BIGINT", " 12 ", 12),
        ("BIGINT", "+5", 5),
        ("BIGINT", "1.7", 1),
        ("BIGINT", "-1.7", -1),
        ("BIGINT", "1e3", 1000),
        ("TINYINT", "-128", -128),
        ("LARGEINT", "170141183460469231731687303715884105727", 2**127 - 1),
        ("DECIMAL(18,2)", "12.50", Decimal("12.50")),
        ("DECIMAL(18,2)", "1.005", Decimal("1.01")),
        ("DECIMAL(18,2)", "-1.005", Decimal("-1.01")),
        ("DECIMAL(18,8)", "1.0e-7", Decimal("0.00000010")),
        ("DECIMAL(18,2)", "1234567890123456.78", Decimal("1234567890123456.78")),
        ("DOUBLE", "1.5e3", 1500.0),
        ("BOOLEAN", "true", True),
        ("BOOLEAN", "FALSE", False),
        ("BOOLEAN", "2", True),
        ("BOOLEAN", "0", False),
        ("DATE", "2026-01-02", datetime.date(2026, 1, 2)),
        ("DATE", "2026-01-02 23:59:59", datetime.date(2026, 1, 2)),
        ("DATE", "20260102", datetime.date(2026, 1, 2)),
        (
            "DATETIME",
            "2026-01-02 03:04:05.123456",
            datetime.datetime.fromisoformat("2026-01-02 03:04:05.123456"),
        ),
        (
            "DATETIME",
            "2026-01-02T03:04:05.1234567",
            datetime.datetime.fromisoformat("2026-01-02 03:04:05.123456"),
        ),
        (
            "DATETIME",
            "2026-01-02 03:04:05+08:00",
            datetime.datetime.fromisoformat("2026-01-02 03:04:05"),
        ),
        (
            "DATETIME",
            "2026-01-02 03:04:05Z",
            datetime.datetime.fromisoformat("2026-01-02 03:04:05"),
        ),
        ("DATETIME", "2026/1/2 3:4:5", datetime.datetime.fromisoformat("2026-01-02 03:04:05")),
        ("DATETIME", "20260102030405", datetime.datetime.fromisoformat("2026-01-02 03:04:05")),
        ("DATETIME", "26-01-02", datetime.datetime.fromisoformat("2026-01-02")),
        ("DATETIME", "71-01-02", datetime.datetime.fromisoformat("1971-01-02")),
        ("VARCHAR(3)", "äa", "äa"),
        ("STRING", "", ""),
        ("VARBINARY", "ä", "ä".encode()),
        ("JSON", '[{"price":"12.50"}]', '[{"price":"12.50"}]'),
        ("JSON", '"text"', '"text"'),
        ("ARRAY<INT>", "[1,2]", [1, 2]),
        ("BIGINT", None, None),
    ],
)
def test_values_convert(type_name: str, text: str | None, value: Any) -> None:
    assert convert(type_name, text) == (value, None)


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("BIGINT", "abc"),
        ("BIGINT", ""),
        ("BIGINT", "true"),
        ("BIGINT", "0x10"),
        ("BIGINT", "1_000"),
        ("BIGINT", "9223372036854775808"),
        ("TINYINT", "128"),
        ("DECIMAL(18, 2)", "12,50"),
        ("DECIMAL(18, 2)", "1_000"),
        ("DOUBLE", "nan"),
        ("BOOLEAN", "yes"),
        ("DATE", "2026-02-30"),
        ("DATETIME", "1601272108190"),
        ("DATETIME", "10000-01-01 00:00:00"),
        ("DATETIME", "infinity"),
        ("ARRAY<INT>", '{"a":1}'),
    ],
)
def test_what_does_not_convert_is_null_or_in_strict_mode_filtered(
    type_name: str, text: str
) -> None:
    shown = str(parse(type_name)).upper()
    message = f"Value '{text}' is out of range. The type of 'c' is {shown}"
    assert convert(type_name, text, strict=False) == (None, None)
    assert convert(type_name, text, strict=True) == (None, message)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("type_name", "text", "message"),
    [
        (
            "VARCHAR(3)",
            "ää",
            "String 'ää'(length=4) is too long. The max length of 'c' is 3",
        ),
        (
            "VARCHAR(200)",
            "x" * 201,
            f"String '{'x' * 100}'(length=201) is too long. The max length of 'c' is 200",
        ),
        (
            "DECIMAL(5,2)",
            "1000",
            "Decimal '1000' is out of range. The type of 'c' is DECIMAL(5, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_filtered_in_both_modes(
    type_name: str, text: str, message: str, strict: bool
) -> None:
    assert convert(type_name, text, strict=strict)[1] == message


@pytest.mark.parametrize(("text", "strict"), [(None, True), (None, False), ("abc", False)])
def test_null_is_filtered_where_the_column_takes_none(text: str | None, strict: bool) -> None:
    message = "NULL value in non-nullable column 'c'"
    assert convert("BIGINT", text, strict=strict, nullable=False) == (None, message)
