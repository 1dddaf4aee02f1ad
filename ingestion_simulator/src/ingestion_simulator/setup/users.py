"""The warehouse's users and the least that each of them may do.

The grants are those under which a frontend of StarRocks 4.1 refused none of the statements that
the simulator and a whole dbt run send. They go to the users themselves: a role that is granted is
not active until it is made a default role.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_RAW, _STAGING, _MARTS = "retail_raw", "retail_staging", "retail_marts"

# As SHOW GRANTS writes them: `GRANT INSERT, SELECT ON ALL TABLES IN DATABASE d TO USER 'u'@'%'`.
_SHOWN: Final = re.compile(r"GRANT (?P<privileges>.+?) ON (?P<target>.+?) TO .+", re.DOTALL)
_ALL_TABLES: Final = re.compile(r"(?P<database>[\w`]+)\.\*")


@dataclass(frozen=True)
class Grant:
    """Privileges on one kind of object of a database.

    Attributes:
        privileges: Such as `SELECT`.
        target: What follows `ON`.
    """

    privileges: tuple[str, ...]
    target: str

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((privilege, self.target) for privilege in self.privileges)


@dataclass(frozen=True)
class User:
    """A user that the platform needs.

    Attributes:
        name: Its fixed name.
        grants: Everything that it may do.
    """

    name: str
    grants: tuple[Grant, ...]

    @property
    def variable(self) -> str:
        """The environment variable that holds its password."""
        return f"{self.name.upper()}_PASSWORD"


def _on_tables(database: str, *privileges: str) -> Grant:
    # Covers tables that are created later as well.
    return Grant(privileges, f"ALL TABLES IN DATABASE {database}")


def _builds(database: str) -> tuple[Grant, ...]:
    return (
        Grant(("CREATE TABLE",), f"DATABASE {database}"),
        _on_tables(database, "SELECT", "INSERT", "ALTER", "DROP"),
    )


USERS: Final = (
    User("loader", (_on_tables(_RAW, "SELECT", "INSERT"),)),
    User("transformer", (_on_tables(_RAW, "SELECT"), *_builds(_STAGING), *_builds(_MARTS))),
    User("observer", (_on_tables(_RAW, "SELECT"),)),
    User("bi_reader", (_on_tables(_MARTS, "SELECT"),)),
)


def literal(text: str) -> str:
    """A string literal of StarRocks, which reads backslashes as MySQL does."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def password_statements(user: User, password: str) -> list[str]:
    """Creates the user where it is missing, and gives it this password where it has another."""
    return [
        f"CREATE USER IF NOT EXISTS {user.name} IDENTIFIED BY {literal(password)}",
        f"ALTER USER {user.name} IDENTIFIED BY {literal(password)}",
    ]


def administrator_statement(name: str, password: str) -> str:
    """Gives the administrator its password."""
    return f"SET PASSWORD FOR {literal(name)} = PASSWORD({literal(password)})"


def grant_statements(user: User) -> list[str]:
    """Grants what the user needs; granting it again changes nothing."""
    return [
        f"GRANT {', '.join(grant.privileges)} ON {grant.target} TO USER {user.name}"
        for grant in user.grants
    ]


def beyond_need(user: User, shown: Iterable[str]) -> list[str]:
    """The grants among those that SHOW GRANTS lists which the user does not need."""
    needed = {pair for grant in user.grants for pair in grant}
    return [text for text in shown if not needed.issuperset(_pairs(text))]


def _pairs(shown: str) -> Sequence[tuple[str, str]]:
    match = _SHOWN.fullmatch(" ".join(shown.split()))
    if match is None:
        return [(shown, "")]
    privileges = [privilege.strip() for privilege in match["privileges"].split(",")]
    return [(privilege, _target(privilege, match["target"])) for privilege in privileges]


def _target(privilege: str, target: str) -> str:
    """`d.*`, the short form of all tables, written as the grants above."""
    match = _ALL_TABLES.fullmatch(target)
    if match is None:
        return target.replace("`", "")
    kind = "DATABASE" if privilege.startswith("CREATE ") else "ALL TABLES IN DATABASE"
    return f"{kind} {match['database']}".replace("`", "")
