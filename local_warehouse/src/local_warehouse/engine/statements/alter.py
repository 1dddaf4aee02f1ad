"""ALTER TABLE."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from local_warehouse.engine import catalog_store, privileges
from local_warehouse.engine.catalog import Relation, Table, TableColumn, View
from local_warehouse.engine.errors import analysis_error, syntax_error, table_exists
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements.table_definition import read_column
from local_warehouse.engine.transpile import names, to_starrocks
from local_warehouse.engine.write_path import default_value

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def alter(session: "Session", statement: exp.Alter) -> Result:
    """Changes the definition of a table, all of the statement's actions or none."""
    database, name = names(statement.this, session.database)
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        relation = catalog.relation(database, name)
        privileges.require(catalog, session.user, "ALTER", database, name)
        actions = [*(statement.args.get("actions") or ()), *(statement.args.get("options") or ())]
        if not actions:
            raise syntax_error(f"No operation in alter statement: {to_starrocks(statement)}")
        for action in actions:
            relation = _apply(session, cursor, relation, action)
    return Result()


def set_comment(session: "Session", database: str, name: str, comment: str) -> Result:
    """Changes the comment of a table or view."""
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        relation = catalog.relation(database, name)
        privileges.require(catalog, session.user, "ALTER", database, name)
        _store_comment(cursor, relation, comment)
    return Result()


def _apply(
    session: "Session",
    cursor: duckdb.DuckDBPyConnection,
    relation: Relation,
    action: exp.Expr,
) -> Relation:
    if isinstance(action, exp.AlterRename):
        new_name = action.this.name
        if new_name in session.warehouse.catalog.database(relation.database):
            raise table_exists(new_name)
        catalog_store.rename_relation(cursor, relation, new_name)
        return replace(relation, name=new_name)
    if isinstance(action, exp.SchemaCommentProperty):
        _store_comment(cursor, relation, action.this.name)
        return replace(relation, comment=action.this.name)
    if isinstance(relation, View):
        raise analysis_error(f"{relation.qualified_name} is a view")
    if isinstance(action, exp.SwapTable):
        return _swap(session, cursor, relation, action.this.name)
    change = _CHANGES.get(type(action))
    if change is None:
        raise syntax_error(
            f"ALTER TABLE action is not supported by the local warehouse: {to_starrocks(action)}"
        )
    return change(cursor, relation, action)


def _swap(
    session: "Session", cursor: duckdb.DuckDBPyConnection, table: Table, other_name: str
) -> Table:
    other = session.warehouse.catalog.table(table.database, other_name)
    catalog_store.rename_relation(cursor, table, other.name)
    catalog_store.rename_relation(cursor, other, table.name)
    return replace(table, name=other.name)


def _add_column(
    cursor: duckdb.DuckDBPyConnection, table: Table, definition: exp.ColumnDef
) -> Table:
    column = read_column(definition)
    if column.name.lower() in table.by_name:
        raise analysis_error(
            f"Can not add column which already exists in base table: {column.name}"
        )
    if not column.nullable and column.default is None:
        raise analysis_error(f"Column {column.name} is NOT NULL and has no default value")
    cursor.execute(
        f'alter table {table.storage} add column "{column.name}" {column.type.duckdb} '
        f"default {default_value(column)}"
    )
    columns = list(table.columns)
    position = definition.args.get("position")
    if position is not None and str(position.args.get("position")).upper() == "AFTER":
        after = _column(table, position.this.name)
        columns.insert(columns.index(after) + 1, column)
        table = _reorder(cursor, table, columns)
    elif position is not None:
        raise analysis_error("A value column cannot be the first column")
    else:
        columns.append(column)
    return _store_columns(cursor, table, columns)


def _reorder(cursor: duckdb.DuckDBPyConnection, table: Table, columns: list[TableColumn]) -> Table:
    """Gives the stored rows another order of columns, which SELECT * shows."""
    storage_id = catalog_store.next_identifier(cursor)
    names_in_order = ", ".join(f'"{column.name}"' for column in columns)
    reordered = replace(table, storage_id=storage_id)
    cursor.execute(
        f"create table {reordered.storage} as select {names_in_order} from {table.storage}"
    )
    catalog_store.replace_storage(cursor, table, storage_id)
    return reordered


def _drop_column(cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Drop) -> Table:
    if str(action.args.get("kind")) != "COLUMN":
        raise syntax_error(f"ALTER TABLE can drop columns only: {to_starrocks(action)}")
    name = action.args["tables"][0].name
    column = _column(table, name)
    if column.is_key and table.model == "primary":
        raise analysis_error(f"Can not drop key column {name}")
    cursor.execute(f'alter table {table.storage} drop column "{column.name}"')
    return _store_columns(cursor, table, [item for item in table.columns if item is not column])


def _modify_column(
    cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.ModifyColumn
) -> Table:
    definition = action.this
    old = _column(table, definition.name)
    new = replace(read_column(definition), is_key=old.is_key, name=old.name)
    if new.type != old.type:
        if old.is_key and table.model == "primary":
            raise analysis_error(f"Can not modify key column {old.name}")
        cursor.execute(
            f'alter table {table.storage} alter column "{old.name}" type {new.type.duckdb}'
        )
    columns = [new if item is old else item for item in table.columns]
    return _store_columns(cursor, table, columns)


def _rename_column(
    cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.RenameColumn
) -> Table:
    old_name, new_name = action.this.name, action.args["to"].name
    old = _column(table, old_name)
    if new_name.lower() in table.by_name:
        raise analysis_error(f"Column {new_name} already exists")
    if any(old_name.lower() in text.lower() for text in table.partition_by):
        raise analysis_error(f"Can not rename partition column {old_name}")
    cursor.execute(f'alter table {table.storage} rename column "{old.name}" to "{new_name}"')
    columns = [replace(item, name=new_name) if item is old else item for item in table.columns]
    return _store_columns(cursor, table, columns)


def _set_properties(cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.AlterSet) -> Table:
    changed = {item.this.name: item.expression.name for item in action.expressions}
    properties = {**table.properties, **changed}
    cursor.execute(
        "update _warehouse.relations set "
        "properties = map_from_entries(?::struct(k varchar, v varchar)[]) where relation_id = ?",
        [[{"k": key, "v": value} for key, value in properties.items()], table.relation_id],
    )
    return replace(table, properties=properties)


_CHANGES: dict[type[exp.Expr], Callable[[duckdb.DuckDBPyConnection, Table, Any], Table]] = {
    exp.AlterSet: _set_properties,
    exp.ColumnDef: _add_column,
    exp.Drop: _drop_column,
    exp.ModifyColumn: _modify_column,
    exp.RenameColumn: _rename_column,
}


def _store_columns(
    cursor: duckdb.DuckDBPyConnection, table: Table, columns: list[TableColumn]
) -> Table:
    catalog_store.replace_columns(cursor, table.relation_id, columns)
    return replace(table, columns=tuple(columns))


def _store_comment(cursor: duckdb.DuckDBPyConnection, relation: Relation, comment: str) -> None:
    cursor.execute(
        "update _warehouse.relations set comment = ? where relation_id = ?",
        [comment, relation.relation_id],
    )


def _column(table: Table, name: str) -> TableColumn:
    column = table.by_name.get(name.lower())
    if column is None:
        raise analysis_error(f"Column {name} does not exist in {table.qualified_name}")
    return column
