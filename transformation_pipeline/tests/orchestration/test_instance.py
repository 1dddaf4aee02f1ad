"""The instance that dagster.yaml describes, copied into an empty DAGSTER_HOME."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.run_coordinator import QueuedRunCoordinator

from transformation_pipeline.lib.sqlite_storage import SqliteEventLogStorage

DAGSTER_YAML = Path(__file__).parents[2] / "dagster.yaml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(DAGSTER_YAML, tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_prepare_creates_the_storage_that_processes_share(home: Path) -> None:
    prepared = subprocess.run(
        [sys.executable, "-m", "transformation_pipeline.prepare"],
        env={**os.environ, "DBT_TARGET_PATH": str(home / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert prepared.returncode == 0, prepared.stderr
    tables = {
        "event_log.db": "event_logs",
        "history/runs.db": "runs",
        "schedules/schedules.db": "instigators",
    }
    for name, table in tables.items():
        with sqlite3.connect(home / name) as connection:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        connection.close()


def test_runs_wait_a_second_one_of_automation_at_a_time_three_retries(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        coordinator = instance.run_coordinator
        assert isinstance(coordinator, QueuedRunCoordinator)
        assert coordinator.dequeue_interval_seconds == 1
        concurrency = instance.get_concurrency_config()
        assert concurrency.run_queue_config
        assert concurrency.run_queue_config.tag_concurrency_limits == [
            {"key": "transformation_pipeline/trigger", "value": "automation", "limit": 1}
        ]
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 3)
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled


def test_another_process_sees_an_event_at_once(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as writer:
        assert isinstance(writer.event_log_storage, SqliteEventLogStorage)
        with dg.DagsterInstance.from_config(str(home)) as reader:
            for version in ("1", "2"):
                writer.report_runless_asset_event(
                    dg.AssetObservation("raw", tags={"dagster/data_version": version})
                )
                record = reader.get_latest_data_version_record(dg.AssetKey("raw"), is_source=True)
                assert record
                tags = record.event_log_entry.tags or {}
                assert tags["dagster/data_version"] == version
