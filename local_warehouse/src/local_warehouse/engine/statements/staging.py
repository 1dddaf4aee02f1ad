"""Rows on their way into a table, in a temporary table of the session's own DuckDB connection.

Staging runs outside the write lock, so that a long query holds up no loader.
"""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb

from local_warehouse.engine import types
from local_warehouse.engine.catalog import TableColumn
from local_warehouse.engine.errors import WarehouseError, from_duckdb
from local_warehouse.engine.transpile import Scope
from local_warehouse.engine.types import Kind, Type

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session

STAGED = "staged"

_WHOLE = frozenset({Kind.TINYINT, Kind.SMALLINT, Kind.INT, Kind.BIGINT, Kind.LARGEINT})
_WHOLE_SOURCES = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT"})
_TIME_SOURCES = frozenset({"DATE", "TIMESTAMP"})


def stage_query(
    session: "Session", columns: Sequence[TableColumn], make_sql: Callable[[Scope], str]
) -> None:
    """Runs a query into the staging table, its columns converted to the target's types.

    Raises:
        WarehouseError: the query fails, has another number of columns, or yields a value that a
            column cannot hold (1064).
    """

    def stage(sql: str) -> None:
        cursor = session.cursor
        described = cursor.execute(f"describe {sql}").fetchall()
        if len(described) != len(columns):
            raise WarehouseError(
                1064,
                "21S01",
                f"Getting analyzing error. Detail message: Column count doesn't match value count. "
                f"Inserting {len(described)} values into {len(columns)} columns.",
            )
        names = [f"v{index}" for index in range(len(columns))]
        converted = ", ".join(
            f'{assign(name, row[1], column)} as "{column.name}"'
            for name, row, column in zip(names, described, columns, strict=True)
        )
        cursor.execute(
            f"create or replace temp table {STAGED} as "
            f"select {converted} from ({sql}) as q({', '.join(names)})"
        )

    _with_fresh_catalog(session, make_sql, stage)


def stage_untyped(session: "Session", make_sql: Callable[[Scope], str]) -> list[tuple[str, Type]]:
    """Runs a query into the staging table as it is.

    Returns:
        The names and types of its columns.

    Raises:
        WarehouseError: the query fails.
    """
    columns: list[tuple[str, Type]] = []

    def stage(sql: str) -> None:
        session.cursor.execute(f"create or replace temp table {STAGED} as {sql}")
        described = session.cursor.execute(f"describe {STAGED}").fetchall()
        columns.extend((row[0], types.from_duckdb(row[1])) for row in described)

    _with_fresh_catalog(session, make_sql, stage)
    return columns


def stage_values(session: "Session", columns: Sequence[TableColumn], values: str) -> None:
    """Stages a list of rows, `(…), (…)` in DuckDB's words.

    Raises:
        WarehouseError: a value does not fit its column (1064).
    """
    typed = ", ".join(f'"{column.name}" {column.type.duckdb}' for column in columns)
    try:
        session.cursor.execute(f"create or replace temp table {STAGED} ({typed})")
        session.cursor.execute(f"insert into {STAGED} values {values}")
    except duckdb.Error as error:
        raise from_duckdb(error) from error


def unstage(session: "Session") -> None:
    """Frees the staged rows."""
    session.cursor.execute(f"drop table if exists temp.{STAGED}")


def assign(value: str, source: str, column: TableColumn) -> str:
    """The DuckDB expression that puts a value of one DuckDB type into a column."""
    target = column.type
    if source == target.duckdb:
        return value
    if target.is_text:
        return f"functions.text({value})"
    if target.kind is Kind.JSON:
        return f"functions.json({value})"
    if target.kind in _WHOLE and source not in _WHOLE_SOURCES:
        return f"cast({_strict('whole', value, column)} as {target.duckdb})"
    if target.kind is Kind.BOOLEAN:
        return _strict("boolean", value, column)
    if target.kind in (Kind.DATE, Kind.DATETIME) and source not in _TIME_SOURCES:
        return f"cast({_strict('datetime', value, column)} as {target.duckdb})"
    return f"cast({value} as {target.duckdb})"


def _strict(macro: str, value: str, column: TableColumn) -> str:
    message = f"Value is out of range. The type of ''{column.name}'' is {column.type}"
    return f"functions.strict(functions.{macro}({value}), {value}, '{message}')"


def _with_fresh_catalog(
    session: "Session", make_sql: Callable[[Scope], str], stage: Callable[[str], None]
) -> None:
    """Stages, and once more when a source table was replaced in between."""
    while True:
        scope = session.scope
        try:
            stage(make_sql(scope))
        except duckdb.CatalogException as error:
            if session.warehouse.settled_catalog() is scope.catalog:
                raise from_duckdb(error) from error
        except duckdb.Error as error:
            raise from_duckdb(error) from error
        else:
            return
