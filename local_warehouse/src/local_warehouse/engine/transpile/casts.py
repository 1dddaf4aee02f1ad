"""CAST: StarRocks yields NULL where DuckDB raises, and cuts fractions where DuckDB rounds."""

from sqlglot import exp

from local_warehouse.engine import types
from local_warehouse.engine.transpile.building import macro, text
from local_warehouse.engine.types import Kind

_WHOLE = frozenset({Kind.TINYINT, Kind.SMALLINT, Kind.INT, Kind.BIGINT, Kind.LARGEINT})


def rewrite_cast(node: exp.Cast) -> exp.Expression:
    """The DuckDB form of a cast.

    Raises:
        WarehouseError: there is no such type (1064).
    """
    target = types.from_syntax(node.to)
    value = node.this
    if target.kind in _WHOLE:
        return _try_cast(macro("whole", value), target.duckdb)
    if target.is_text:
        return text(value)
    if target.kind is Kind.DATETIME:
        return macro("datetime", value)
    if target.kind is Kind.DATE:
        return macro("date", value)
    if target.kind is Kind.BOOLEAN:
        return macro("boolean", value)
    if target.kind is Kind.JSON:
        return macro("json", value)
    if target.nested == "JSON[]":
        return macro("json_array_of", value)
    return _try_cast(value, target.duckdb)


def _try_cast(value: exp.Expression, duckdb_type: str) -> exp.Expression:
    data_type = exp.DataType.build(duckdb_type, dialect="duckdb")
    return exp.TryCast(this=value, to=data_type)
