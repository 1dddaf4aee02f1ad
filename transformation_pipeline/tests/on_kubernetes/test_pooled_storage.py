"""Connections that are kept, and what happens when one has gone."""

from contextlib import closing

import dagster as dg
import pytest

from transformation_pipeline.kubernetes.postgres import PostgresSettings, connect


@pytest.mark.usefixtures("environment")
def test_statements_and_instances_share_connections(database: PostgresSettings) -> None:
    """As a code server works: one instance for each request."""
    _open_and_ask()
    kept = _sessions(database)
    for _ in range(5):
        _open_and_ask()
    assert _sessions(database) == kept
    assert len(kept) == 1


@pytest.mark.usefixtures("environment")
def test_the_loss_of_a_connection_breaks_nothing(database: PostgresSettings) -> None:
    with dg.DagsterInstance.get() as instance:
        _ask_all_storages(instance)
        before = _sessions(database)
        _end_sessions(database)
        _ask_all_storages(instance)
        assert not before & _sessions(database)


def _open_and_ask() -> None:
    with dg.DagsterInstance.get() as instance:
        _ask_all_storages(instance)


def _ask_all_storages(instance: dg.DagsterInstance) -> None:
    assert instance.get_runs_count() == 0
    assert list(instance.get_asset_keys(limit=1)) == []
    assert list(instance.all_instigator_state()) == []


def _sessions(database: PostgresSettings) -> set[int]:
    return _pids(database, "pid")


def _end_sessions(database: PostgresSettings) -> None:
    assert _pids(database, "pg_terminate_backend(pid)::int") == {1}


def _pids(database: PostgresSettings, column: str) -> set[int]:
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {row[0] for row in cursor.fetchall()}
