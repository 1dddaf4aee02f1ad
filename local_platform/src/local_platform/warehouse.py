"""Reading the warehouse over the MySQL wire, as an analyst would."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import pymysql


class WarehouseConnection:
    """Runs queries with the connection settings of `environment` (`STARROCKS_*`)."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._settings: dict[str, Any] = {
            "host": environment["STARROCKS_HOST"],
            "port": int(environment.get("STARROCKS_QUERY_PORT", "9030")),
            "user": environment.get("STARROCKS_USER", "root"),
            # Bytes: pymysql encodes text as Latin-1 and fails on other passwords.
            "password": environment.get("STARROCKS_PASSWORD", "").encode(),
            "connect_timeout": 5,
            "read_timeout": 60,
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of one statement, over a connection of its own."""
        with (
            closing(pymysql.connect(**self._settings)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
            return list(cursor.fetchall())

    def is_up(self) -> bool:
        """Whether the warehouse answers."""
        try:
            return self.query("SELECT 1") == [(1,)]
        except pymysql.MySQLError:
            return False
