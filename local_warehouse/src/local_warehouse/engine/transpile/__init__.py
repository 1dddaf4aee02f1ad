"""StarRocks SQL to DuckDB SQL: trees are rewritten by what each node means in StarRocks."""

from functools import lru_cache

from local_warehouse.engine.catalog import Catalog
from local_warehouse.engine.transpile.labels import label_columns, written_labels
from local_warehouse.engine.transpile.parsing import (
    parse,
    parse_expression,
    to_starrocks,
    tokenize,
)
from local_warehouse.engine.transpile.relations import names, qualify_tables
from local_warehouse.engine.transpile.rewrite import rewrite, to_duckdb
from local_warehouse.engine.transpile.scope import Scope


@lru_cache(maxsize=1024)
def scalar_to_duckdb(text: str) -> str:
    """The DuckDB text of a StarRocks expression over a table's own columns.

    Raises:
        WarehouseError: the expression is no StarRocks SQL (1064).
    """
    return to_duckdb(parse_expression(text), Scope(Catalog({})))


__all__ = [
    "Scope",
    "label_columns",
    "names",
    "parse",
    "parse_expression",
    "qualify_tables",
    "rewrite",
    "scalar_to_duckdb",
    "to_duckdb",
    "to_starrocks",
    "tokenize",
    "written_labels",
]
