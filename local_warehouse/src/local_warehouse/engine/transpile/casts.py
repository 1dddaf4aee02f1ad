"""CAST: StarRocks yields NULL where DuckDB raises, and cuts fractions where DuckDB rounds."""

from sqlglot import exp

from local_warehouse.engine import types
from local_warehouse.engine.transpile.building import convert, macro
from local_warehouse.engine.transpile.families import FAMILIES, Family, typed

_CONVERTED = frozenset({Family.TEXT, Family.DATETIME, Family.DATE, Family.BOOLEAN, Family.JSON})


def rewrite_cast(node: exp.Cast) -> exp.Expr:
    """The DuckDB form of a cast.

    Raises:
        WarehouseError: there is no such type (1064).
    """
    target = types.from_syntax(node.to)
    family = FAMILIES.get(target.kind)
    if family in _CONVERTED:
        return convert(node.this, family)
    if target.nested == "JSON[]":
        return macro("json_array_of", node.this)
    value = convert(node.this, Family.WHOLE) if family is Family.WHOLE else node.this
    data_type = exp.DataType.build(target.duckdb, dialect="duckdb")
    return typed(exp.TryCast(this=value, to=data_type), family)
