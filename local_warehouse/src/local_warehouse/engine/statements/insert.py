"""INSERT INTO and INSERT OVERWRITE."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from local_warehouse.engine import catalog_store, partitions, privileges, write_path
from local_warehouse.engine.catalog import Table, TableColumn
from local_warehouse.engine.errors import analysis_error, load_error
from local_warehouse.engine.nodes import require_backend
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements.staging import (
    STAGED,
    stage_query,
    stage_values,
    unstage,
)
from local_warehouse.engine.statements.values import LiteralInsert, to_duckdb_values
from local_warehouse.engine.transpile import Scope, label_columns, names, rewrite, to_duckdb
from local_warehouse.engine.transpile.building import convert
from local_warehouse.engine.transpile.families import FAMILIES, Family, family_of
from local_warehouse.engine.write_path import default_value

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def insert(session: "Session", statement: exp.Insert) -> Result:
    """Runs INSERT … SELECT and INSERT … VALUES."""
    table, columns = _target(session, statement)
    source = statement.expression
    if isinstance(source, exp.Values):
        stage_values(session, columns, _values(source, columns, session.scope))
    else:
        label_columns(source)
        stage_query(session, columns, lambda scope: to_duckdb(source.copy(), scope))
    return _write_staged(session, statement, table, columns)


def insert_literals(session: "Session", statement: LiteralInsert) -> Result:
    """Runs a long INSERT … VALUES of literals."""
    table, columns = _target(session, statement.head)
    if any(len(row) != len(columns) for row in statement.rows):
        raise analysis_error("Column count doesn't match value count")
    stage_values(session, columns, to_duckdb_values(statement.rows, columns))
    return _write_staged(session, statement.head, table, columns)


def _target(session: "Session", statement: exp.Insert) -> tuple[Table, list[TableColumn]]:
    target = statement.this
    listed = []
    if isinstance(target, exp.Schema):
        listed = [identifier.name for identifier in target.expressions]
        target = target.this
    database, name = names(target, session.database)
    catalog = session.warehouse.catalog
    table = catalog.table(database, name)
    privileges.require(catalog, session.user, "INSERT", database, name)
    require_backend(session.warehouse.backends)
    if not listed:
        return table, list(table.columns)
    unknown = [column for column in listed if column.lower() not in table.by_name]
    if unknown:
        raise analysis_error(f"Unknown column '{unknown[0]}' in '{table.name}'")
    if len({column.lower() for column in listed}) < len(listed):
        raise analysis_error("Column specified twice")
    return table, [table.by_name[column.lower()] for column in listed]


def _values(source: exp.Values, columns: list[TableColumn], scope: Scope) -> str:
    rows = []
    for row in source.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        if len(cells) != len(columns):
            raise analysis_error("Column count doesn't match value count")
        rendered = [
            _value(cell.copy(), column, scope) for cell, column in zip(cells, columns, strict=True)
        ]
        rows.append(f"({', '.join(rendered)})")
    return ", ".join(rows)


def _value(cell: exp.Expr, column: TableColumn, scope: Scope) -> str:
    if isinstance(cell, exp.Var) and cell.name.upper() == "DEFAULT":
        return default_value(column)
    value = rewrite(cell, scope)
    target = FAMILIES.get(column.type.kind)
    if target in (Family.TEXT, Family.JSON) or (
        target is Family.WHOLE and family_of(value) in (Family.DECIMAL, Family.FLOAT)
    ):
        value = convert(value, target)
    return value.sql(dialect="duckdb", identify=True)


def _write_staged(
    session: "Session", statement: exp.Insert, table: Table, columns: list[TableColumn]
) -> Result:
    partial = table.model == "primary" and len(columns) < len(table.columns)
    try:
        if statement.args.get("overwrite"):
            rows = _overwrite(session, statement, table)
        else:
            with session.warehouse.write(session.cursor) as cursor:
                current = session.warehouse.catalog.table(table.database, table.name)
                rows = write_path.apply(cursor, current, STAGED, partial=partial)
    finally:
        unstage(session)
    return Result(affected_rows=rows)


def _overwrite(session: "Session", statement: exp.Insert, table: Table) -> int:
    with session.warehouse.define(session.cursor) as cursor:
        table = session.warehouse.catalog.table(table.database, table.name)
        write_path.check_rows(cursor, table, STAGED)
        values = partitions.touched(cursor, table, STAGED)
        named = _named_partitions(cursor, statement, table)
        if named is not None:
            if stray := sorted(set(values) - set(named)):
                raise load_error(f"{len(stray)} partitions are not in the PARTITION clause")
            values = named
        if named is not None or _is_dynamic(session, statement):
            cursor.execute(
                f"delete from {table.storage} "
                f"where list_contains(?, {partitions.partition_value(table)})",
                [values],
            )
            write_path.insert(cursor, table, STAGED)
            partitions.commit_version(cursor, table, values, replaced=True)
        else:
            fresh = replace(table, storage_id=catalog_store.next_identifier(cursor))
            catalog_store.create_storage(cursor, fresh)
            write_path.insert(cursor, fresh, STAGED)
            catalog_store.replace_storage(cursor, table, fresh.storage_id)
            partitions.renew(cursor, table)
            partitions.commit_version(cursor, fresh, values)
        return write_path.count_rows(cursor, STAGED)


def _named_partitions(
    cursor: duckdb.DuckDBPyConnection, statement: exp.Insert, table: Table
) -> list[str] | None:
    target = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    clause = target.args.get("partition")
    if clause is None:
        return None
    return partitions.values_of(cursor, table, [item.name for item in clause.expressions])


def _is_dynamic(session: "Session", statement: exp.Insert) -> bool:
    hint = statement.args.get("hint")
    for assignment in hint.find_all(exp.EQ) if hint else ():
        if assignment.this.name.lower() == "dynamic_overwrite":
            return str(assignment.expression.sql()).lower().strip("'") == "true"
    return session.variables["dynamic_overwrite"] == "true"
