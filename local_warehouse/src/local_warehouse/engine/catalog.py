"""What databases, tables and views there are: an immutable snapshot of the private tables.

The truth lies in the schema `_warehouse` of the DuckDB file and is committed together with the
data.
A table's rows lie in `storage.table_<number>`, so that RENAME, SWAP and INSERT OVERWRITE change
metadata alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from local_warehouse.engine import types
from local_warehouse.engine.errors import unknown_database, unknown_table
from local_warehouse.engine.types import Type

CATALOG = "default_catalog"
"""StarRocks' name of the internal catalog, and the name of the DuckDB file."""

SCHEMA = """
create schema if not exists _warehouse;
create schema if not exists storage;
create schema if not exists functions;
create sequence if not exists _warehouse.identifier start 10001;
create table if not exists _warehouse.databases (name varchar, created_at timestamp);
create table if not exists _warehouse.relations (
    relation_id bigint, database_name varchar, name varchar, kind varchar, model varchar,
    storage_id bigint, partition_by varchar[], distribution varchar, order_by varchar,
    properties map(varchar, varchar), comment varchar, definition varchar, created_at timestamp
);
create table if not exists _warehouse.columns (
    relation_id bigint, position integer, name varchar, type varchar, nullable boolean,
    default_value varchar, is_key boolean, comment varchar
);
create table if not exists _warehouse.partitions (
    relation_id bigint, partition_id bigint, name varchar, value varchar, version bigint,
    visible_at timestamp, row_count bigint
);
create table if not exists _warehouse.users (name varchar, password_hash blob);
create table if not exists _warehouse.grants (
    user_name varchar, privilege varchar, database_name varchar, table_name varchar
);
alter table _warehouse.grants add column if not exists kind varchar default 'TABLE';
update _warehouse.grants set kind = 'DATABASE' where kind = 'TABLE' and privilege like 'CREATE %';
create table if not exists _warehouse.backends (
    backend_id bigint, host varchar, heartbeat_port integer
);
"""

CURRENT_TIMESTAMP = "CURRENT_TIMESTAMP"
"""A column default that each write evaluates, to the second as StarRocks does."""


@dataclass(frozen=True)
class TableColumn:
    """A column of a table or view.

    Attributes:
        name: as written in CREATE TABLE; matched without regard to case.
        type: its StarRocks type.
        nullable: whether NULL is allowed.
        default: the default's text, `CURRENT_TIMESTAMP`, or None where there is none.
        is_key: whether it belongs to the primary, duplicate key.
        comment: free text.
    """

    name: str
    type: Type
    nullable: bool = True
    default: str | None = None
    is_key: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        database: the database's name.
        name: the table's name.
        model: "primary" or "duplicate".
        columns: in order, the key columns first.
        partition_by: StarRocks' partition expressions; empty for a table of one partition.
        distribution: the DISTRIBUTED BY clause's text, kept for SHOW CREATE TABLE.
        order_by: the ORDER BY clause's text.
        properties: PROPERTIES.
        comment: free text.
        relation_id: the number under which the private tables know it.
        storage_id: the number of the DuckDB table that holds its rows.
    """

    database: str
    name: str
    model: str
    columns: tuple[TableColumn, ...]
    partition_by: tuple[str, ...] = ()
    distribution: str = ""
    order_by: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    relation_id: int = 0
    storage_id: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def storage(self) -> str:
        """The DuckDB table that holds the rows, ready for SQL."""
        return f"{CATALOG}.storage.table_{self.storage_id}"

    @property
    def qualified_name(self) -> str:
        """`database.table`, for messages."""
        return f"{self.database}.{self.name}"

    @cached_property
    def by_name(self) -> Mapping[str, TableColumn]:
        """The columns by lower-case name."""
        return {column.name.lower(): column for column in self.columns}


@dataclass(frozen=True)
class View:
    """A view; queries that name it contain its definition as a subquery."""

    database: str
    name: str
    columns: tuple[TableColumn, ...]
    definition: str
    comment: str = ""
    relation_id: int = 0

    @property
    def qualified_name(self) -> str:
        """`database.view`, for messages."""
        return f"{self.database}.{self.name}"


Relation = Table | View


@dataclass(frozen=True)
class Grant:
    """One privilege of one user; `*` stands for every database or every table.

    Attributes:
        user: who holds it.
        privilege: its name in upper case, or "ALL".
        database: the database, or `*`.
        table: the table or view, or `*`.
        kind: what it is a privilege on: "TABLE", "VIEW", "MATERIALIZED VIEW", "DATABASE" or
            "CATALOG".
    """

    user: str
    privilege: str
    database: str
    table: str
    kind: str = "TABLE"


@dataclass(frozen=True)
class Catalog:
    """Every database with its relations by name, and the users.

    Attributes:
        databases: relations by database and name.
        users: the double SHA-1 of each user's password, empty for no password.
        grants: what users other than root may do.
    """

    databases: Mapping[str, Mapping[str, Relation]]
    users: Mapping[str, bytes] = field(default_factory=dict)
    grants: frozenset[Grant] = frozenset()

    def database(self, name: str) -> Mapping[str, Relation]:
        """The relations of a database.

        Raises:
            WarehouseError: there is no such database (5501).
        """
        if name not in self.databases:
            raise unknown_database(name)
        return self.databases[name]

    def relation(self, database: str, name: str) -> Relation:
        """A table or view.

        Raises:
            WarehouseError: there is no such database (5501) or relation (5502).
        """
        relation = self.database(database).get(name)
        if relation is None:
            raise unknown_table(f"{database}.{name}")
        return relation

    def table(self, database: str, name: str) -> Table:
        """A table.

        Raises:
            WarehouseError: there is no such database (5501), or no such table (5502).
        """
        relation = self.relation(database, name)
        if not isinstance(relation, Table):
            raise unknown_table(f"{database}.{name}")
        return relation


def load(cursor: duckdb.DuckDBPyConnection) -> Catalog:
    """Reads the private tables."""
    databases: dict[str, dict[str, Relation]] = {
        name: {}
        for (name,) in cursor.execute(
            "select name from _warehouse.databases order by name"
        ).fetchall()
    }
    columns: dict[int, list[TableColumn]] = {}
    for relation_id, name, type_name, nullable, default, is_key, comment in cursor.execute(
        "select relation_id, name, type, nullable, default_value, is_key, comment "
        "from _warehouse.columns order by relation_id, position"
    ).fetchall():
        column = TableColumn(name, types.parse(type_name), nullable, default, is_key, comment)
        columns.setdefault(relation_id, []).append(column)
    for row in cursor.execute(
        "select relation_id, database_name, name, kind, model, storage_id, partition_by, "
        "distribution, order_by, properties, comment, definition from _warehouse.relations "
        "order by database_name, name"
    ).fetchall():
        relation = _relation(row, tuple(columns.get(row[0], ())))
        databases[relation.database][relation.name] = relation
    users = cursor.execute("select name, password_hash from _warehouse.users").fetchall()
    grants = cursor.execute(
        "select user_name, privilege, database_name, table_name, kind from _warehouse.grants"
    ).fetchall()
    return Catalog(databases, dict(users), frozenset(Grant(*row) for row in grants))


def _relation(row: tuple[Any, ...], columns: tuple[TableColumn, ...]) -> Relation:
    relation_id, database, name, kind, model, storage_id, partition_by = row[:7]
    distribution, order_by, properties, comment, definition = row[7:]
    if kind == "view":
        return View(database, name, columns, definition, comment, relation_id)
    return Table(
        database,
        name,
        model,
        columns,
        tuple(partition_by),
        distribution,
        order_by,
        properties,
        comment,
        relation_id,
        storage_id,
    )
