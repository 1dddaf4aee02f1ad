"""CREATE TABLE, CREATE TABLE AS SELECT, DROP TABLE, TRUNCATE."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from local_warehouse.engine import catalog_store, partitions, privileges, write_path
from local_warehouse.engine.catalog import Catalog, Table, TableColumn
from local_warehouse.engine.errors import analysis_error, table_exists
from local_warehouse.engine.nodes import Backends, require_backend, require_replicas
from local_warehouse.engine.results import Result
from local_warehouse.engine.statements.staging import STAGED, stage_untyped, unstage
from local_warehouse.engine.statements.table_definition import Definition, read_definition
from local_warehouse.engine.transpile import label_columns, names, scalar_to_duckdb, to_duckdb
from local_warehouse.engine.types import MAX_VARCHAR_LENGTH, Kind, Type

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def create(session: "Session", statement: exp.Create) -> Result:
    """Creates a table, from a column list, a query or the definition of another table."""
    definition = read_definition(statement)
    database, name = names(definition.target, session.database)
    catalog = session.warehouse.catalog
    may_exist = bool(statement.args.get("exists"))
    catalog.database(database)
    privileges.require(catalog, session.user, "CREATE TABLE", database)
    if _exists(catalog, database, name, may_exist=may_exist):
        return Result()
    if definition.like is not None:
        source = catalog.table(*names(definition.like, session.database))
        table = replace(source, database=database, name=name)
    else:
        table = Table(database, name, definition.model, ())
    _place_replicas(definition, session.warehouse.backends)
    if statement.expression is not None:
        return _create_as(session, definition, table, statement.expression, may_exist=may_exist)
    if definition.like is None:
        table = _define(table, definition, definition.columns)
    with session.warehouse.define() as cursor:
        # Looked up again: another session may have been first while this one waited for the lock.
        if not _exists(session.warehouse.catalog, database, name, may_exist=may_exist):
            _create(cursor, table)
    return Result()


def truncate(session: "Session", statement: exp.TruncateTable) -> Result:
    """Empties a table, or some of its partitions."""
    target = statement.expressions[0]
    database, name = names(target, session.database)
    with session.warehouse.define() as cursor:
        catalog = session.warehouse.catalog
        table = catalog.table(database, name)
        privileges.require(catalog, session.user, "DELETE", database, name)
        require_backend(session.warehouse.backends)
        clause = target.args.get("partition")
        if clause is not None:
            wanted = [item.name for item in clause.expressions]
            values = partitions.values_of(cursor, table, wanted)
            cursor.execute(
                f"delete from {table.storage} "
                f"where list_contains(?, {partitions.partition_value(table)})",
                [values],
            )
            partitions.renew(cursor, table, values)
        else:
            fresh = replace(table, storage_id=catalog_store.next_identifier(cursor))
            catalog_store.create_storage(cursor, fresh)
            catalog_store.replace_storage(cursor, table, fresh.storage_id)
            partitions.renew(cursor, table)
    return Result()


def _place_replicas(definition: Definition, backends: Backends) -> None:
    default = backends.default_replication_num
    if default != 1:
        definition.properties.setdefault("replication_num", str(default))
    wanted = definition.properties.get("replication_num", str(default))
    require_replicas(backends, int(wanted) if wanted.isdecimal() else default)


def _exists(catalog: Catalog, database: str, name: str, *, may_exist: bool) -> bool:
    """Whether a relation has the name already, where IF NOT EXISTS allows that."""
    if name not in catalog.database(database):
        return False
    if not may_exist:
        raise table_exists(name)
    return True


def _create_as(
    session: "Session",
    definition: Definition,
    table: Table,
    query: exp.Expr,
    *,
    may_exist: bool,
) -> Result:
    label_columns(query)
    found = stage_untyped(session, lambda scope: to_duckdb(query.copy(), scope))
    try:
        listed = definition.column_names
        if listed and len(listed) != len(found):
            raise analysis_error("Number of columns don't equal number of SELECT's columns")
        columns = [
            TableColumn(listed[index] if listed else name, _storable(column_type))
            for index, (name, column_type) in enumerate(found)
        ]
        table = _define(table, definition, columns)
        with session.warehouse.define(session.cursor) as cursor:
            catalog = session.warehouse.catalog
            if _exists(catalog, table.database, table.name, may_exist=may_exist):
                return Result()
            if listed:
                for (old, _), new in zip(found, listed, strict=True):
                    if old != new:
                        cursor.execute(f'alter table {STAGED} rename column "{old}" to "{new}"')
            table = _create(cursor, table)
            rows = write_path.apply(cursor, table, STAGED)
    finally:
        unstage(session)
    return Result(affected_rows=rows)


def _storable(found: Type) -> Type:
    """The column type that CREATE TABLE AS SELECT makes of a query's type."""
    return Type(Kind.VARCHAR, length=MAX_VARCHAR_LENGTH) if found.is_text else found


def _define(table: Table, definition: Definition, columns: list[TableColumn]) -> Table:
    by_name = {column.name.lower(): column for column in columns}
    if len(by_name) < len(columns):
        raise analysis_error("Duplicate column name")
    named = [key.lower() for key in definition.keys]
    _check_keys(columns, by_name, named)
    _check_placement(by_name, named, definition)
    keys = named or _default_keys(columns)
    primary = definition.model == "primary"
    columns = [
        replace(
            column,
            is_key=column.name.lower() in keys,
            nullable=column.nullable and not (primary and column.name.lower() in keys),
        )
        for column in columns
    ]
    return replace(
        table,
        model=definition.model,
        columns=tuple(columns),
        partition_by=tuple(text for text, _ in definition.partition_by),
        distribution=definition.distribution,
        order_by=definition.order_by,
        properties=definition.properties,
        comment=definition.comment,
    )


def _check_keys(
    columns: list[TableColumn], by_name: dict[str, TableColumn], keys: list[str]
) -> None:
    for key in keys:
        if key not in by_name:
            raise analysis_error(f"Key column({key}) doesn't exist")
        if by_name[key].type.kind in _NO_KEY:
            raise analysis_error(f"Column {key} of type {by_name[key].type} cannot be a key")
    for position, (key, column) in enumerate(zip(keys, columns, strict=False)):
        if column.name.lower() != key:
            raise analysis_error(
                "Key columns should be a ordered prefix of the schema. "
                f"KeyColumns[{position}] (starts from zero) is {key}, but corresponding column is "
                f"{column.name} in the previous columns declaration"
            )


def _check_placement(
    by_name: dict[str, TableColumn], keys: list[str], definition: Definition
) -> None:
    used = [name.lower() for _, names_ in definition.partition_by for name in names_]
    used += [name.lower() for name in definition.distribution_columns]
    for name in used:
        if name not in by_name:
            raise analysis_error(f"Partition or distribution column({name}) doesn't exist")
        if definition.model == "primary" and name not in keys:
            raise analysis_error(
                f"The partition or distribution column {name} of a primary key table must be a "
                "key column"
            )
    for text, _ in definition.partition_by:
        scalar_to_duckdb(text)


_NO_KEY = frozenset({Kind.FLOAT, Kind.DOUBLE, Kind.JSON, Kind.ARRAY, Kind.MAP, Kind.STRUCT})


def _default_keys(columns: list[TableColumn]) -> list[str]:
    """The sort key of a Duplicate Key table that names none: at most three leading columns."""
    keys: list[str] = []
    for column in columns[:3]:
        if column.type.kind in _NO_KEY:
            break
        keys.append(column.name.lower())
        if column.type.is_text:
            break
    return keys


def _create(cursor: duckdb.DuckDBPyConnection, table: Table) -> Table:
    table = replace(
        table,
        relation_id=catalog_store.next_identifier(cursor),
        storage_id=catalog_store.next_identifier(cursor),
    )
    catalog_store.create_storage(cursor, table)
    catalog_store.create_relation(cursor, table)
    if not table.partition_by:
        partitions.create(cursor, table, [""])
    return table
