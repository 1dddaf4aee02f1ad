"""StarRocks data types and their DuckDB counterparts."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlglot import exp

from local_warehouse.engine.errors import analysis_error

STRING_LENGTH = 65533
"""Bytes in a STRING and in a VARCHAR without a length."""

MAX_VARCHAR_LENGTH = 1048576
"""Bytes in the VARCHAR that CREATE TABLE AS SELECT makes of any text."""


class Kind(StrEnum):
    """The family of a type, by its StarRocks name."""

    BOOLEAN = "boolean"
    TINYINT = "tinyint"
    SMALLINT = "smallint"
    INT = "int"
    BIGINT = "bigint"
    LARGEINT = "largeint"
    FLOAT = "float"
    DOUBLE = "double"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    CHAR = "char"
    VARCHAR = "varchar"
    VARBINARY = "varbinary"
    JSON = "json"
    ARRAY = "array"
    MAP = "map"
    STRUCT = "struct"


@dataclass(frozen=True)
class Type:
    """A StarRocks type.

    Attributes:
        kind: the family.
        length: the most bytes of a CHAR, VARCHAR or VARBINARY.
        precision: digits of a DECIMAL.
        scale: digits after the point of a DECIMAL.
        nested: DuckDB's name of an ARRAY, MAP or STRUCT.
    """

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    nested: str | None = None

    def __str__(self) -> str:
        """The type as DESC shows it."""
        if self.kind is Kind.DECIMAL:
            return f"decimal({self.precision}, {self.scale})"
        if self.kind is Kind.BOOLEAN:
            return "boolean"
        if self.length is not None:
            return f"{self.kind}({self.length})"
        if self.nested is not None:
            return _nested_name(self.nested)
        return str(self.kind)

    @property
    def duckdb(self) -> str:
        """The DuckDB type that stores it."""
        if self.kind is Kind.DECIMAL:
            return f"DECIMAL({self.precision},{self.scale})"
        if self.nested is not None:
            return self.nested
        return _TO_DUCKDB[self.kind]

    @property
    def is_text(self) -> bool:
        """Whether a length in bytes limits its values."""
        return self.kind in (Kind.CHAR, Kind.VARCHAR)


_TO_DUCKDB = {
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TINYINT: "TINYINT",
    Kind.SMALLINT: "SMALLINT",
    Kind.INT: "INTEGER",
    Kind.BIGINT: "BIGINT",
    Kind.LARGEINT: "HUGEINT",
    Kind.FLOAT: "FLOAT",
    Kind.DOUBLE: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.DATETIME: "TIMESTAMP",
    Kind.CHAR: "VARCHAR",
    Kind.VARCHAR: "VARCHAR",
    Kind.VARBINARY: "BLOB",
    Kind.JSON: "JSON",
}

_FROM_DUCKDB = {
    "BOOLEAN": Kind.BOOLEAN,
    "TINYINT": Kind.TINYINT,
    "SMALLINT": Kind.SMALLINT,
    "INTEGER": Kind.INT,
    "BIGINT": Kind.BIGINT,
    # StarRocks sums and counts in BIGINT; DuckDB sums integers in HUGEINT.
    "HUGEINT": Kind.BIGINT,
    "UTINYINT": Kind.SMALLINT,
    "USMALLINT": Kind.INT,
    "UINTEGER": Kind.BIGINT,
    "UBIGINT": Kind.LARGEINT,
    "FLOAT": Kind.FLOAT,
    "DOUBLE": Kind.DOUBLE,
    "DATE": Kind.DATE,
    "TIMESTAMP": Kind.DATETIME,
    "TIMESTAMP_S": Kind.DATETIME,
    "TIMESTAMP_MS": Kind.DATETIME,
    "TIMESTAMP WITH TIME ZONE": Kind.DATETIME,
    "JSON": Kind.JSON,
}

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def from_duckdb(name: str) -> Type:
    """The StarRocks type of a column that DuckDB computed, for example of a query's result."""
    if match := _DECIMAL.fullmatch(name):
        return Type(Kind.DECIMAL, precision=int(match[1]), scale=int(match[2]))
    if name.endswith("[]"):
        return Type(Kind.ARRAY, nested=name)
    if name.startswith("MAP("):
        return Type(Kind.MAP, nested=name)
    if name.startswith("STRUCT("):
        return Type(Kind.STRUCT, nested=name)
    if name == "BLOB":
        return Type(Kind.VARBINARY, length=MAX_VARCHAR_LENGTH)
    kind = _FROM_DUCKDB.get(name)
    return Type(kind) if kind else Type(Kind.VARCHAR, length=MAX_VARCHAR_LENGTH)


_FROM_SQLGLOT = {
    exp.DType.BOOLEAN: Kind.BOOLEAN,
    exp.DType.TINYINT: Kind.TINYINT,
    exp.DType.SMALLINT: Kind.SMALLINT,
    exp.DType.INT: Kind.INT,
    exp.DType.BIGINT: Kind.BIGINT,
    exp.DType.INT128: Kind.LARGEINT,
    exp.DType.FLOAT: Kind.FLOAT,
    exp.DType.DOUBLE: Kind.DOUBLE,
    exp.DType.DATE: Kind.DATE,
    exp.DType.DATETIME: Kind.DATETIME,
    exp.DType.TIMESTAMP: Kind.DATETIME,
    exp.DType.JSON: Kind.JSON,
}


def from_syntax(node: exp.DataType) -> Type:
    """The type that a statement names.

    Raises:
        WarehouseError: the warehouse has no such type (1064).
    """
    parameters = [int(parameter.name) for parameter in node.expressions if parameter.name.isdigit()]
    kind = node.this
    if kind in (exp.DType.DECIMAL, exp.DType.UDECIMAL):
        precision, scale = ([*parameters, 0] if parameters else [10, 0])[:2]
        if precision > 38 or scale > precision:
            raise analysis_error(f"DECIMAL({precision}, {scale}) is out of range")
        return Type(Kind.DECIMAL, precision=precision, scale=scale)
    if kind in (exp.DType.CHAR, exp.DType.NCHAR):
        return Type(Kind.CHAR, length=parameters[0] if parameters else 1)
    if kind in (exp.DType.VARCHAR, exp.DType.NVARCHAR, exp.DType.TEXT):
        return Type(Kind.VARCHAR, length=parameters[0] if parameters else STRING_LENGTH)
    if kind in (exp.DType.VARBINARY, exp.DType.BINARY):
        return Type(Kind.VARBINARY, length=parameters[0] if parameters else MAX_VARCHAR_LENGTH)
    if kind is exp.DType.ARRAY:
        element = from_syntax(node.expressions[0])
        return Type(Kind.ARRAY, nested=f"{element.duckdb}[]")
    if kind is exp.DType.MAP:
        key, value = (from_syntax(part) for part in node.expressions)
        return Type(Kind.MAP, nested=f"MAP({key.duckdb}, {value.duckdb})")
    if kind is exp.DType.STRUCT:
        fields = (f'"{field.name}" {from_syntax(field.kind).duckdb}' for field in node.expressions)
        return Type(Kind.STRUCT, nested=f"STRUCT({', '.join(fields)})")
    simple = _FROM_SQLGLOT.get(kind)
    if simple is None:
        raise analysis_error(f"Unsupported data type {node.sql(dialect='starrocks')}")
    return Type(simple)


@lru_cache(maxsize=1024)
def parse(text: str) -> Type:
    """Reads a type back that `str(Type)` or a statement wrote.

    Raises:
        WarehouseError: the warehouse has no such type (1064).
    """
    return from_syntax(exp.DataType.build(text, dialect="starrocks"))


def duckdb_type(starrocks_type: str) -> str:
    """The DuckDB type that stores a StarRocks type, both by name.

    Raises:
        WarehouseError: the warehouse has no such type (1064).
    """
    return parse(starrocks_type).duckdb


def _nested_name(nested: str) -> str:
    if nested.endswith("[]"):
        return f"array<{from_duckdb(nested.removesuffix('[]'))}>"
    return exp.DataType.build(nested, dialect="duckdb").sql(dialect="starrocks").lower()
