"""DELETE and UPDATE."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine import partitions, privileges, write_path
from local_warehouse.engine.catalog import Table
from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.nodes import require_backend
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements.staging import STAGED, stage_query, unstage
from local_warehouse.engine.transpile import names, to_duckdb

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def delete(session: "Session", statement: exp.Delete) -> Result:
    """Deletes rows; the WHERE clause is required, as in StarRocks."""
    target = statement.this
    table = _target(session, target, "DELETE")
    where = statement.args.get("where")
    if where is None:
        raise analysis_error("Delete must specify a WHERE clause to prevent full table delete")
    query = exp.Select(expressions=[exp.alias_(_column(target, "rowid"), "row_id")])
    query.set("from_", exp.From(this=target.copy()))
    for other in statement.args.get("using") or []:
        query.append("joins", exp.Join(this=other.copy()))
    query.set("where", where.copy())
    with session.warehouse.write() as cursor:
        table = session.warehouse.catalog.table(table.database, table.name)
        cursor.execute(f"create temp table doomed as {to_duckdb(query, session.scope)}")
        condition = "rowid in (select row_id from doomed)"
        values = partitions.touched(cursor, table, table.storage, condition)
        row = cursor.execute(f"delete from {table.storage} where {condition}").fetchone()
        cursor.execute("drop table doomed")
        partitions.commit_version(cursor, table, values)
    return Result(affected_rows=int(row[0]) if row else 0)


def update(session: "Session", statement: exp.Update) -> Result:
    """Changes rows of a Primary Key table; the WHERE clause is required, as in StarRocks."""
    target = statement.this
    table = _target(session, target, "UPDATE")
    if table.model != "primary":
        raise analysis_error(f"Table {table.name} does not support update: no primary key")
    if statement.args.get("where") is None:
        raise analysis_error("Update must specify a WHERE clause to prevent full table update")
    assignments = {item.this.name.lower(): item.expression for item in statement.expressions}
    for name in assignments:
        if name not in table.by_name:
            raise analysis_error(f"Unknown column '{name}' in '{table.name}'")
        if table.by_name[name].is_key:
            raise analysis_error(f"Primary key column cannot be updated: {name}")
    changed = [table.by_name[name] for name in assignments]
    keys = [column for column in table.columns if column.is_key]
    selected = [_column(target, key.name) for key in keys]
    query = exp.Select(expressions=[*selected, *(value.copy() for value in assignments.values())])
    query.set("from_", exp.From(this=target.copy()))
    source = statement.args.get("from_")
    if source is not None:
        query.append("joins", exp.Join(this=source.this.copy()))
    query.set("where", statement.args["where"].copy())
    stage_query(session, [*keys, *changed], lambda scope: to_duckdb(query.copy(), scope))
    try:
        with session.warehouse.write(session.cursor) as cursor:
            table = session.warehouse.catalog.table(table.database, table.name)
            rows = write_path.apply(cursor, table, STAGED, partial=True)
    finally:
        unstage(session)
    return Result(affected_rows=rows)


def _target(session: "Session", target: exp.Table, privilege: str) -> Table:
    database, name = names(target, session.database)
    catalog = session.warehouse.catalog
    table = catalog.table(database, name)
    privileges.require(catalog, session.user, privilege, database, name)
    require_backend(session.warehouse.backends)
    return table


def _column(target: exp.Table, name: str) -> exp.Column:
    return exp.column(name, table=target.alias_or_name, quoted=True)
