"""Statements that sqlglot keeps as text: users, grants, SHOW of the cluster, odd forms of ALTER."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine.errors import syntax_error
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements import alter, nodes, show, users
from local_warehouse.engine.transpile import to_starrocks
from local_warehouse.engine.transpile.relations import split_name

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def run_command(session: "Session", statement: exp.Command) -> Result:
    """Runs a statement given as text.

    Raises:
        WarehouseError: the warehouse has no such statement (1064).
    """
    word = str(statement.this).upper()
    expression = statement.args.get("expression")
    rest = expression.name if isinstance(expression, exp.Expr) else str(expression or "")
    return run_text(session, f"{word} {rest.strip()}")


def run_text(session: "Session", text: str) -> Result:
    """Runs a statement given as text; see `run_command`."""
    for pattern, handler in _STATEMENTS:
        match = pattern.fullmatch(text.rstrip("; \n"))
        if match:
            return handler(session, match)
    # Without its literals: one of them may be a password, and clients log what they are told.
    shown = _LITERAL.sub("'***'", text) if _SECRET.match(text) else text
    raise syntax_error(f"Statement is not supported by the local warehouse: {shown[:200]}")


def refuse_partial_grant(session: "Session", statement: exp.Grant) -> Result:
    """GRANT in the forms that sqlglot parses."""
    return run_text(session, to_starrocks(statement))


def _show(session: "Session", match: re.Match[str]) -> Result:
    return show.show_text(session, match["rest"])


def _table_comment(session: "Session", match: re.Match[str]) -> Result:
    database, name = split_name(match["table"], session.database)
    return alter.set_comment(session, database, name, match["comment"])


def _set_role(_: "Session", __: re.Match[str]) -> Result:
    # There are no roles, so every session has all of its user's.
    return Result()


_SECRET = re.compile(r"(CREATE|ALTER)\s+USER|SET\s+PASSWORD", re.IGNORECASE)
_LITERAL = re.compile(r"""['"].*['"]""", re.DOTALL)

_USER = r"'?(?P<user>[\w.-]+)'?(?:\s*@\s*'?[%\w.]+'?)?"

_QUOTED = r"""(?P<password>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")"""

_Handler = Callable[["Session", re.Match[str]], Result]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_STATEMENTS: list[tuple[re.Pattern[str], _Handler]] = [
    (_pattern(r"SHOW\s+(?P<rest>.+)"), _show),
    (_pattern(r"ALTER\s+SYSTEM\s+ADD\s+BACKEND\s+(?P<addresses>.+)"), nodes.add_backend),
    (
        _pattern(r"ALTER\s+SYSTEM\s+DROP\s+BACKEND\s+(?P<addresses>.+?)(\s+FORCE)?"),
        nodes.drop_backend,
    ),
    (_pattern(r"SET\s+ROLE\s+(ALL|DEFAULT)"), _set_role),
    (
        _pattern(
            r"ALTER\s+(TABLE|VIEW)\s+(?P<table>\S+)\s+(MODIFY\s+)?COMMENT\s*=?\s*"
            r"(?P<quote>['\"])(?P<comment>.*)(?P=quote)"
        ),
        _table_comment,
    ),
    (
        _pattern(
            rf"CREATE\s+USER\s+(?P<exists>IF\s+NOT\s+EXISTS\s+)?{_USER}"
            rf"(\s+IDENTIFIED\s+(WITH\s+mysql_native_password\s+)?BY\s+{_QUOTED})?"
        ),
        users.create,
    ),
    (
        _pattern(
            rf"ALTER\s+USER\s+{_USER}\s+IDENTIFIED\s+"
            rf"(WITH\s+mysql_native_password\s+)?BY\s+{_QUOTED}"
        ),
        users.set_password,
    ),
    (
        _pattern(rf"SET\s+PASSWORD(\s+FOR\s+{_USER})?\s*=\s*PASSWORD\s*\(\s*{_QUOTED}\s*\)"),
        users.set_password,
    ),
    (_pattern(rf"DROP\s+USER\s+(?P<exists>IF\s+EXISTS\s+)?{_USER}"), users.drop),
    (
        _pattern(rf"GRANT\s+(?P<privileges>.+?)\s+ON\s+(?P<target>.+?)\s+TO\s+(USER\s+)?{_USER}"),
        users.grant,
    ),
    (
        _pattern(
            rf"REVOKE\s+(?P<privileges>.+?)\s+ON\s+(?P<target>.+?)\s+FROM\s+(USER\s+)?{_USER}"
        ),
        users.revoke,
    ),
]
