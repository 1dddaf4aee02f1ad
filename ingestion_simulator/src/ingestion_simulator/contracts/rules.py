"""What a contract forbids, as expressions that are true for a row that breaks it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from ingestion_simulator.contracts.contract import Column, Contract

_VARCHAR = re.compile(r"VARCHAR\((\d+)\)")
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Rule:
    """A reason for rejecting a row, and the expression that finds such rows."""

    reason: str
    broken: pl.Expr


def rules_of(contract: Contract) -> list[Rule]:
    """Everything that the contract forbids, in the order of its columns, then of its rules."""
    rules = []
    for column in contract.sent_columns:
        rules += [
            Rule(f"{column.name} {reason}", broken)
            for reason, broken in _column_rules(column, pl.col(column.name))
        ]
        for inner in column.fields:
            rules += [
                Rule(f"{column.name}.{inner.name} {reason}", _any_item(column, broken))
                for reason, broken in _column_rules(inner, pl.element().struct.field(inner.name))
            ]
    rules += [
        Rule(f"breaks: {description}", TABLE_RULES[name](**arguments))
        for name, description, arguments in contract.rules
    ]
    # A comparison with a missing value is unknown, and an unknown breaks nothing.
    return [Rule(rule.reason, rule.broken.fill_null(value=False)) for rule in rules]


def _any_item(column: Column, broken: pl.Expr) -> pl.Expr:
    return pl.col(column.name).list.eval(broken.fill_null(value=False)).list.any()


def _column_rules(column: Column, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    if column.required:
        yield "is missing", value.is_null()
    if column.allowed:
        yield f"is not one of {', '.join(column.allowed)}", ~value.is_in(column.allowed)
    for option, bound in column.options.items():
        reason, broken = _OPTION_RULES[option]
        yield reason.format(bound), broken(value, bound)
    if varchar := _VARCHAR.fullmatch(column.type):
        # StarRocks counts the bytes of a VARCHAR, not its characters.
        length = int(varchar[1])
        yield f"is longer than {length} bytes", value.str.len_bytes() > length
    if decimal := _DECIMAL.fullmatch(column.type):
        limit = Decimal(10) ** (int(decimal[1]) - int(decimal[2]))
        yield f"is out of the range of {column.type}", value.abs() >= limit


_OPTION_RULES: dict[str, tuple[str, Callable[[pl.Expr, Any], pl.Expr]]] = {
    "minimum": ("is below {}", lambda value, bound: value < bound),
    "exclusiveMinimum": ("is not above {}", lambda value, bound: value <= bound),
    "pattern": ("does not match {}", lambda value, bound: ~value.str.contains(bound)),
    "minLength": ("is shorter than {}", lambda value, bound: value.str.len_chars() < bound),
    "minItems": ("has fewer items than {}", lambda value, bound: value.list.len() < bound),
    "maxItems": ("has more items than {}", lambda value, bound: value.list.len() > bound),
}


def _not_after(earlier: str, later: str) -> pl.Expr:
    return pl.col(earlier) > pl.col(later)


def _present_unless_deleted(columns: list[str]) -> pl.Expr:
    return (pl.col("op") != "D") & pl.any_horizontal(pl.col(columns).is_null())


def _absent_when_deleted(columns: list[str]) -> pl.Expr:
    return (pl.col("op") == "D") & pl.any_horizontal(pl.col(columns).is_not_null())


def _total_adds_up() -> pl.Expr:
    line = pl.element().struct
    amount = line.field("quantity") * line.field("unit_price") - line.field("discount_amount")
    goods = pl.col("items").list.eval(amount).list.sum()
    return goods + pl.col("shipping_amount") != pl.col("total_amount")


def _lines_are_numbered() -> pl.Expr:
    numbers = pl.element().struct.field("line_no")
    return ~pl.col("items").list.eval(numbers == pl.int_range(1, pl.len() + 1)).list.all()


TABLE_RULES: dict[str, Callable[..., pl.Expr]] = {
    "not_after": _not_after,
    "present_unless_deleted": _present_unless_deleted,
    "absent_when_deleted": _absent_when_deleted,
    "total_adds_up": _total_adds_up,
    "lines_are_numbered": _lines_are_numbered,
}
