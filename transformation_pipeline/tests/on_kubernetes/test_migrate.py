"""The init container's command, as processes against a real Postgres."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from alembic.script import ScriptDirectory
from dagster._core.storage.event_log import SqlEventLogStorageMetadata
from dagster._core.storage.runs import RunStorageSqlMetadata
from dagster._core.storage.schedules import ScheduleStorageSqlMetadata

from transformation_pipeline.kubernetes.migrate import HEAD_REVISION, TABLES
from transformation_pipeline.kubernetes.postgres import PostgresSettings, connect

from . import postgres_server
from .conftest import environment_of, run_migrate

Start = Callable[[Mapping[str, str]], "subprocess.Popen[str]"]

UP_TO_DATE = [f"Dagster's tables are at revision {HEAD_REVISION}: nothing to do."]


def tables(settings: PostgresSettings) -> set[str]:
    return {
        name
        for (name,) in fetch(
            settings, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
    }


def fetch(settings: PostgresSettings, statement: str) -> list[tuple[str, ...]]:
    with closing(connect(settings)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[str, ...]] = cursor.fetchall() if cursor.description else []
        return rows


def test_revision_and_tables_are_those_of_the_pinned_dagster() -> None:
    folder = Path(dg.__file__).parent / "_core" / "storage" / "alembic"
    assert ScriptDirectory(str(folder)).get_heads() == [HEAD_REVISION]
    of_dagster = {
        name
        for storage in (
            RunStorageSqlMetadata,
            SqlEventLogStorageMetadata,
            ScheduleStorageSqlMetadata,
        )
        for name in storage.tables
    }
    assert set(TABLES) == {*of_dagster, "alembic_version"}


def test_two_at_once_on_an_empty_database(
    start_migrate: Start, empty_database: PostgresSettings, home: Path
) -> None:
    environment = environment_of(empty_database, home)
    both = [start_migrate(environment), start_migrate(environment)]
    outputs = sorted(process.communicate(timeout=120)[0].splitlines() for process in both)
    assert [process.returncode for process in both] == [0, 0], outputs
    first, second = sorted(outputs, key=len, reverse=True)
    assert first[0] == "Dagster's tables are not complete: upgrading."
    assert first[-1] == f"Dagster's tables are at revision {HEAD_REVISION}."
    # The lock made it wait: it found the tables done.
    assert second == UP_TO_DATE
    assert tables(empty_database) == set(TABLES)


def test_nothing_is_done_twice_nor_with_dagster(environment: dict[str, str]) -> None:
    assert run_migrate(environment) == UP_TO_DATE
    done = subprocess.run(
        [
            *(sys.executable, "-X", "importtime"),
            *("-m", "transformation_pipeline.kubernetes.migrate"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "psycopg2" in imported
    assert not {"dagster", "sqlalchemy", "kubernetes"} & imported


@pytest.mark.parametrize(
    "lost",
    [
        ["alembic_version", "bulk_actions"],  # cut off in the first storage
        ["event_logs", "asset_keys", "jobs"],  # between two
        ["asset_keys"],  # in the second: its main table and the revision are there
    ],
)
def test_a_creation_that_was_cut_off_is_completed(
    database: PostgresSettings, environment: dict[str, str], lost: list[str]
) -> None:
    fetch(database, f"DROP TABLE {', '.join(lost)} CASCADE")
    run_migrate(environment)
    assert tables(database) == set(TABLES)
    assert run_migrate(environment) == UP_TO_DATE


def test_tables_of_a_newer_dagster_are_left_alone(
    start_migrate: Start, database: PostgresSettings, environment: dict[str, str]
) -> None:
    fetch(database, "UPDATE alembic_version SET version_num = 'fedcba987654'")
    process = start_migrate(environment)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.splitlines()[-1] == (
        f"This Dagster ({dg.__version__}) cannot use the tables, which a newer one made: Can't "
        "locate revision identified by 'fedcba987654'. Run that one, or restore a backup of before "
        "its upgrade."
    )


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (
            "DAGSTER_PG_PASSWORD",
            "wr0ng",
            "refuses user 'dagster': wrong user or password. "
            "Check DAGSTER_PG_USER and DAGSTER_PG_PASSWORD.",
        ),
        (
            "DAGSTER_PG_DB",
            "nosuch",
            "has no database 'nosuch'. Create it, or check DAGSTER_PG_DB.",
        ),
    ],
)
def test_a_refusal_ends_it_with_one_line(
    start_migrate: Start, environment: dict[str, str], variable: str, value: str, message: str
) -> None:
    process = start_migrate({**environment, variable: value})
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    port = environment["DAGSTER_PG_PORT"]
    assert output == f"Postgres at 127.0.0.1:{port} {message}\n"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DAGSTER_PG_HOST", "", "DAGSTER_PG_HOST must be set"),
        ("DAGSTER_PG_PORT", "x", "DAGSTER_PG_PORT must be a port from 1 to 65535, not 'x'"),
    ],
)
def test_a_bad_variable_is_named(
    start_migrate: Start, environment: dict[str, str], variable: str, value: str, message: str
) -> None:
    process = start_migrate({**environment, variable: value})
    assert process.communicate(timeout=60)[0] == f"{message}\n"
    assert process.returncode == 1


def test_waits_for_postgres_and_goes_on_when_it_is_there(start_migrate: Start, home: Path) -> None:
    with postgres_server.reserved_port() as port:
        settings = postgres_server.Server(port).settings("postgres")
        process = start_migrate(environment_of(settings, home))
        assert process.stdout
        refused = re.compile(
            rf"Postgres at 127\.0\.0\.1:{port} cannot answer: Connection refused\. "
            r"Next attempt in 2 s\.\n"
        )
        for _ in range(2):
            line = process.stdout.readline()
            assert refused.fullmatch(line), line
    with postgres_server.serve(port):
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert output.splitlines()[-1] == f"Dagster's tables are at revision {HEAD_REVISION}."
    assert settings.password not in output
