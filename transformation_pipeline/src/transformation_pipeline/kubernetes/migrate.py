"""`python -m transformation_pipeline.kubernetes.migrate`: creates or updates Dagster's tables.

For an init container of the webserver and the daemon: whichever comes first migrates, the other
waits behind a lock, and no pod starts before the tables fit its Dagster. It waits for Postgres as
long as there is no answer, and ends when the answer is no: only a restart brings a changed Secret.

It needs no Kubernetes token. `dagster instance migrate` does: it prints the run launcher's
configuration, and for that builds the launcher.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from transformation_pipeline.kubernetes.postgres import (
    PostgresRefusedError,
    PostgresSettingError,
    PostgresSettings,
    PostgresUnreachableError,
    connect,
)

RETRY_INTERVAL_SECONDS = 2.0

# Alembic's head in the pinned Dagster; a test compares it with that Dagster's own revisions.
HEAD_REVISION = "29b539ebc72a"

# One table of each of the three storages, the one whose absence makes Dagster create the others.
# They share one database and one revision, which the first of them to be created already sets.
STORAGE_TABLES = ("runs", "event_logs", "jobs")

# Any number that is always the same; nothing else takes advisory locks in this database.
LOCK_KEY = 0x7E7A11


def main() -> int:
    """Migrates; returns the process's exit status."""
    try:
        settings = PostgresSettings.from_environment(os.environ)
        connection = wait_for_postgres(settings)
    except (PostgresSettingError, PostgresRefusedError) as error:
        say(str(error))
        return 1
    try:
        migrate(connection)
    finally:
        connection.close()
    return 0


def wait_for_postgres(
    settings: PostgresSettings,
    sleep: Callable[[float], None] = time.sleep,
    connect: Callable[[PostgresSettings], Any] = connect,
) -> Any:
    """Returns a connection as soon as Postgres gives one; says at each attempt why it does not.

    Raises:
        PostgresRefusedError: If it refuses the user or the database.
    """
    while True:
        try:
            return connect(settings)
        except PostgresUnreachableError as error:
            say(f"{error} Next attempt in {RETRY_INTERVAL_SECONDS:.0f} s.")
            sleep(RETRY_INTERVAL_SECONDS)


def migrate(connection: Any) -> None:
    """Brings the tables to this Dagster's revision, one process at a time."""
    with connection, connection.cursor() as cursor:
        # Held until the transaction ends. A lock of the session would not survive a connection
        # pooler that hands the session on after each transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        found = revision(cursor)
        if found == HEAD_REVISION:
            say(f"Dagster's tables are at revision {found}: nothing to do.")
            return
        say(f"Dagster's tables are at revision {found or 'none'}: bringing them to the newest.")
        upgrade()
        say(f"Dagster's tables are at revision {revision(cursor)}.")


def revision(cursor: Any) -> str | None:
    """Returns the tables' revision; None if a storage has none yet."""
    tables = ("alembic_version", *STORAGE_TABLES)
    cursor.execute("SELECT " + ", ".join(["to_regclass(%s) IS NOT NULL"] * len(tables)), tables)
    if not all(cursor.fetchone()):
        return None
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    return row[0] if row else None


def upgrade() -> None:
    """Lets Dagster create or change its tables, as DAGSTER_HOME's dagster.yaml says."""
    # Late: the usual case, nothing to do, needs none of its 4 CPU seconds.
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        instance.upgrade(say)


def say(line: str) -> None:
    """Prints a line for `kubectl logs`."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
