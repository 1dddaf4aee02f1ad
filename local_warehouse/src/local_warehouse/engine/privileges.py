"""Who may do what."""

from local_warehouse.engine.catalog import Catalog, Grant
from local_warehouse.engine.errors import access_denied

ROOT = "root"
ANY = "*"
"""Stands for every database or every table in a grant."""


def allowed(catalog: Catalog, user: str, privilege: str, database: str, table: str = ANY) -> bool:
    """Whether a user holds a privilege on a table, or with `*` on a whole database."""
    if user == ROOT:
        return True
    return any(
        Grant(user, granted, database_name, table_name) in catalog.grants
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


def visible(catalog: Catalog, user: str, database: str, table: str) -> bool:
    """Whether a user holds any privilege on a table, so that metadata queries show it."""
    return user == ROOT or any(
        grant.user == user and grant.database in (database, ANY) and grant.table in (table, ANY)
        for grant in catalog.grants
    )
