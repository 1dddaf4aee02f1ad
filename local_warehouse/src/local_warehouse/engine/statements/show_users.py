"""SHOW USERS and SHOW GRANTS, in the words of a StarRocks 4.1 frontend."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from local_warehouse.engine.catalog import CATALOG, Grant
from local_warehouse.engine.privileges import ANY, ROOT, require_administrator
from local_warehouse.engine.results import Result, text_table
from local_warehouse.engine.statements.users import no_such_user

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def show_users(session: "Session") -> Result:
    """Every user."""
    require_administrator(session.user, "GRANT")
    users = sorted(session.warehouse.catalog.users)
    return text_table(["User"], [(f"'{user}'@'%'",) for user in users])


def show_grants(session: "Session", user: str) -> Result:
    """What a user may do: one row for each object."""
    catalog = session.warehouse.catalog
    if user != session.user:
        require_administrator(session.user, "GRANT")
    if user not in catalog.users:
        raise no_such_user(user)
    identity = f"'{user}'@'%'"
    labels = ["UserIdentity", "Catalog", "Grants"]
    if user == ROOT:
        return text_table(labels, [(identity, None, f"GRANT 'root' TO {identity}")])
    privileges: dict[str, set[str]] = defaultdict(set)
    for grant in catalog.grants:
        if grant.user == user:
            privileges[_target(grant)].add(grant.privilege)
    rows: list[tuple[Any, ...]] = [
        (identity, CATALOG, f"GRANT {', '.join(sorted(names))} ON {target} TO USER {identity}")
        for target, names in sorted(privileges.items())
    ]
    return text_table(labels, rows)


def _target(grant: Grant) -> str:
    if grant.kind == "CATALOG":
        return f"CATALOG {CATALOG}"
    if grant.kind == "DATABASE":
        return "ALL DATABASES" if grant.database == ANY else f"DATABASE {grant.database}"
    if grant.table != ANY:
        return f"{grant.kind} {grant.database}.{grant.table}"
    if grant.database != ANY:
        return f"ALL {grant.kind}S IN DATABASE {grant.database}"
    return f"ALL {grant.kind}S IN ALL DATABASES"
