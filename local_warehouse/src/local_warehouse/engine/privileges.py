"""Who may do what."""

from local_warehouse.engine.catalog import Catalog, Grant
from local_warehouse.engine.errors import access_denied

ROOT = "root"
ANY = "*"
"""Stands for every database or every table in a grant."""

CONTAINERS = ("DATABASE", "CATALOG")
"""Kinds of grants that hold for a database itself: DROP on all of its tables does not drop it, and
CREATE TABLE in it shows none of its tables."""
RELATIONS = ("TABLE", "VIEW", "MATERIALIZED VIEW")


def allowed(catalog: Catalog, user: str, privilege: str, database: str, table: str = ANY) -> bool:
    """Whether a user holds a privilege on a table, or with `*` on a whole database."""
    if user == ROOT:
        return True
    return any(
        Grant(user, granted, database_name, table_name, kind) in catalog.grants
        for kind in (CONTAINERS if table == ANY else RELATIONS)
        for granted in (privilege, "ALL")
        for database_name in (database, ANY)
        for table_name in (table, ANY)
    )


def require(catalog: Catalog, user: str, privilege: str, database: str, table: str = ANY) -> None:
    """Refuses what is not granted.

    Raises:
        WarehouseError: the user lacks the privilege (5203).
    """
    if not allowed(catalog, user, privilege, database, table):
        target = f"TABLE {table}" if table != ANY else f"DATABASE {database}"
        raise access_denied(privilege, target)


def require_administrator(user: str, privilege: str) -> None:
    """Refuses what only root may do: users, and the nodes of the cluster.

    Raises:
        WarehouseError: the user is another one (5203).
    """
    if user != ROOT:
        raise access_denied(privilege, "SYSTEM")


def visible(catalog: Catalog, user: str, database: str, table: str) -> bool:
    """Whether a user holds any privilege on a table, so that metadata queries show it."""
    return user == ROOT or any(
        grant.user == user
        and grant.kind in RELATIONS
        and grant.database in (database, ANY)
        and grant.table in (table, ANY)
        for grant in catalog.grants
    )
