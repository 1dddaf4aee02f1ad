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

# All of that Dagster's tables, three storages' in one database; a test compares them as well. The
# first storage already sets the revision, and a creation may be cut off after that.
TABLES = (
    "alembic_version",
    "asset_check_executions",
    "asset_daemon_asset_evaluations",
    "asset_event_tags",
    "asset_keys",
    "backfill_tags",
    "bulk_actions",
    "concurrency_limits",
    "concurrency_slots",
    "daemon_heartbeats",
    "dynamic_partitions",
    "event_logs",
    "instance_info",
    "instigators",
    "job_ticks",
    "jobs",
    "kvs",
    "pending_steps",
    "run_tags",
    "runs",
    "secondary_indexes",
    "snapshots",
)

# Any number that is always the same; nothing else takes advisory locks in this database.
LOCK_KEY = 0x7E7A11


class MigrationError(RuntimeError):
    """The tables cannot be brought to this Dagster's revision."""


def main() -> int:
    """Migrates; returns the process's exit status."""
    try:
        settings = PostgresSettings.from_environment(os.environ)
        connection = wait_for_postgres(settings)
    except (PostgresSettingError, PostgresRefusedError) as error:
        say(str(error))
        return 1
    try:
        migrate(settings, connection)
    except MigrationError as error:
        say(str(error))
        return 1
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


def migrate(settings: PostgresSettings, connection: Any) -> None:
    """Brings the tables to this Dagster's revision, one process at a time."""
    with connection, connection.cursor() as cursor:
        # Held until the transaction ends. A lock of the session would not survive a connection
        # pooler that hands the session on after each transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        found = revision(cursor)
        if found == HEAD_REVISION:
            say(f"Dagster's tables are at revision {found}: nothing to do.")
            return
        state = f"at revision {found}" if found else "not complete"
        say(f"Dagster's tables are {state}: upgrading.")
        upgrade(settings)
        reached = revision(cursor)
        if reached != HEAD_REVISION:
            raise MigrationError(
                f"Dagster's tables are at revision {reached} and not at {HEAD_REVISION}: does "
                "dagster.yaml in DAGSTER_HOME name the database of the DAGSTER_PG_* variables?"
            )
        say(f"Dagster's tables are at revision {reached}.")


def revision(cursor: Any) -> str | None:
    """Returns the tables' revision; None if a table is missing."""
    # Not by to_regclass(), which may remember within a transaction that there was no such table.
    cursor.execute(
        "SELECT count(*) FROM pg_tables "
        "WHERE schemaname = current_schema() AND tablename = ANY(%s)",
        (list(TABLES),),
    )
    if cursor.fetchone() != (len(TABLES),):
        return None
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    return row[0] if row else None


def upgrade(settings: PostgresSettings) -> None:
    """Lets Dagster create or change its tables, as DAGSTER_HOME's dagster.yaml says.

    Creates afterwards what is still missing: Dagster looks for one table of each storage alone, so
    that it would never complete a creation that was cut off.

    Raises:
        MigrationError: If a newer Dagster made the tables.
    """
    # Late: the usual case, nothing to do, needs none of their 4 CPU seconds.
    import dagster as dg
    import sqlalchemy
    from alembic.util.exc import CommandError
    from dagster._core.storage.event_log import SqlEventLogStorageMetadata
    from dagster._core.storage.runs import RunStorageSqlMetadata
    from dagster._core.storage.schedules import ScheduleStorageSqlMetadata

    with dg.DagsterInstance.get() as instance:
        try:
            instance.upgrade(say)
        except CommandError as error:
            raise MigrationError(
                f"This Dagster ({dg.__version__}) cannot use the tables, which a newer one made: "
                f"{error}. Run that one, or restore a backup of before its upgrade."
            ) from None
    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: connect(settings))
    for storage in (RunStorageSqlMetadata, SqlEventLogStorageMetadata, ScheduleStorageSqlMetadata):
        storage.create_all(engine)
    engine.dispose()


def say(line: str) -> None:
    """Prints a line for `kubectl logs`."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
