"""The daemon's readiness probe, and the daemon that it asks about, against a real Postgres."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from transformation_pipeline.kubernetes.daemon_ready import (
    DAEMONS,
    TOLERANCE_SECONDS,
    fetch_heartbeats,
    process_start,
    what_is_wrong,
)
from transformation_pipeline.kubernetes.postgres import PostgresRefusedError, PostgresSettings

STARTED = 1_000_000.0
ALL = dict.fromkeys(DAEMONS, STARTED + 5)


def test_every_daemon_beats() -> None:
    assert what_is_wrong(ALL, STARTED + 5 + TOLERANCE_SECONDS, STARTED) is None


def test_late_daemon_is_named() -> None:
    heartbeats = {**dict.fromkeys(DAEMONS, STARTED + 300), "SENSOR": STARTED + 5}
    now = STARTED + 5 + TOLERANCE_SECONDS + 0.1
    assert what_is_wrong(heartbeats, now, STARTED) == "No heartbeat for 180 s from SENSOR."


def test_a_predecessors_heartbeats_do_not_count() -> None:
    heartbeats = {**ALL, "ASSET": STARTED - 1}
    del heartbeats["SCHEDULER"]
    problem = what_is_wrong(heartbeats, STARTED + 6, STARTED)
    assert problem == "No heartbeat since the start from ASSET, SCHEDULER."


def test_the_daemons_are_those_that_the_instance_needs(environment: dict[str, str]) -> None:
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        assert set(instance.get_required_daemon_types()) == DAEMONS


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_heartbeats_are_read_as_dagster_writes_them(
    environment: dict[str, str],
    database: PostgresSettings,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
            instance.add_daemon_heartbeat(DaemonHeartbeat(1_790_000_000.25, "SENSOR", "id", None))
        assert fetch_heartbeats(database) == {"SENSOR": 1_790_000_000.25}
    finally:
        monkeypatch.undo()
        time.tzset()


def test_no_table_yet(empty_database: PostgresSettings) -> None:
    with pytest.raises(PostgresRefusedError, match="has no table of heartbeats yet"):
        fetch_heartbeats(empty_database)


def test_a_process_started_when_it_was_started() -> None:
    before = time.time()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = process_start(child.pid)
    # The kernel counts ticks, and says in whole seconds when it booted.
    assert before - 1.1 <= started <= time.time() + 1.1


def test_the_daemon_becomes_ready_and_says_why_it_is_not(
    environment: dict[str, str], database: PostgresSettings, tmp_path: Path
) -> None:
    """The probe itself asks about process 1; here it is told which one."""
    log = tmp_path / "daemon.log"
    with log.open("w") as output:
        daemon = subprocess.Popen(
            [str(Path(sys.executable).with_name("dagster-daemon")), "run", "--empty-workspace"],
            env={**os.environ, **environment},
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        started = process_start(daemon.pid)
        assert probe(environment, daemon.pid) == (
            1,
            f"No heartbeat since the start from {', '.join(sorted(DAEMONS))}.\n",
        )
        deadline = time.monotonic() + 60
        while what_is_wrong(fetch_heartbeats(database), time.time(), started):
            assert time.monotonic() < deadline, log.read_text()
            with pytest.raises(subprocess.TimeoutExpired):
                daemon.wait(timeout=0.2)
        assert probe(environment, daemon.pid) == (0, "")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=30)


def probe(environment: dict[str, str], process: int) -> tuple[int, str]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "transformation_pipeline.kubernetes.daemon_ready"),
            str(process),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_probe_imports_no_dagster(environment: dict[str, str]) -> None:
    module = "transformation_pipeline.kubernetes.daemon_ready"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", module, str(os.getpid())],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "psycopg2" in imported
    assert not {"dagster", "sqlalchemy", "kubernetes"} & imported
