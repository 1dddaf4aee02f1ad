"""The database of Dagster's instance, reached with psycopg2 alone.

Importing Dagster costs 2 CPU seconds and 100 MB, which a probe must not spend every few seconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg2  # type: ignore[import-untyped]

CONNECT_TIMEOUT_SECONDS = 5
DEFAULT_PORT = "5432"
HIGHEST_PORT = 65535


# Address and severity, of which the message already names the first.
_PREAMBLE = re.compile(r"^(connection to server (at|on) .*? failed: )?((FATAL|ERROR): +)?")


class PostgresSettingError(ValueError):
    """A DAGSTER_PG_* variable cannot be used; the message names it."""


class PostgresUnreachableError(RuntimeError):
    """Postgres does not answer, or not yet; asking again later may help."""


class PostgresRefusedError(RuntimeError):
    """Postgres answers, but refuses the user or the database; only a change of settings helps."""


@dataclass(frozen=True)
class PostgresSettings:
    """How to reach the instance's database.

    libpq's own variables, such as PGSSLMODE and PGSSLROOTCERT, hold for what is not named here.

    Attributes:
        host: Name or address of the server.
        port: Its port.
        database: Name of the database.
        user: Name of the user.
        password: That user's password; never shown.
    """

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "PostgresSettings":
        """Reads `DAGSTER_PG_HOST`, `_PORT`, `_DB`, `_USER` and `_PASSWORD`.

        Raises:
            PostgresSettingError: If one that is needed is not set, or the port is not a port.
        """
        port = environment.get("DAGSTER_PG_PORT", DEFAULT_PORT)
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= HIGHEST_PORT):
            raise PostgresSettingError(
                f"DAGSTER_PG_PORT must be a port from 1 to {HIGHEST_PORT}, not {port!r}"
            )
        return cls(
            host=_needed(environment, "DAGSTER_PG_HOST"),
            port=int(port),
            database=_needed(environment, "DAGSTER_PG_DB"),
            user=_needed(environment, "DAGSTER_PG_USER"),
            password=environment.get("DAGSTER_PG_PASSWORD", ""),
        )

    @property
    def address(self) -> str:
        """Host and port, as a message names them."""
        return f"{self.host}:{self.port}"


def connect(settings: PostgresSettings) -> Any:
    """Returns a psycopg2 connection.

    Raises:
        PostgresUnreachableError: If there is no answer, or the server starts, stops or is full.
        PostgresRefusedError: If user, password or database are wrong.
    """
    try:
        return psycopg2.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.database,
            user=settings.user,
            password=settings.password,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            application_name="retail-analytics",
        )
    except psycopg2.OperationalError as error:
        raise _explained(settings, str(error)) from None


def _needed(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "")
    if not value:
        raise PostgresSettingError(f"{variable} must be set")
    return value


def _explained(settings: PostgresSettings, reason: str) -> RuntimeError:
    # libpq gives no SQLSTATE for a connection that was not made, only the server's words.
    at = f"Postgres at {settings.address}"
    if "authentication failed" in reason or "no password supplied" in reason:
        return PostgresRefusedError(
            f"{at} refuses user {settings.user!r}: wrong user or password. "
            "Check DAGSTER_PG_USER and DAGSTER_PG_PASSWORD."
        )
    if f'database "{settings.database}" does not exist' in reason:
        return PostgresRefusedError(
            f"{at} has no database {settings.database!r}. Create it, or check DAGSTER_PG_DB."
        )
    if "pg_hba.conf" in reason:
        return PostgresRefusedError(
            f"{at} admits no user {settings.user!r} to database {settings.database!r} from here: "
            f"{_one_line(reason)}."
        )
    return PostgresUnreachableError(f"{at} cannot answer: {_one_line(reason)}.")


def _one_line(reason: str) -> str:
    """Returns what is said of the last address that was tried, without libpq's indented hints."""
    lines = [line for line in reason.splitlines() if line and not line[0].isspace()]
    return _PREAMBLE.sub("", lines[-1]).rstrip(". ") if lines else "no reason given"
