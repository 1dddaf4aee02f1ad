"""CREATE USER, DROP USER, SET PASSWORD, GRANT, REVOKE. There are no roles."""

import re
from typing import TYPE_CHECKING

from local_warehouse.engine import privileges
from local_warehouse.engine.errors import WarehouseError, analysis_error, syntax_error
from local_warehouse.engine.passwords import hash_password
from local_warehouse.engine.privileges import ANY
from local_warehouse.engine.results import Result
from local_warehouse.engine.transpile.parsing import tokenize
from local_warehouse.engine.transpile.relations import split_name

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session

_PRIVILEGES = {
    "TABLE": {"SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP", "EXPORT"},
    "DATABASE": {
        *("CREATE TABLE", "CREATE VIEW", "CREATE MATERIALIZED VIEW", "CREATE FUNCTION"),
        *("ALTER", "DROP"),
    },
    "CATALOG": {"CREATE DATABASE", "USAGE"},
}
_PRIVILEGES["VIEW"] = _PRIVILEGES["TABLE"]
_PRIVILEGES["MATERIALIZED VIEW"] = _PRIVILEGES["TABLE"] | {"REFRESH"}


def create(session: "Session", match: re.Match[str]) -> Result:
    """Creates a user."""
    _require_administrator(session)
    user = match["user"]
    with session.warehouse.define() as cursor:
        if user in session.warehouse.catalog.users:
            if match["exists"]:
                return Result()
            raise analysis_error(f"user '{user}'@'%' already exists!")
        cursor.execute(
            "insert into _warehouse.users values (?, ?)",
            [user, hash_password(read_text(match["password"] or "''"))],
        )
    return Result()


def drop(session: "Session", match: re.Match[str]) -> Result:
    """Drops a user and its grants."""
    _require_administrator(session)
    user = match["user"]
    if user == privileges.ROOT:
        raise analysis_error("User root cannot be dropped")
    with session.warehouse.define() as cursor:
        if user not in session.warehouse.catalog.users:
            if match["exists"]:
                return Result()
            raise no_such_user(user)
        cursor.execute("delete from _warehouse.users where name = ?", [user])
        cursor.execute("delete from _warehouse.grants where user_name = ?", [user])
    return Result()


def set_password(session: "Session", match: re.Match[str]) -> Result:
    """Changes a password, one's own without further ado."""
    return change_password(session, match["user"] or session.user, read_text(match["password"]))


def change_password(session: "Session", user: str, password: str) -> Result:
    """Changes a user's password; see `set_password`."""
    if user != session.user:
        _require_administrator(session)
    with session.warehouse.define() as cursor:
        if user not in session.warehouse.catalog.users:
            raise no_such_user(user)
        cursor.execute(
            "update _warehouse.users set password_hash = ? where name = ?",
            [hash_password(password), user],
        )
    return Result()


def grant(session: "Session", match: re.Match[str]) -> Result:
    """Grants privileges."""
    user, rows = _read_grant(session, match)
    with session.warehouse.define() as cursor:
        for row in rows:
            cursor.execute(
                "insert into _warehouse.grants by name select $1 as user_name, $2 as privilege, "
                "$3 as database_name, $4 as table_name, $5 as kind where not exists ("
                "from _warehouse.grants where user_name = $1 and privilege = $2 "
                "and database_name = $3 and table_name = $4 and kind = $5)",
                [user, *row],
            )
    return Result()


def revoke(session: "Session", match: re.Match[str]) -> Result:
    """Takes privileges back."""
    user, rows = _read_grant(session, match)
    with session.warehouse.define() as cursor:
        for row in rows:
            cursor.execute(
                "delete from _warehouse.grants where user_name = ? and privilege = ? "
                "and database_name = ? and table_name = ? and kind = ?",
                [user, *row],
            )
    return Result()


def _read_grant(
    session: "Session", match: re.Match[str]
) -> tuple[str, list[tuple[str, str, str, str]]]:
    _require_administrator(session)
    user = match["user"]
    if user not in session.warehouse.catalog.users:
        raise no_such_user(user)
    kind, database, table = _read_target(session, match["target"])
    names = [" ".join(name.upper().split()) for name in match["privileges"].split(",")]
    rows = []
    for name in names:
        name = "ALL" if name == "ALL PRIVILEGES" else name
        if name != "ALL" and name not in _PRIVILEGES[kind]:
            raise analysis_error(f"Privilege {name} does not exist on {kind}")
        rows.append((name, database, table, kind))
    return user, rows


def _read_target(session: "Session", target: str) -> tuple[str, str, str]:
    """The kind of object, the database and the table; `*` for all."""
    text = " ".join(target.split())
    kinds = r"(?P<kind>TABLE|VIEW|MATERIALIZED VIEW)S?"
    if match := re.fullmatch(rf"ALL {kinds} IN DATABASE (?P<db>\S+)", text, re.IGNORECASE):
        return match["kind"].upper(), _database(session, match["db"]), ANY
    if match := re.fullmatch(rf"ALL {kinds} IN ALL DATABASES", text, re.IGNORECASE):
        return match["kind"].upper(), ANY, ANY
    if re.fullmatch(r"ALL DATABASES", text, re.IGNORECASE):
        return "DATABASE", ANY, ANY
    if match := re.fullmatch(r"DATABASE (?P<db>\S+)", text, re.IGNORECASE):
        return "DATABASE", _database(session, match["db"]), ANY
    if re.fullmatch(r"CATALOG default_catalog", text, re.IGNORECASE):
        return "CATALOG", ANY, ANY
    match = re.fullmatch(rf"(?:{kinds} )?(?P<name>[\w.`*-]+)", text, re.IGNORECASE)
    if match is None:
        raise syntax_error(f"GRANT … ON {text} is not supported by the local warehouse")
    database, table = split_name(match["name"], session.database)
    kind = (match["kind"] or "TABLE").upper()
    if database != ANY and table != ANY:
        session.warehouse.catalog.relation(database, table)
    return kind, database, table


def _database(session: "Session", text: str) -> str:
    name = text.strip("`")
    if name not in session.warehouse.catalog.databases:
        raise analysis_error(f"cannot find db: {name}")
    return name


def read_text(literal: str) -> str:
    """The text that a string literal stands for: any character, doubled quotes, escapes."""
    return str(tokenize(literal)[0].text)


def no_such_user(user: str) -> WarehouseError:
    """There is no user of this name."""
    return analysis_error(f"cannot find user '{user}'@'%'")


def _require_administrator(session: "Session") -> None:
    privileges.require_administrator(session.user, "GRANT")
