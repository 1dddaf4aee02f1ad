"""INSERT … VALUES of literals, without a syntax tree.

A seed of 1,000 rows has tens of thousands of literals: a second through the parser, a few
hundredths of it through the tokens alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import Token, TokenType, exp

from local_warehouse.engine.catalog import TableColumn
from local_warehouse.engine.transpile import parse, tokenize
from local_warehouse.engine.types import Kind

_START = re.compile(r"\s*(?:/\*.*?\*/\s*)?insert\s+into\b", re.IGNORECASE | re.DOTALL)
_SMALL = 2000
"""Characters below which the parser is quick enough."""

_WHOLE = frozenset({Kind.TINYINT, Kind.SMALLINT, Kind.INT, Kind.BIGINT, Kind.LARGEINT})


@dataclass(frozen=True)
class LiteralInsert:
    """INSERT INTO … VALUES with nothing but literals.

    Attributes:
        head: the parsed statement with a single row in the place of all.
        rows: the literals; None is NULL, text is a string, a token a number or truth value.
    """

    head: exp.Insert
    rows: list[list["Literal"]]


Literal = str | bool | None | tuple[str]
"""A string, a truth value, NULL, or a number's text in a tuple."""


def read_literal_insert(sql: str) -> LiteralInsert | None:
    """Reads a long INSERT of literals; None for everything else."""
    if len(sql) < _SMALL or not _START.match(sql):
        return None
    tokens = tokenize(sql)
    start = next(
        (index for index, token in enumerate(tokens) if token.token_type is TokenType.VALUES), None
    )
    if start is None:
        return None
    rows = _read_rows(tokens[start + 1 :])
    if rows is None:
        return None
    head = parse(sql[: tokens[start].end + 1] + " (1)")
    if len(head) != 1 or not isinstance(head[0], exp.Insert):
        return None
    return LiteralInsert(head[0], rows)


def to_duckdb_values(rows: list[list[Literal]], columns: list[TableColumn]) -> str:
    """The rows as DuckDB's `(…), (…)`."""
    kinds = [column.type.kind for column in columns]
    return ", ".join(
        "(" + ", ".join(map(_cell, row, kinds)) + ")" if len(row) == len(kinds) else "()"
        for row in rows
    )


def _cell(value: Literal, kind: Kind) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return ("1" if value else "0") if kind is not Kind.BOOLEAN else str(value)
    if isinstance(value, tuple):
        number = value[0]
        if kind in (Kind.VARCHAR, Kind.CHAR):
            return f"'{number}'"
        if kind in _WHOLE and "e" not in number.lower():
            # StarRocks cuts fractions off where DuckDB rounds.
            return number.split(".")[0] or "0"
        return number
    return "'" + value.replace("'", "''") + "'"


def _read_rows(tokens: list[Token]) -> list[list[Literal]] | None:
    """Rows of `(literal, …), …`, or None at the first token that fits in no such list."""
    rows: list[list[Literal]] = []
    row: list[Literal] | None = None
    negative = False
    for token in tokens:
        kind = token.token_type
        if kind is TokenType.L_PAREN and row is None:
            row = []
        elif kind is TokenType.R_PAREN and row is not None:
            rows.append(row)
            row = None
        elif kind is TokenType.DASH and row is not None:
            negative = True
            continue
        elif kind in _LITERALS and row is not None and not (negative and kind not in _NUMBER):
            row.append(_LITERALS[kind](f"-{token.text}" if negative else token.text))
        elif kind is not TokenType.COMMA and kind is not TokenType.SEMICOLON:
            return None
        negative = False
    return rows if row is None else None


_NUMBER = frozenset({TokenType.NUMBER})
_LITERALS: dict[TokenType, Callable[[str], Literal]] = {
    TokenType.STRING: lambda text: text,
    TokenType.NUMBER: lambda text: (text,),
    TokenType.NULL: lambda _: None,
    TokenType.TRUE: lambda _: True,
    TokenType.FALSE: lambda _: False,
}
