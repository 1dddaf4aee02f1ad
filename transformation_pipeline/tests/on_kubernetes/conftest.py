"""A real Postgres server, and databases in it."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from transformation_pipeline.kubernetes.postgres import PostgresSettings

from . import postgres_server
from .instance_file import DAGSTER_YAML


@pytest.fixture(scope="session")
def server() -> Iterator[postgres_server.Server]:
    with postgres_server.serve() as running:
        yield running


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DAGSTER_HOME with nothing but dagster.yaml, as the ConfigMap is mounted."""
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "dagster.yaml").write_text(DAGSTER_YAML)
    folder.chmod(0o555)
    return folder


@pytest.fixture
def empty_database(server: postgres_server.Server) -> PostgresSettings:
    return server.create(f"empty_{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def migrated(server: postgres_server.Server, home: Path) -> str:
    """The name of a database with Dagster's tables, made by the init container's command."""
    settings = server.create("migrated")
    run_migrate(environment_of(settings, home))
    return settings.database


@pytest.fixture
def database(server: postgres_server.Server, migrated: str) -> PostgresSettings:
    """A database with Dagster's tables and nothing in them."""
    return server.create(f"test_{uuid.uuid4().hex}", template=migrated)


@pytest.fixture
def environment(
    database: PostgresSettings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables of a pod that opens the instance, for this process as well."""
    variables = environment_of(database, home)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def environment_of(settings: PostgresSettings, home: Path) -> dict[str, str]:
    return {
        "DAGSTER_HOME": str(home),
        "DAGSTER_PG_HOST": settings.host,
        "DAGSTER_PG_PORT": str(settings.port),
        "DAGSTER_PG_DB": settings.database,
        "DAGSTER_PG_USER": settings.user,
        "DAGSTER_PG_PASSWORD": settings.password,
    }


@pytest.fixture
def start_migrate() -> Iterator[Callable[[Mapping[str, str]], "subprocess.Popen[str]"]]:
    """Starts the init container's command; ends what is left of it."""
    started: list[subprocess.Popen[str]] = []

    def start(variables: Mapping[str, str]) -> "subprocess.Popen[str]":
        started.append(_migrate(variables))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def run_migrate(variables: Mapping[str, str]) -> list[str]:
    """Runs the init container's command; returns its lines."""
    with _migrate(variables) as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output.splitlines()


def _migrate(variables: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "transformation_pipeline.kubernetes.migrate"],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
