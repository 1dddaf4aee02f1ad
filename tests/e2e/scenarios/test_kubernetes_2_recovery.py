"""Pods die in the middle of their work: everything heals by itself, nothing is lost or doubled."""

import itertools
import time

import pytest
from harness.cluster import Cluster, json_lines
from harness.report import Report
from harness.ticks import (
    SIMULATOR,
    assert_verified,
    commits,
    committed_at,
    load_tick,
    wait_until_settled,
)
from harness.waiting import wait_until

from local_platform.dagster_api import DagsterApi, Run

pytestmark = pytest.mark.usefixtures("installation")

HISTORY = f"{SIMULATOR}-history"
HISTORY_SECONDS = 600.0


def test_backend_and_frontend_die_while_history_is_loaded(cluster: Cluster, report: Report) -> None:
    cluster.start_job_of(SIMULATOR, HISTORY, ("ingestion-simulator", "catch-up"))
    for component, days in (("be", 2), ("fe", 4)):
        _wait_for_days(cluster, days)
        _kill_and_heal(cluster, component, report)
    assert cluster.wait_job(HISTORY, HISTORY_SECONDS), cluster.job_logs(HISTORY)
    assert_verified(cluster, "--raw-only")


def _wait_for_days(cluster: Cluster, days: int) -> None:
    def loaded() -> bool:
        log = cluster.job_logs(HISTORY) if _started(cluster) else ""
        return len(commits(json_lines(log))) >= days

    wait_until(f"{days} days of history", loaded, HISTORY_SECONDS, poll=0.1)


def _started(cluster: Cluster) -> bool:
    pods = cluster.pods(**{"batch.kubernetes.io/job-name": HISTORY})
    return any(pod.status.phase != "Pending" for pod in pods)


def _kill_and_heal(cluster: Cluster, component: str, report: Report) -> None:
    victim = cluster.pod(component)
    began = time.monotonic()
    cluster.kill(victim.metadata.name)
    cluster.wait_ready(component, other_than=victim.metadata.uid)
    report.recovery[f"{component.upper()} pod killed"] = round(time.monotonic() - began, 1)
    status = cluster.batch.read_namespaced_job_status(HISTORY, cluster.namespace).status
    assert status.active == 1, "the load had ended before: nothing was proved"


def test_history_reaches_the_marts(cluster: Cluster, dagster: DagsterApi) -> None:
    committed = committed_at(json_lines(cluster.job_logs(HISTORY)))
    wait_until_settled(dagster, committed, seconds=600)
    assert_verified(cluster)


def test_a_run_pod_dies_in_the_middle_of_a_build(
    cluster: Cluster, dagster: DagsterApi, report: Report
) -> None:
    began = time.time()
    committed = committed_at(load_tick(cluster))
    run = _run_under_way(dagster, began)
    killed = time.time()
    (pod,) = cluster.pods("run", **{"dagster/run-id": run.run_id})
    cluster.kill(pod.metadata.name)
    wait_until(
        "the killed run to be failed and another one to succeed",
        lambda: _statuses(dagster, began) == ["SUCCESS", "FAILURE"],
        300,
    )
    wait_until_settled(dagster, committed)
    report.recovery["run pod killed"] = round(time.time() - killed, 1)
    _assert_one_at_a_time(dagster, began)
    _assert_no_job_outlives_its_run(cluster)
    assert_verified(cluster)


def _run_under_way(dagster: DagsterApi, began: float) -> Run:
    def started() -> Run | None:
        for run in dagster.runs():
            if run.created >= began and run.status == "STARTED":
                return run
        return None

    return wait_until("a run to start", started, 120, poll=0.1)


def _statuses(dagster: DagsterApi, began: float) -> list[str]:
    return [run.status for run in dagster.runs() if run.created >= began]


def _assert_one_at_a_time(dagster: DagsterApi, began: float) -> None:
    runs = sorted(
        (run.started, run.ended) for run in dagster.runs() if run.created >= began and run.started
    )
    for (_, ended), (started, _) in itertools.pairwise(runs):
        assert ended is not None
        assert ended <= started


def _assert_no_job_outlives_its_run(cluster: Cluster) -> None:
    """Every run has ended by now; its pod ends seconds after it."""

    def ended() -> bool:
        return not any(job.status.active for job in cluster.jobs("app.kubernetes.io/component=run"))

    wait_until("the Jobs of all runs to end", ended, 30)
