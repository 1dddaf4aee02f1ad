"""From a parsed tree to the function that runs it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_warehouse.engine.errors import syntax_error
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements import (
    alter,
    change,
    commands,
    databases,
    drop,
    insert,
    query,
    settings,
    show,
    tables,
    views,
)
from local_warehouse.engine.statements.values import LiteralInsert
from local_warehouse.engine.transpile import to_starrocks

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session

Handler = Callable[["Session", Any], Result]

_HANDLERS: dict[type, Handler] = {
    LiteralInsert: insert.insert_literals,
    exp.Alter: alter.alter,
    exp.Command: commands.run_command,
    exp.Commit: settings.end_transaction,
    exp.Delete: change.delete,
    exp.Describe: show.describe,
    exp.Except: query.select,
    exp.Grant: commands.refuse_partial_grant,
    exp.Insert: insert.insert,
    exp.Intersect: query.select,
    exp.Rollback: settings.end_transaction,
    exp.Select: query.select,
    exp.Set: settings.set_variables,
    exp.Show: show.show,
    exp.Subquery: query.select,
    exp.TruncateTable: tables.truncate,
    exp.Union: query.select,
    exp.Update: change.update,
    exp.Use: databases.use,
}

_CREATE: dict[str, Handler] = {
    "DATABASE": databases.create,
    "SCHEMA": databases.create,
    "TABLE": tables.create,
    "VIEW": views.create,
}

_DROP: dict[str, Handler] = {
    "DATABASE": databases.drop,
    "SCHEMA": databases.drop,
    "TABLE": drop.drop,
    "VIEW": drop.drop,
}


def run(session: "Session", statement: exp.Expr | LiteralInsert) -> Result:
    """Runs one statement.

    Raises:
        WarehouseError: it failed, or the warehouse has no such statement (1064).
    """
    handler = _HANDLERS.get(type(statement))
    if isinstance(statement, exp.Create):
        handler = _CREATE.get(statement.kind or "")
    elif isinstance(statement, exp.Drop):
        handler = _DROP.get(str(statement.args.get("kind")))
    if handler is None:
        text = to_starrocks(statement) if isinstance(statement, exp.Expr) else ""
        raise syntax_error(f"Statement is not supported by the local warehouse: {text[:200]}")
    return handler(session, statement)
