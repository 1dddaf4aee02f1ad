"""SELECT and what else only reads."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile import Scope, label_columns, to_duckdb, written_labels

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def select(session: "Session", query: exp.Query) -> Result:
    """Runs a query."""
    label_columns(query)
    labels = written_labels(query)

    def make_sql(scope: Scope) -> str:
        return to_duckdb(query.copy(), scope)

    result = session.query(make_sql)
    if labels is None or result.columns is None:
        return result
    columns = [
        replace(column, name=label) for column, label in zip(result.columns, labels, strict=True)
    ]
    return replace(result, columns=columns)
