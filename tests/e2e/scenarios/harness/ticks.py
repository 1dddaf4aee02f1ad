"""A tick of the simulator and what it sets off, followed to its end."""

import itertools
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.cluster import Cluster, json_lines, started_at
from harness.release import RELEASE
from harness.report import Tick
from harness.waiting import wait_until
from local_platform.dagster_api import DagsterApi, Run

SETTLE_SECONDS = 300.0
SIMULATOR = f"{RELEASE}-simulator"
VERIFY = f"{RELEASE}-verify"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Followed:
    """One tick: its log, and the runs that it took, newest first."""

    events: list[dict[str, Any]]
    runs: list[Run]
    committed: float
    observed: float

    def measured(self, cluster: Cluster) -> Tick:
        """Seconds from the commit to each stage, by the clocks of Dagster and the kubelet."""
        last = self.runs[0]
        pods = cluster.pods("run", **{"dagster/run-id": last.run_id})
        running = started_at(pods[0])
        assert running is not None
        assert last.ended is not None
        return Tick(
            observed=round(self.observed - self.committed, 1),
            # the kubelet's clock has whole seconds
            pod_running=round(running.timestamp() - self.committed, 1),
            marts_done=round(last.ended - self.committed, 1),
        )


def load_tick(cluster: Cluster, *arguments: str) -> list[dict[str, Any]]:
    """Runs one tick as the CronJob would, now, until it has loaded something; returns its log.

    The tick before may have taken all windows that were due, and by night one in two is empty: the
    next one ends within half a minute.
    """

    def loaded() -> list[dict[str, Any]]:
        name = f"{SIMULATOR}-now-{next(_numbers)}"
        command = ("ingestion-simulator", "catch-up", *arguments)
        succeeded, log = cluster.run_job_of(SIMULATOR, name, command)
        assert succeeded, log
        events = json_lines(log)
        return events if any(commit["rows"] for commit in commits(events)) else []

    return wait_until("a tick that loads rows", loaded, 300)


def commits(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The commits in a tick's log."""
    return [event for event in events if event["event"] == "windows_committed"]


def committed_at(events: list[dict[str, Any]]) -> float:
    """When a tick's log says that its last windows were committed: seconds since the epoch."""
    return datetime.fromisoformat(commits(events)[-1]["ts"]).timestamp()


def follow_tick(cluster: Cluster, dagster: DagsterApi) -> Followed:
    """Loads one tick and waits until automation has built it."""
    began = time.time()
    events = load_tick(cluster)
    committed = committed_at(events)
    observed = wait_until_settled(dagster, committed)
    runs = [run for run in dagster.runs() if run.created >= began]
    return Followed(events, runs, committed, observed)


def wait_until_settled(
    dagster: DagsterApi, committed: float, seconds: float = SETTLE_SECONDS
) -> float:
    """Waits until everything committed by then is observed and built.

    Returns:
        When the manifest, the last table of a load, was observed: seconds since the epoch.
    """

    def settled() -> float | None:
        observed = dagster.last_observed("retail_raw", "raw_load_manifest")
        if observed is None or observed.timestamp() < committed:
            return None
        return observed.timestamp() if dagster.state().settled else None

    return wait_until("every mart to be built from the newest rows", settled, seconds)


def assert_verified(cluster: Cluster, *arguments: str) -> None:
    """The warehouse equals what the seed says, recomputed in a pod of its own."""
    name = f"{VERIFY}-now-{next(_numbers)}"
    command = ("ingestion-simulator", "verify", *arguments)
    succeeded, log = cluster.run_job_of(VERIFY, name, command)
    assert succeeded, log
    finished = [each for each in json_lines(log) if each["event"] == "verify_finished"]
    assert [each["result"] for each in finished] == ["equal"], log
