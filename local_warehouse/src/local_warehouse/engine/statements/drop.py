"""DROP TABLE and DROP VIEW: one statement, two kinds of relation."""

from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine import catalog_store, privileges
from local_warehouse.engine.catalog import Table, View
from local_warehouse.engine.errors import analysis_error, unknown_table
from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile import names

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session

_KINDS: dict[str, type[Table] | type[View]] = {"TABLE": Table, "VIEW": View}


def drop(session: "Session", statement: exp.Drop) -> Result:
    """Drops a table or a view."""
    kind = _KINDS[statement.args["kind"]]
    exists = statement.args.get("exists")
    if statement.args.get("materialized"):
        if exists and kind is View:
            return Result()
        raise analysis_error("Materialized views are not supported by the local warehouse")
    database, name = names(statement.args["tables"][0], session.database)
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        relation = catalog.databases.get(database, {}).get(name)
        if relation is None and exists:
            return Result()
        if relation is None or not isinstance(relation, kind):
            raise unknown_table(f"{database}.{name}")
        privileges.require(catalog, session.user, "DROP", database, name)
        catalog_store.drop_relation(cursor, relation)
    return Result()
