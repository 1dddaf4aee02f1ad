"""CREATE VIEW and DROP VIEW."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine import catalog_store, privileges, types
from local_warehouse.engine.catalog import Table, TableColumn, View
from local_warehouse.engine.errors import analysis_error, table_exists
from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile import (
    label_columns,
    names,
    qualify_tables,
    to_duckdb,
    to_starrocks,
    written_labels,
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
    if listed:
        _name_columns(query, [column.name for column in listed])
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
        scope = replace(session.scope, rows_readable=True)  # a view is a text: no row is read
        found = cursor.execute(f"describe {to_duckdb(query, scope)}").fetchall()
        columns = [TableColumn(row[0], types.from_duckdb(row[1])) for row in found]
        for index, column in enumerate(listed):
            remark = column.find(exp.CommentColumnConstraint)
            columns[index] = replace(columns[index], comment=remark.this.name if remark else "")
        view = View(
            database,
            name,
            tuple(columns),
            definition,
            comment.this.name if comment else "",
            catalog_store.next_identifier(cursor),
        )
        catalog_store.create_relation(cursor, view)
    return Result()


def _name_columns(query: exp.Query, names_: list[str]) -> None:
    """Gives the columns of a query the names that a view lists."""
    if written_labels(query) is None:
        raise analysis_error("A view with a column list must name its columns, not *")
    columns = query.selects
    if len(columns) != len(names_):
        raise analysis_error("View's SELECT and view's field list have different column counts")
    for column, name in zip(columns, names_, strict=True):
        alias = exp.to_identifier(name, quoted=True)
        column.replace(exp.Alias(this=column.unalias().copy(), alias=alias))
