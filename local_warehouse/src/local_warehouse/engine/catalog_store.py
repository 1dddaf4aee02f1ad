"""Writes to the private tables, always inside the caller's transaction."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from collections.abc import Iterable

import duckdb

from local_warehouse.engine.catalog import Relation, Table, TableColumn


def next_identifier(cursor: duckdb.DuckDBPyConnection) -> int:
    """A number that no relation, storage table or partition ever had."""
    rows = cursor.execute("select nextval('_warehouse.identifier')").fetchall()
    return int(rows[0][0])


def create_database(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Adds an empty database."""
    cursor.execute(
        "insert into _warehouse.databases values (?, make_timestamp(epoch_us(now())))", [name]
    )


def drop_database(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    """Removes a database whose relations are gone already."""
    cursor.execute("delete from _warehouse.databases where name = ?", [name])


def create_relation(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Records a relation and its columns."""
    if isinstance(relation, Table):
        kind, definition = "table", None
        model, storage_id = relation.model, relation.storage_id
        partition_by = list(relation.partition_by)
        distribution, order_by = relation.distribution, relation.order_by
        properties = dict(relation.properties)
    else:
        kind, definition = "view", relation.definition
        model, storage_id, partition_by, distribution, order_by, properties = "", 0, [], "", "", {}
    cursor.execute(
        "insert into _warehouse.relations values (?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "map_from_entries(?::struct(k varchar, v varchar)[]), ?, ?, "
        "make_timestamp(epoch_us(now())))",
        [
            relation.relation_id,
            relation.database,
            relation.name,
            kind,
            model,
            storage_id,
            partition_by,
            distribution,
            order_by,
            [{"k": key, "v": value} for key, value in properties.items()],
            relation.comment,
            definition,
        ],
    )
    replace_columns(cursor, relation.relation_id, relation.columns)


def replace_columns(
    cursor: duckdb.DuckDBPyConnection, relation_id: int, columns: Iterable[TableColumn]
) -> None:
    """Records the columns of a relation, in order."""
    cursor.execute("delete from _warehouse.columns where relation_id = ?", [relation_id])
    cursor.executemany(
        "insert into _warehouse.columns values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [
                relation_id,
                position,
                column.name,
                str(column.type),
                column.nullable,
                column.default,
                column.is_key,
                column.comment,
            ]
            for position, column in enumerate(columns, start=1)
        ],
    )


def drop_relation(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Removes a relation with its rows, columns and partitions."""
    if isinstance(relation, Table):
        cursor.execute(f"drop table {relation.storage}")
    for private_table in ("relations", "columns", "partitions"):
        cursor.execute(
            f"delete from _warehouse.{private_table} where relation_id = ?",
            [relation.relation_id],
        )


def rename_relation(cursor: duckdb.DuckDBPyConnection, relation: Relation, name: str) -> None:
    """Gives a relation another name in its database."""
    cursor.execute(
        "update _warehouse.relations set name = ? where relation_id = ?",
        [name, relation.relation_id],
    )


def create_storage(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Creates the empty DuckDB table that `table.storage` names."""
    columns = ", ".join(f'"{column.name}" {column.type.duckdb}' for column in table.columns)
    cursor.execute(f"create table {table.storage} ({columns})")


def replace_storage(cursor: duckdb.DuckDBPyConnection, table: Table, storage_id: int) -> None:
    """Lets a table's rows be those of another DuckDB table and drops the old one."""
    cursor.execute(f"drop table {table.storage}")
    cursor.execute(
        "update _warehouse.relations set storage_id = ? where relation_id = ?",
        [storage_id, table.relation_id],
    )
