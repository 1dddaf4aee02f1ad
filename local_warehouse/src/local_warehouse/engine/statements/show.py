"""SHOW, DESCRIBE and EXPLAIN, from the metadata."""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_warehouse.engine import privileges
from local_warehouse.engine.catalog import CATALOG, Relation, Table
from local_warehouse.engine.errors import syntax_error
from local_warehouse.engine.results import Result, text_table
from local_warehouse.engine.statements import query
from local_warehouse.engine.statements.nodes import (
    show_backends,
    show_compute_nodes,
    show_frontends,
)
from local_warehouse.engine.statements.show_create import show_create
from local_warehouse.engine.statements.show_users import show_grants, show_users
from local_warehouse.engine.transpile import names, parse, to_duckdb, to_starrocks

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def show(session: "Session", statement: exp.Show) -> Result:
    """Runs the SHOW statements that sqlglot parses."""
    kind = str(statement.this).upper()
    handler = _SHOW.get(kind.removeprefix("GLOBAL ").removeprefix("SESSION "))
    if handler is None or statement.args.get("where") is not None:
        raise syntax_error(
            f"Statement is not supported by the local warehouse: {to_starrocks(statement)}"
        )
    like = statement.text("like") if statement.args.get("like") is not None else None
    return _like(handler(session, statement), like)


def show_text(session: "Session", text: str) -> Result:
    """Runs the SHOW statements that sqlglot leaves as text, given without the word SHOW."""
    words = text.rstrip("; ").upper().split()
    head = words[0] if words else ""
    if head == "PARTITIONS":
        return _partitions(session, text)
    if head == "FRONTENDS":
        return show_frontends(session)
    if head == "BACKENDS":
        return show_backends(session)
    if words[:2] == ["COMPUTE", "NODES"]:
        return show_compute_nodes(session)
    if words == ["USERS"]:
        return show_users(session)
    if head == "CATALOGS":
        return text_table(
            ["Catalog", "Type", "Comment"],
            [(CATALOG, "Internal", "An internal catalog contains this cluster's own tables.")],
        )
    if head == "GRANTS":
        match = re.match(r"GRANTS\s+FOR\s+(?:USER\s+)?'?([\w.-]+)'?", text, re.IGNORECASE)
        return show_grants(session, match[1] if match else session.user)
    if words[:2] == ["MATERIALIZED", "VIEWS"]:
        return text_table(["id", "database_name", "name"], [])
    raise syntax_error(f"Statement is not supported by the local warehouse: SHOW {text[:200]}")


def describe(session: "Session", statement: exp.Describe) -> Result:
    """DESC of a relation, or EXPLAIN of a query."""
    target = statement.this
    if isinstance(target, exp.Table):
        database, name = names(target, session.database)
        if database.lower() == "information_schema":
            return _describe_system_view(session, name)
        return _columns(_visible(session, database, name), full=False)
    return _explain(session, target)


def _databases(session: "Session", _: exp.Show) -> Result:
    found = query.select(session, _information_schema("schemata", "SCHEMA_NAME"))
    return text_table(["Database"], sorted(found.rows))


def _show_create(session: "Session", statement: exp.Show) -> Result:
    return show_create(_relation(session, statement))


def _show_columns(session: "Session", statement: exp.Show) -> Result:
    return _columns(_relation(session, statement), full=bool(statement.args.get("full")))


def _indexes(session: "Session", statement: exp.Show) -> Result:
    _relation(session, statement)
    return text_table(_INDEX, [])


def _grants(session: "Session", statement: exp.Show) -> Result:
    return show_grants(session, statement.text("target") or session.user)


def _tables(session: "Session", statement: exp.Show) -> Result:
    database = statement.text("db") or session.database or ""
    catalog = session.warehouse.catalog
    found = [
        (relation.name, "BASE TABLE" if isinstance(relation, Table) else "VIEW")
        for relation in catalog.database(database).values()
        if privileges.visible(catalog, session.user, database, relation.name)
    ]
    label = f"Tables_in_{database}"
    if statement.args.get("full"):
        return text_table([label, "Table_type"], found)
    return text_table([label], [(name,) for name, _ in found])


def _columns(relation: Relation, *, full: bool) -> Result:
    rows: list[tuple[Any, ...]] = []
    for column in relation.columns:
        field_type = str(column.type)
        nullable = "YES" if column.nullable else "NO"
        is_key = "true" if column.is_key else "false"
        if full:
            collation = "utf8_general_ci" if column.type.is_text else None
            rows.append(
                (
                    column.name,
                    field_type,
                    collation,
                    nullable,
                    is_key,
                    column.default,
                    "",
                    "",
                    column.comment,
                )
            )
        else:
            rows.append((column.name, field_type, nullable, is_key, column.default, ""))
    if full:
        labels = ["Field", "Type", "Collation", "Null", "Key", "Default", "Extra"]
        return text_table([*labels, "Privileges", "Comment"], rows)
    return text_table(["Field", "Type", "Null", "Key", "Default", "Extra"], rows)


def _describe_system_view(session: "Session", name: str) -> Result:
    empty = query.select(session, _information_schema(name.lower(), "*", limit=0))
    rows = [
        (column.name, str(column.type), "YES", "false", None, "") for column in empty.columns or []
    ]
    return text_table(["Field", "Type", "Null", "Key", "Default", "Extra"], rows)


def _explain(session: "Session", target: exp.Expr) -> Result:
    if not isinstance(target, exp.Query):
        raise syntax_error("EXPLAIN is supported for queries only")
    plan = session.query(lambda scope: f"explain {to_duckdb(target.copy(), scope)}")
    lines = [line for row in plan.rows for line in str(row[-1]).splitlines()]
    return text_table(["Explain String"], [(line,) for line in lines])


def _partitions(session: "Session", text: str) -> Result:
    match = re.match(r"PARTITIONS\s+FROM\s+(\S+)\s*;?\s*$", text, re.IGNORECASE)
    if match is None:
        raise syntax_error("SHOW PARTITIONS FROM takes a table and no clause here")
    select = parse(f"select * from {match[1]}")[0]
    target = select.find(exp.Table)
    if target is None:
        raise syntax_error(f"No table in SHOW PARTITIONS FROM {match[1]}")
    database, name = names(target, session.database)
    relation = _visible(session, database, name)
    found = session.query(
        lambda _: (
            "select partition_id, name, version, visible_at, 'NORMAL', value, row_count "
            f"from _warehouse.partitions where relation_id = {relation.relation_id} order by name"
        )
    )
    rows = [
        (str(row[0]), row[1], str(row[2]), str(row[3]), row[4], row[5], str(row[6]))
        for row in found.rows
    ]
    labels = ["PartitionId", "PartitionName", "VisibleVersion", "VisibleVersionTime", "State"]
    return text_table([*labels, "Range", "RowCount"], rows)


def _variables(session: "Session", _: exp.Show) -> Result:
    return text_table(["Variable_name", "Value"], sorted(session.variables.items()))


def _relation(session: "Session", statement: exp.Show) -> Relation:
    database = statement.text("db") or session.database or ""
    return _visible(session, database, statement.text("target"))


def _visible(session: "Session", database: str, name: str) -> Relation:
    catalog = session.warehouse.catalog
    relation = catalog.relation(database, name)
    if not privileges.visible(catalog, session.user, database, name):
        privileges.require(catalog, session.user, "SELECT", database, name)
    return relation


def _information_schema(view: str, column: str, limit: int | None = None) -> exp.Query:
    select = exp.select(column).from_(f"information_schema.{view}")
    return select if limit is None else select.limit(limit)


def _like(result: Result, pattern: str | None) -> Result:
    if pattern is None:
        return result
    regular = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    matches = re.compile(regular, re.IGNORECASE)
    rows = [row for row in result.rows if matches.fullmatch(str(row[0]))]
    return Result(result.columns, rows)


_INDEX = ["Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation"]
_COLLATION = ["Collation", "Charset", "Id", "Default", "Compiled", "Sortlen"]
_COLLATES = "utf8_general_ci"
_UTF8_COLLATION = (_COLLATES, "utf8", "33", "Yes", "Yes", "1")
_CHARSET = ["Charset", "Description", "Default collation", "Maxlen"]
_UTF8 = ("utf8", "UTF-8 Unicode", _COLLATES, "3")
_WARNINGS = ["Level", "Code", "Message"]
_OLAP = ("OLAP", "YES", "Default storage engine", "NO", "NO", "NO")
_ENGINES = ["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"]

_SHOW: dict[str, Callable[["Session", exp.Show], Result]] = {
    "CHARACTER SET": lambda _, __: text_table(_CHARSET, [_UTF8]),
    "CHARSET": lambda _, __: text_table(_CHARSET, [_UTF8]),
    "COLLATION": lambda _, __: text_table(_COLLATION, [_UTF8_COLLATION]),
    "COLUMNS": _show_columns,
    "CREATE TABLE": _show_create,
    "CREATE VIEW": _show_create,
    "DATABASES": _databases,
    "ENGINES": lambda _, __: text_table(_ENGINES, [_OLAP]),
    "ERRORS": lambda _, __: text_table(_WARNINGS, []),
    "FIELDS": _show_columns,
    "GRANTS": _grants,
    "INDEX": _indexes,
    "INDEXES": _indexes,
    "KEYS": _indexes,
    "SCHEMAS": _databases,
    "TABLES": _tables,
    "VARIABLES": _variables,
    "WARNINGS": lambda _, __: text_table(_WARNINGS, []),
}
