"""SET, and the words of transactions."""

from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine.errors import WarehouseError, syntax_error
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements import users
from local_warehouse.engine.transpile import to_starrocks
from local_warehouse.engine.variables import READ_ONLY

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session

_TRUTH = {"on": "true", "off": "false"}


def set_variables(session: "Session", statement: exp.Set) -> Result:
    """Changes session variables; GLOBAL ones for this session only."""
    changes: dict[str, str] = {}
    for item in statement.expressions:
        kind = str(item.args.get("kind") or "").upper()
        if kind == "NAMES":
            changes["character_set_client"] = _text(item.this)
            continue
        if kind == "TRANSACTION" or not isinstance(item.this, exp.EQ):
            raise syntax_error(f"SET is not supported: {to_starrocks(statement)}")
        name = item.this.this.name.lower()
        if name == "password":
            return _set_own_password(session, statement)
        if name not in session.variables:
            raise WarehouseError(1193, "HY000", f"Unknown system variable '{name}'")
        if name in READ_ONLY:
            raise WarehouseError(1621, "HY000", f"Variable '{name}' is a read only variable")
        value = _text(item.this.expression)
        changes[name] = _TRUTH.get(value.lower(), value)
    if "time_zone" in changes and changes["time_zone"].upper() not in _UTC:
        raise WarehouseError(1298, "HY000", "The local warehouse knows the time zone UTC only")
    session.variables.update(changes)
    return Result()


_UTC = frozenset({"UTC", "+00:00", "ETC/UTC", "SYSTEM"})


def end_transaction(_: "Session", __: exp.Expr) -> Result:
    """COMMIT and ROLLBACK outside an explicit transaction end nothing."""
    return Result()


def _set_own_password(session: "Session", statement: exp.Set) -> Result:
    value = statement.expressions[0].this.expression
    literals = value.expressions if isinstance(value, exp.Anonymous) else []
    if (
        len(statement.expressions) != 1
        or value.name.upper() != "PASSWORD"
        or [literal.is_string for literal in literals] != [True]
    ):
        raise syntax_error("SET PASSWORD takes one PASSWORD('…') and nothing else")
    return users.change_password(session, session.user, literals[0].name)


def _text(node: exp.Expr) -> str:
    if isinstance(node, exp.Boolean):
        return "true" if node.this else "false"
    if isinstance(node, exp.Neg):
        return f"-{node.this.name}"
    return node.name
