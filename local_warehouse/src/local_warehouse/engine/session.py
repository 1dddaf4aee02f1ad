"""One client's connection."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import duckdb

from local_warehouse.engine import types
from local_warehouse.engine.catalog import CATALOG
from local_warehouse.engine.errors import WarehouseError, from_duckdb
from local_warehouse.engine.nodes import alive
from local_warehouse.engine.results import Column, Result
from local_warehouse.engine.statements import run
from local_warehouse.engine.statements.values import read_literal_insert
from local_warehouse.engine.transpile import Scope, parse
from local_warehouse.engine.types import Kind
from local_warehouse.engine.variables import DEFAULTS

if TYPE_CHECKING:
    from local_warehouse.engine.warehouse import Warehouse

INFORMATION_SCHEMA = "information_schema"


class Session:
    """Runs the statements of one user, one at a time.

    Attributes:
        warehouse: where the statements run.
        cursor: the DuckDB connection of this session's reads.
        user: who is logged in.
        connection_id: its number, unique in this process.
        variables: session variables by lower-case name.
    """

    def __init__(
        self,
        warehouse: "Warehouse",
        cursor: duckdb.DuckDBPyConnection,
        user: str,
        connection_id: int,
    ) -> None:
        self.warehouse = warehouse
        self.cursor = cursor
        self.user = user
        self.connection_id = connection_id
        self.variables: dict[str, str] = dict(DEFAULTS)
        self._database: str | None = None

    @property
    def database(self) -> str | None:
        """The current database; set it with `database` or `default_catalog.database`.

        Raises:
            WarehouseError: there is no such database (5501).
        """
        return self._database

    @database.setter
    def database(self, name: str) -> None:
        plain = name.removeprefix(f"{CATALOG}.")
        if plain != INFORMATION_SCHEMA:
            self.warehouse.catalog.database(plain)
        self._database = plain

    @property
    def scope(self) -> Scope:
        """What names mean to the next statement."""
        return Scope(
            catalog=self.warehouse.catalog,
            database=self._database,
            user=self.user,
            connection_id=self.connection_id,
            variables=self.variables,
            rows_readable=bool(alive(self.warehouse.backends)),
        )

    def execute(self, sql: str) -> list[Result]:
        """Runs the statements of a text in order.

        Returns:
            One result per statement; one empty result for an empty text.

        Raises:
            WarehouseError: a statement failed; those before it took effect.
        """
        insert = read_literal_insert(sql)
        if insert is not None:
            return [run(self, insert)]
        pipes_as_concat = "PIPES_AS_CONCAT" in self.variables["sql_mode"].upper()
        statements = parse(sql, pipes_as_concat=pipes_as_concat)
        return [run(self, statement) for statement in statements] or [Result()]

    def query(self, make_sql: Callable[[Scope], str]) -> Result:
        """Runs a read.

        Args:
            make_sql: yields the DuckDB query for the catalog as it is now. It is called again when
                a table of the first attempt vanished in between, as tables do that are overwritten.
        """
        while True:
            scope = self.scope
            try:
                return read(self.cursor, make_sql(scope))
            except duckdb.CatalogException as error:
                if self.warehouse.settled_catalog() is scope.catalog:
                    raise from_duckdb(error) from error
            except duckdb.Error as error:
                raise from_duckdb(error) from error

    def cancel(self) -> None:
        """Interrupts the running statement; callable from any thread."""
        self.cursor.interrupt()

    def close(self) -> None:
        """Ends the session."""
        self.cursor.close()


def read(cursor: duckdb.DuckDBPyConnection, sql: str) -> Result:
    """Runs a DuckDB query and gives its columns StarRocks types."""
    cursor.execute(sql)
    columns = [
        Column(name, types.from_duckdb(str(duckdb_type)))
        for name, duckdb_type, *_ in cursor.description or []
    ]
    rows = cursor.fetchall()
    nested = [
        index
        for index, column in enumerate(columns)
        if column.type.kind in (Kind.ARRAY, Kind.MAP, Kind.STRUCT)
    ]
    if nested:
        rows = [_nested_as_text(row, nested) for row in rows]
    return Result(columns, rows)


def _nested_as_text(row: tuple[Any, ...], nested: list[int]) -> tuple[Any, ...]:
    values = list(row)
    for index in nested:
        if values[index] is not None:
            values[index] = json.dumps(
                values[index], default=str, ensure_ascii=False, separators=(",", ":")
            )
    return tuple(values)


__all__ = ["Session", "WarehouseError", "read"]
