"""The warehouse: one DuckDB file, one lock for writers, any number of sessions."""

import itertools
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb

from local_warehouse.engine import (
    catalog as catalogs,
)
from local_warehouse.engine import (
    information_schema,
    privileges,
    write_path,
)
from local_warehouse.engine.catalog import CATALOG, Catalog, Table
from local_warehouse.engine.errors import WarehouseError, from_duckdb
from local_warehouse.engine.functions import create_functions
from local_warehouse.engine.nodes import Backends, BuiltInBackend, Frontend
from local_warehouse.engine.passwords import hash_password
from local_warehouse.engine.session import Session

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold in memory, so that the process stays below 1.5 GB."""

THREADS = 2

_log = logging.getLogger(__name__)


class Warehouse:
    """Databases, tables and users in one DuckDB file.

    Attributes:
        frontend: this process; the server sets its ports when they are known.
        backends: who takes loads; the server says who.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.frontend = Frontend()
        self.backends: Backends = BuiltInBackend()
        self._connection = connection
        self._writer = connection.cursor()
        self._write_lock = threading.RLock()
        self._catalog = catalogs.load(connection)
        # Not under the write lock: four loaders would keep a new session waiting for 0.4 s.
        self._connection_numbers = itertools.count(1)

    @classmethod
    def open(cls, data_dir: Path, root_password: str | None = "") -> Self:
        """Opens the warehouse of a folder, or creates it.

        Args:
            data_dir: the folder; created if it is missing.
            root_password: the password of root from now on; None leaves it as it is, which is
                empty in a new warehouse.

        Raises:
            WarehouseError: another process has the warehouse open, or the file is no warehouse.
        """
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(
                data_dir.resolve() / f"{CATALOG}.duckdb",
                config={
                    "memory_limit": MEMORY_LIMIT,
                    "threads": THREADS,
                    "error_on_division_by_zero": False,
                    "ieee_floating_point_ops": False,
                    "temp_directory": str(data_dir / "temporary"),
                    "autoload_known_extensions": False,
                    "autoinstall_known_extensions": False,
                },
            )
        except duckdb.Error as error:
            detail = str(error).split("\n")[0]
            raise WarehouseError(
                1064, "HY000", f"Cannot open the warehouse in {data_dir}: {detail}"
            ) from error
        connection.execute("set global TimeZone = 'UTC'")
        # Only files in the warehouse's own folder, where loads are spooled, can be read.
        folder = str(data_dir.resolve()).replace("'", "''")
        connection.execute(f"set allowed_directories = ['{folder}']")
        connection.execute("set enable_external_access = false")
        connection.execute(catalogs.SCHEMA)
        create_functions(connection)
        information_schema.create_views(connection)
        if root_password is not None:
            connection.execute("delete from _warehouse.users where name = 'root'")
        connection.execute(
            "insert into _warehouse.users select 'root', ? "
            "where not exists (from _warehouse.users where name = 'root')",
            [hash_password(root_password or "")],
        )
        return cls(connection)

    def close(self) -> None:
        """Writes a checkpoint and closes the file; open sessions fail from now on."""
        with self._write_lock:
            self._connection.close()

    @property
    def catalog(self) -> Catalog:
        """The databases, relations and users as of the last committed definition."""
        return self._catalog

    def settled_catalog(self) -> Catalog:
        """The catalog once the running write, which may be committed already, has published it."""
        with self._write_lock:
            return self._catalog

    def connect(self, user: str, database: str | None = None) -> Session:
        """Starts a session of an authenticated user.

        Raises:
            WarehouseError: there is no such user (1045) or database (5501).
        """
        if user not in self._catalog.users:
            raise WarehouseError(1045, "28000", f"Access denied for user '{user}'")
        session = Session(self, self._connection.cursor(), user, next(self._connection_numbers))
        if database:
            session.database = database
        return session

    def password_hash(self, user: str) -> bytes | None:
        """SHA-1 of SHA-1 of a user's password; empty for no password, None for no such user."""
        return self._catalog.users.get(user)

    def table(self, database: str, name: str) -> Table:
        """A table by name.

        Raises:
            WarehouseError: there is no such database (5501) or table (5502).
        """
        return self._catalog.table(database, name)

    def may_insert(self, user: str, table: Table) -> bool:
        """Whether a user may load rows into a table."""
        return privileges.allowed(self._catalog, user, "INSERT", table.database, table.name)

    def apply(
        self,
        cursor: duckdb.DuckDBPyConnection,
        table: Table,
        staged: str,
        *,
        partial: bool = False,
    ) -> int:
        """Writes staged rows inside a transaction of `write()`; see `write_path.apply`."""
        return write_path.apply(cursor, table, staged, partial=partial)

    @contextmanager
    def write(
        self, connection: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One write transaction inside the one write lock.

        Args:
            connection: the cursor to use, for example one whose temporary tables hold the rows
                to write; by default one that all writers share.

        Yields:
            The cursor. An exception rolls everything back.

        Raises:
            WarehouseError: DuckDB refused something.
        """
        cursor = connection or self._writer
        with self._write_lock, transaction(cursor):
            yield cursor

    @contextmanager
    def define(
        self, connection: duckdb.DuckDBPyConnection | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A write transaction that changes databases, relations or users; see `write`."""
        with self._write_lock:
            with self.write(connection) as cursor:
                yield cursor
            self._catalog = catalogs.load(self._connection)


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits on success, rolls back on any exception and translates DuckDB's errors."""
    try:
        cursor.begin()
        yield
        cursor.commit()
    except BaseException as error:
        try:
            cursor.rollback()
        except duckdb.Error as rollback_error:
            _log.debug("nothing to roll back: %s", rollback_error)
        if isinstance(error, duckdb.Error):
            raise from_duckdb(error) from error
        raise
