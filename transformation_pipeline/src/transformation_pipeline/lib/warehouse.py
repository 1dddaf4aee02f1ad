"""Queries to the warehouse, each one bounded in time."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pymysql

from transformation_pipeline.lib.settings import WarehouseSettings

# A sensor tick has 60 s, and metadata answers in milliseconds: a frontend that needs longer is
# treated as down, and the next tick asks again 5 s later.
CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 20

# A rolling restart of the frontend takes about 3 minutes on a cluster.
PATIENCE_SECONDS = 300.0
RETRY_INTERVAL_SECONDS = 2.0

# Error codes that no waiting cures: access denied, and StarRocks' own for a missing privilege.
_REFUSED = frozenset({1044, 1045, 1142, 1227, 1698, 5203})

# Error codes of pymysql: nobody there, or gone.
_NO_CONNECTION = frozenset({2003, 2006, 2013})


class WarehouseUnreachableError(RuntimeError):
    """The warehouse does not answer; asking again later may help."""


class WarehouseRefusedError(RuntimeError):
    """The warehouse answers, but refuses this user; only a change of settings helps."""


class Warehouse(Protocol):
    """What the pipeline needs from a warehouse besides dbt."""

    def fetch(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Returns all rows of a query."""
        ...


class StarRocks:
    """A StarRocks warehouse, spoken to over the MySQL protocol.

    Attributes:
        settings: Where it is and who asks.
    """

    def __init__(self, settings: WarehouseSettings) -> None:
        self.settings = settings

    def fetch(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Returns all rows of a query, on a connection of its own.

        Args:
            statement: One SQL query that returns rows.

        Raises:
            WarehouseUnreachableError: If there is no answer within the timeouts, or the answer says
                that the warehouse cannot serve the query now.
            WarehouseRefusedError: If the user or its password is wrong, or lacks a privilege.
        """
        try:
            connection = pymysql.connect(
                host=self.settings.host,
                port=self.settings.query_port,
                user=self.settings.user,
                # As bytes: pymysql encodes text as Latin-1, which few passwords of the world fit.
                password=self.settings.password.encode(),
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=READ_TIMEOUT_SECONDS,
                write_timeout=READ_TIMEOUT_SECONDS,
            )
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return tuple(cursor.fetchall())
        except pymysql.MySQLError as error:
            raise self._explained(error) from None

    def _explained(self, error: pymysql.MySQLError) -> RuntimeError:
        address = f"{self.settings.host}:{self.settings.query_port}"
        code, reason = error.args[0], str(error.args[-1]).rstrip(".")
        if code in _REFUSED:
            return WarehouseRefusedError(
                f"The warehouse at {address} refuses user {self.settings.user!r}: {reason}. "
                "Check STARROCKS_USER and STARROCKS_PASSWORD."
            )
        remedy = " Check STARROCKS_HOST and STARROCKS_QUERY_PORT." if code in _NO_CONNECTION else ""
        return WarehouseUnreachableError(
            f"The warehouse at {address} cannot answer: {reason}.{remedy}"
        )


def wait_until_answering(
    warehouse: Warehouse,
    patience_seconds: float = PATIENCE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Waits until the warehouse answers a query.

    A run's retries follow each other within seconds, so that without this wait an outage of minutes
    would use them all up.

    Args:
        warehouse: The warehouse to ask.
        patience_seconds: After how many seconds to give up.
        clock: Seconds of a monotonic clock.
        sleep: Waits a number of seconds.

    Returns:
        The seconds waited.

    Raises:
        WarehouseUnreachableError: If it does not answer within the patience.
        WarehouseRefusedError: At once, if it refuses the user.
    """
    start = clock()
    while True:
        try:
            warehouse.fetch("SELECT 1")
        except WarehouseUnreachableError:
            if clock() - start >= patience_seconds:
                raise
            sleep(RETRY_INTERVAL_SECONDS)
        else:
            return clock() - start
