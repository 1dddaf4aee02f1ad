"""Table names: which relation a name means, and where DuckDB keeps it."""

from sqlglot import exp

from local_warehouse.engine import privileges
from local_warehouse.engine.catalog import CATALOG, View
from local_warehouse.engine.errors import (
    analysis_error,
    backend_not_found,
    no_database_selected,
    unknown_database,
    unknown_table,
)
from local_warehouse.engine.information_schema import VIEW_NAMES
from local_warehouse.engine.transpile.scope import Scope


def names(table: exp.Table, database: str | None) -> tuple[str, str]:
    """Database and name of a table reference.

    Raises:
        WarehouseError: no database is named and none is selected (1046), or the reference names
            another catalog (1064).
    """
    if table.catalog and table.catalog != CATALOG:
        raise analysis_error(f"Unknown catalog '{table.catalog}'")
    found = table.db or database
    if not found:
        raise no_database_selected()
    return found, table.name


def split_name(text: str, database: str | None) -> tuple[str, str]:
    """Database and name of a relation that a statement names in plain text.

    Raises:
        WarehouseError: no database is named and none is selected (1046).
    """
    parts = [part.strip("`") for part in text.split(".")]
    if parts[0] == CATALOG and len(parts) > 2:
        parts = parts[1:]
    if len(parts) == 1:
        parts = [database or "", *parts]
    if not parts[0]:
        raise no_database_selected()
    return parts[0], parts[1]


def rewrite_table(table: exp.Table, scope: Scope) -> View | None:
    """Points a table reference to the DuckDB relation that holds it, under its own alias.

    Returns:
        The view that the reference means, which the caller puts in its place.

    Raises:
        WarehouseError: there is no such relation, or the user may not read it.
    """
    if not isinstance(table.this, exp.Identifier) or _is_common_table(table):
        return None
    if table.name.lower() == "dual" and not table.db and isinstance(table.parent, exp.From):
        table.parent.pop()
        return None
    if table.args.get("partition"):
        raise analysis_error("SELECT from a PARTITION is not supported by the local warehouse")
    database, name = names(table, scope.database)
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    table.set("catalog", exp.to_identifier(CATALOG))
    if database.lower() == "information_schema":
        _rewrite_information_schema(table, scope)
        return None
    if database not in scope.catalog.databases:
        raise unknown_database(database)
    relation = scope.catalog.relation(database, name)
    privileges.require(scope.catalog, scope.user, "SELECT", database, name)
    if isinstance(relation, View):
        return relation
    if not scope.rows_readable:
        raise backend_not_found()
    table.set("db", exp.to_identifier("storage"))
    table.set("this", exp.to_identifier(f"table_{relation.storage_id}"))
    return None


def _rewrite_information_schema(table: exp.Table, scope: Scope) -> None:
    name = table.name.lower()
    if name not in VIEW_NAMES:
        raise unknown_table(f"information_schema.{name}")
    table.set("db", exp.to_identifier("_information_schema"))
    table.set("this", exp.Anonymous(this=name, expressions=[exp.Literal.string(scope.user)]))


def _is_common_table(table: exp.Table) -> bool:
    """Whether the name is one of a WITH clause that is visible where the table stands."""
    if table.db:
        return False
    name = table.name.lower()
    inside: exp.Expr = table
    node: exp.Expr | None = table.parent
    while node is not None:
        with_clause = node.args.get("with_")
        if with_clause is not None:
            for common_table in with_clause.expressions:
                if common_table is inside and not with_clause.args.get("recursive"):
                    break
                if common_table.alias.lower() == name:
                    return True
        if not isinstance(node, exp.With):
            inside = node if isinstance(node, exp.CTE) else inside
        node = node.parent
    return False


def qualify_tables(query: exp.Expr, database: str | None) -> None:
    """Writes the database before each table name, as the text of a view has it.

    Raises:
        WarehouseError: a name has no database and none is selected (1046).
    """
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and not _is_common_table(table):
            found, _ = names(table, database)
            table.set("catalog", None)
            table.set("db", exp.to_identifier(found, quoted=True))
