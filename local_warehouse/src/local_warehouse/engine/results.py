"""What a statement hands back."""

from dataclasses import dataclass, field
from typing import Any

from local_warehouse.engine.types import MAX_VARCHAR_LENGTH, Kind, Type

VARCHAR = Type(Kind.VARCHAR, length=MAX_VARCHAR_LENGTH)
BIGINT = Type(Kind.BIGINT)


@dataclass(frozen=True)
class Column:
    """A column of a result set.

    Attributes:
        name: its label.
        type: its StarRocks type, from which the wire derives the protocol's type.
    """

    name: str
    type: Type


@dataclass(frozen=True)
class Result:
    """The outcome of one statement.

    Attributes:
        columns: None for a statement without a result set.
        rows: Python values; DATETIME as datetime, DECIMAL as Decimal; ARRAY, MAP, STRUCT as text.
        affected_rows: rows written.
    """

    columns: list[Column] | None = None
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    affected_rows: int = 0


def text_table(names: list[str], rows: list[tuple[Any, ...]]) -> Result:
    """A result set of text columns, as the SHOW statements return."""
    return Result([Column(name, VARCHAR) for name in names], rows)
