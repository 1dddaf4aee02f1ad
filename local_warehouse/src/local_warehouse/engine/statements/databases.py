"""CREATE DATABASE, DROP DATABASE, USE."""

from typing import TYPE_CHECKING

from sqlglot import exp

from local_warehouse.engine import catalog_store, privileges
from local_warehouse.engine.catalog import CATALOG
from local_warehouse.engine.errors import analysis_error, database_exists, unknown_database
from local_warehouse.engine.results import Result

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def create(session: "Session", statement: exp.Create) -> Result:
    """Creates a database."""
    name = _name(statement.this)
    privileges.require(session.warehouse.catalog, session.user, "CREATE DATABASE", privileges.ANY)
    with session.warehouse.define() as cursor:
        if name in session.warehouse.catalog.databases:
            if statement.args.get("exists"):
                return Result()
            raise database_exists(name)
        catalog_store.create_database(cursor, name)
    return Result()


def drop(session: "Session", statement: exp.Drop) -> Result:
    """Drops a database with everything in it."""
    name = _name(statement.args["tables"][0])
    privileges.require(session.warehouse.catalog, session.user, "DROP", name)
    with session.warehouse.define() as cursor:
        relations = session.warehouse.catalog.databases.get(name)
        if relations is None:
            if statement.args.get("exists"):
                return Result()
            raise unknown_database(name)
        for relation in relations.values():
            catalog_store.drop_relation(cursor, relation)
        catalog_store.drop_database(cursor, name)
    return Result()


def use(session: "Session", statement: exp.Use) -> Result:
    """Makes a database the current one."""
    session.database = _name(statement.this)
    return Result()


def _name(table: exp.Table) -> str:
    # CREATE DATABASE a.b parses as table b of database a, DROP SCHEMA a as a database alone.
    parts = [part for part in (table.db, table.name) if part]
    if len(parts) == 2 and parts[0] != CATALOG:
        raise analysis_error(f"Unknown catalog '{parts[0]}'")
    return parts[-1]
