"""The `columns` header: which fields the data has, and how columns are computed from them."""

from dataclasses import dataclass
from typing import Self

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_warehouse.stream_load.errors import LoadError

_ALLOWED = (
    exp.Literal,
    exp.Null,
    exp.Boolean,
    exp.Column,
    exp.Identifier,
    exp.Paren,
    exp.Neg,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Concat,
    exp.Coalesce,
    exp.Cast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Upper,
    exp.Lower,
    exp.Trim,
    exp.Case,
    exp.If,
    exp.EQ,
    exp.NEQ,
    exp.Is,
    exp.Not,
    exp.And,
    exp.Or,
)
"""Expressions that mean the same in StarRocks and in DuckDB; any other one is refused."""


@dataclass(frozen=True)
class ColumnsHeader:
    """A parsed header.

    Attributes:
        fields: Names of the fields in the data, in order; some may be no columns of the table.
        mappings: Column name to a DuckDB expression over the fields, which are all text.
    """

    fields: tuple[str, ...]
    mappings: dict[str, str]

    @classmethod
    def parse(cls, header: str) -> Self:
        """Read the header.

        Raises:
            LoadError: It has a syntax error, a duplicate, or an expression that is unsupported.
        """
        fields: list[str] = []
        mappings: dict[str, str] = {}
        for item in _split(header):
            name, equals, expression = item.partition("=")
            name = name.strip().strip("`")
            if not name:
                raise LoadError(f"Syntax error in columns header: '{item.strip()}'")
            if name.lower() in (known.lower() for known in (*fields, *mappings)) and not (
                equals and name in fields and name not in mappings
            ):
                raise LoadError(f"Duplicate column: {name}")
            if equals:
                mappings[name] = expression
            else:
                fields.append(name)
        translated = {name: _translated(text, fields) for name, text in mappings.items()}
        return cls(tuple(fields), translated)


def _split(header: str) -> list[str]:
    """Split at the commas that lie outside quotes and parentheses."""
    items = [""]
    quote = ""
    depth = 0
    for character in header:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and depth == 0:
            items.append("")
            continue
        items[-1] += character
    if quote or depth:
        raise LoadError(f"Syntax error in columns header: '{items[-1].strip()}'")
    return items


def _translated(expression: str, fields: list[str]) -> str:
    try:
        tree = sqlglot.parse_one(expression, read="starrocks")
    except SqlglotError:
        raise LoadError(f"Syntax error in columns header: '{expression.strip()}'") from None
    known = {field.lower(): field for field in fields}
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            raise LoadError(
                f"Expression '{expression.strip()}' in the columns header is not supported by "
                "the local warehouse: use constants, fields, CAST, CONCAT, COALESCE, CASE"
            )
        if isinstance(node, exp.Column):
            if node.name.lower() not in known:
                raise LoadError(f"Column '{node.name}' cannot be resolved")
            node.set("this", exp.to_identifier(known[node.name.lower()], quoted=True))
    return tree.transform(_as_try_cast).sql(dialect="duckdb")


def _as_try_cast(node: exp.Expression) -> exp.Expression:
    """A CAST that fails is NULL in StarRocks."""
    return exp.TryCast(this=node.this, to=node.to) if isinstance(node, exp.Cast) else node
