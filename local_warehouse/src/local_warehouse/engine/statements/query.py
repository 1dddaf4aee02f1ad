"""SELECT and what else only reads."""

from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile import Scope, label_columns, to_duckdb

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def select(session: "Session", query: exp.Query) -> Result:
    """Runs a query."""
    label_columns(query)

    def make_sql(scope: Scope) -> str:
        return to_duckdb(query.copy(), scope)

    return session.query(make_sql)
