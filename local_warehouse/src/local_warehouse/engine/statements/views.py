"""CREATE VIEW and DROP VIEW."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from local_warehouse.engine import catalog_store, privileges, types
from local_warehouse.engine.catalog import Table, TableColumn, View
from local_warehouse.engine.errors import analysis_error, table_exists, unknown_table
from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile import (
    label_columns,
    names,
    qualify_tables,
    to_duckdb,
    to_starrocks,
)

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def create(session: "Session", statement: exp.Create) -> Result:
    """Creates a view, or replaces one.

    The stored text is rendered from the parsed query with all tables qualified, so that the same
    query always has the same text.
    """
    properties = statement.args.get("properties")
    if properties and properties.find(exp.MaterializedProperty):
        raise analysis_error("Materialized views are not supported by the local warehouse")
    schema = statement.this
    target = schema.this if isinstance(schema, exp.Schema) else schema
    listed = schema.expressions if isinstance(schema, exp.Schema) else []
    comment = properties.find(exp.SchemaCommentProperty) if properties else None
    database, name = names(target, session.database)
    query = statement.expression
    label_columns(query)
    qualify_tables(query, session.database)
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        existing = catalog.database(database).get(name)
        privileges.require(catalog, session.user, "CREATE VIEW", database)
        if existing is not None:
            if statement.args.get("exists"):
                return Result()
            if not statement.args.get("replace") or isinstance(existing, Table):
                raise table_exists(name)
            catalog_store.drop_relation(cursor, existing)
        definition = to_starrocks(query)
        view = View(database, name, (), definition, comment.this.name if comment else "")
        _create(cursor, view, to_duckdb(query, session.scope), listed)
    return Result()


def drop(session: "Session", statement: exp.Drop) -> Result:
    """Drops a view."""
    if statement.args.get("materialized"):
        if statement.args.get("exists"):
            return Result()
        raise analysis_error("Materialized views are not supported by the local warehouse")
    database, name = names(statement.args["tables"][0], session.database)
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        relation = catalog.databases.get(database, {}).get(name)
        if relation is None and statement.args.get("exists"):
            return Result()
        if not isinstance(relation, View):
            raise unknown_table(f"{database}.{name}")
        privileges.require(catalog, session.user, "DROP", database, name)
        catalog_store.drop_relation(cursor, relation)
    return Result()


def _create(
    cursor: duckdb.DuckDBPyConnection, view: View, sql: str, listed: list[exp.Expr]
) -> None:
    found = cursor.execute(f"describe {sql}").fetchall()
    if listed and len(listed) != len(found):
        raise analysis_error("View's SELECT and view's field list have different column counts")
    columns = []
    for index, row in enumerate(found):
        comment = listed[index].find(exp.CommentColumnConstraint) if listed else None
        columns.append(
            TableColumn(
                listed[index].name if listed else row[0],
                types.from_duckdb(row[1]),
                comment=comment.this.name if comment else "",
            )
        )
    view = replace(view, relation_id=catalog_store.next_identifier(cursor), columns=tuple(columns))
    catalog_store.create_relation(cursor, view)
    # A macro, because a DuckDB view fails once a table below it is created anew with other types.
    quoted = ", ".join(f'"{column.name}"' for column in columns)
    cursor.execute(
        f"create macro views.{view.macro}() as table select {quoted} from ({sql}) as q({quoted})"
    )
