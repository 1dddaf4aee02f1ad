"""The warehouse over the MySQL protocol: one session, clear errors, the structure of raw data."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Self

import pymysql
from pymysql.cursors import DictCursor

from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError

DATABASES: Final = ("retail_raw", "retail_staging", "retail_marts")

_CONNECT_TIMEOUT: Final = 10
# `verify` sums whole tables; a frontend that says nothing for this long is gone.
_READ_TIMEOUT: Final = 600
# 5203 is StarRocks' own; 1227 and 1044 are MySQL's.
_MISSING_PRIVILEGE: Final = (5203, 1227, 1044)
# What CREATE TABLE says while fewer backends live than a table has replicas, or while those that
# live have not reported their disks yet.
_TOO_FEW_BACKENDS: Final = ("number of available be nodes", "failed to find enough host")


class MissingTableError(SimulatorError):
    """A database or table that the statement names does not exist."""


class AlreadyExistsError(SimulatorError):
    """A database or table of that name is there."""


class LoginRefusedError(SimulatorError):
    """The warehouse knows no such user with this password."""


class UnreachableError(SimulatorError):
    """No frontend answers, or the one that did has gone."""


class TooFewBackendsError(SimulatorError):
    """Fewer live backends than a new table has replicas."""


class Warehouse:
    """One MySQL session. Errors come out as one line that says what to do."""

    def __init__(self, connection: Connection, read_timeout: int = _READ_TIMEOUT) -> None:
        self._at = connection.at
        self._user = connection.user
        with self._clear_errors():
            self._session = pymysql.connect(
                host=connection.host,
                port=connection.query_port,
                user=connection.user,
                # bytes: pymysql encodes text as Latin-1 and fails on other passwords.
                password=connection.password.encode(),
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=_CONNECT_TIMEOUT,
                read_timeout=read_timeout,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session."""
        # The server may be gone already; there is nothing left to lose here.
        if self._session.open:
            self._session.close()

    def execute(self, sql: str, arguments: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Runs one statement and returns its rows.

        Raises:
            MissingTableError: The statement names what does not exist.
            SimulatorError: The warehouse refuses it or went away.
        """
        with self._clear_errors(), self._session.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    def records(self, sql: str) -> list[dict[str, Any]]:
        """Runs one statement and returns its rows by column name.

        Raises:
            SimulatorError: As for `execute`.
        """
        with self._clear_errors(), self._session.cursor(DictCursor) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def execute_secretly(self, sql: str, purpose: str) -> None:
        """Runs a statement that holds a password; no error repeats any of it.

        Args:
            sql: The statement.
            purpose: What it does, after "refuses to".

        Raises:
            UnreachableError: The warehouse went away.
            SimulatorError: It refuses the statement.
        """
        try:
            with self._session.cursor() as cursor:
                cursor.execute(sql)
        except pymysql.MySQLError as error:
            translated = _translated(error, self._at, self._user)
            if isinstance(translated, UnreachableError):
                raise translated from None
            number = error.args[0] if error.args else "?"
            why = (
                f"user {self._user!r} lacks the privilege for it"
                if number in _MISSING_PRIVILEGE
                else f"error {number}, whose text may hold the password and is left out"
            )
            raise SimulatorError(
                f"the warehouse at {self._at} refuses to {purpose}: {why}"
            ) from None

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except pymysql.MySQLError as error:
            raise _translated(error, self._at, self._user) from error


def _translated(error: pymysql.MySQLError, at: str, user: str) -> SimulatorError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    message = " ".join(str(error.args[-1] if error.args else error).split())
    lowered = message.lower()
    # StarRocks reports most analysis errors as 1064 or 5xxx, so the text decides, not the number.
    if "access denied" in lowered and (number == 1045 or "using password" in lowered):
        return LoginRefusedError(
            f"the warehouse at {at} refuses user {user!r}: "
            "check STARROCKS_USER and STARROCKS_PASSWORD"
        )
    if number in (1049, 1146) or any(
        text in lowered
        for text in ("unknown table", "unknown database", "does not exist", "doesn't exist")
    ):
        return MissingTableError(f"{message.rstrip('.')}: run `ingestion-simulator init` first")
    if number in (2003, 2006, 2013, 0):
        return UnreachableError(
            f"no warehouse answers at {at} ({message}): "
            "check STARROCKS_HOST and STARROCKS_QUERY_PORT, and that the warehouse runs"
        )
    refusal = f"the warehouse at {at} refuses the statement: {message}"
    if number in (1007, 1050):
        return AlreadyExistsError(refusal)
    if any(text in lowered for text in _TOO_FEW_BACKENDS):
        return TooFewBackendsError(refusal)
    return SimulatorError(refusal)


def create_structure(warehouse: Warehouse, table_statements: Sequence[str]) -> None:
    """Creates the databases and raw tables that are not there yet."""
    databases = [f"CREATE DATABASE IF NOT EXISTS {database}" for database in DATABASES]
    for statement in (*databases, *table_statements):
        # IF NOT EXISTS looks first and creates then: between the two, another process may have.
        with suppress(AlreadyExistsError):
            warehouse.execute(statement)


def drop_structure(warehouse: Warehouse) -> None:
    """Drops the databases with all they hold.

    Databases, not tables: StarRocks keeps the labels of a database for days, and would take a
    reload of dropped tables for something that it already has.
    """
    for database in DATABASES:
        warehouse.execute(f"DROP DATABASE IF EXISTS {database} FORCE")
