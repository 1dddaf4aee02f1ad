"""A double of a frontend, for what no real one can be brought to do at will: be late, lag, go away.

It answers the statements of `setup` and nothing else; what the statements themselves mean is tested
with a real server process in `tests/integration/test_warehouse_setup.py`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

Rows = list[dict[str, Any]]

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).replace(tzinfo=None)


class FrontendDouble:
    """Passwords, nodes and a list of what was executed.

    Attributes:
        passwords: The administrator's, one for each login to come; the last one stays. With `None`
            there is no frontend.
        backends: Rows of SHOW BACKENDS, one list for each request to come; the last one stays.
        errors: Raised once each, by the first statement that starts with the key.
        statements: What was executed, in order.
    """

    def __init__(self) -> None:
        self.passwords: list[str | None] = [""]
        self.backends: list[Rows] = [[{"Alive": "true", "ErrMsg": ""}]]
        self.frontends: Rows = [{"Alive": "true", "ErrMsg": ""}]
        self.time_zone = "UTC"
        self.offset = timedelta(0)
        self.grants: list[str] = []
        self.errors: dict[str, pymysql.MySQLError] = {}
        self.statements: list[str] = []

    def connect(self, *, user: str, password: bytes, **_: object) -> "_Session":
        """Stands in for `pymysql.connect`."""
        expected = _next(self.passwords)
        if expected is None:
            raise pymysql.err.OperationalError(2003, "Can't connect to MySQL server on 'fe'")
        if password.decode() != expected:
            raise pymysql.err.OperationalError(
                1045, f"Access denied for user '{user}' (using password: YES)"
            )
        return _Session(self)

    def answer(self, sql: str) -> Rows:
        """The rows of one statement."""
        self.statements.append(sql)
        for start in [start for start in self.errors if sql.startswith(start)]:
            raise self.errors.pop(start)
        if match := re.fullmatch(r"SET PASSWORD FOR '\w+' = PASSWORD\('(.*)'\)", sql):
            self.passwords = [*self.passwords[:-1], match[1]]
        return self._answers().get(sql, list)()

    def _answers(self) -> dict[str, Callable[[], Rows]]:
        return {
            "SHOW FRONTENDS": lambda: self.frontends,
            "SHOW BACKENDS": lambda: _next(self.backends),
            "SHOW GLOBAL VARIABLES LIKE 'time_zone'": lambda: [
                {"Variable_name": "time_zone", "Value": self.time_zone}
            ],
            "SELECT now(), utc_timestamp()": lambda: [
                {"now()": _NOW + self.offset, "utc_timestamp()": _NOW}
            ],
            "SHOW GRANTS FOR loader": lambda: [{"Grants": grant} for grant in self.grants],
        }


class _Session:
    open = True

    def __init__(self, frontend: FrontendDouble) -> None:
        self._frontend = frontend

    def cursor(self, kind: type[DictCursor] | None = None) -> "_Cursor":
        return _Cursor(self._frontend, as_dictionaries=kind is DictCursor)

    def close(self) -> None:
        self.open = False


class _Cursor:
    def __init__(self, frontend: FrontendDouble, *, as_dictionaries: bool) -> None:
        self._frontend = frontend
        self._as_dictionaries = as_dictionaries
        self._rows: Rows = []

    def __enter__(self) -> "_Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str, _: object = None) -> None:
        self._rows = self._frontend.answer(sql)

    def fetchall(self) -> Iterator[Any]:
        return (
            iter(self._rows) if self._as_dictionaries else (tuple(r.values()) for r in self._rows)
        )


def _next(values: list[Any]) -> Any:
    return values.pop(0) if len(values) > 1 else values[0]
