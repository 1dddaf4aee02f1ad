"""A change travels: CronJob → frontend → backend → observed without a pod → one run pod → marts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness.cluster import Cluster, json_lines
from harness.release import NAMESPACE, RELEASE, Helm
from harness.report import Report, percentiles
from harness.ticks import (
    SIMULATOR,
    Followed,
    assert_verified,
    commits,
    committed_at,
    follow_tick,
    wait_until_settled,
)
from harness.waiting import wait_until

from local_platform.dagster_api import DagsterApi

pytestmark = pytest.mark.usefixtures("installation")

TICKS = 8
TARGET_SECONDS = 60.0


def test_a_scheduled_tick_says_what_it_loaded(cluster: Cluster, dagster: DagsterApi) -> None:
    """By the CronJob's own clock, once; the other scenarios start its Jobs themselves."""
    _suspend(cluster, suspended=False)
    try:
        job = wait_until("a Job of the CronJob's own with rows", lambda: _owned_job(cluster), 300)
    finally:
        _suspend(cluster, suspended=True)
    assert cluster.wait_job(job)
    events = json_lines(cluster.job_logs(job))
    loads = _loads(events)
    assert all(event["label"] for event in loads)
    assert [event["level"] for event in events] == ["info"] * len(events)
    backend = cluster.logs(cluster.pod("be").metadata.name)
    for event in loads:
        assert event["label"] in backend, "the load did not pass through the BE pod"
    wait_until_settled(dagster, committed_at(events))


def _suspend(cluster: Cluster, *, suspended: bool) -> None:
    cluster.batch.patch_namespaced_cron_job(SIMULATOR, NAMESPACE, {"spec": {"suspend": suspended}})


def _owned_job(cluster: Cluster) -> str | None:
    for job in cluster.jobs("app.kubernetes.io/component=simulator"):
        owned = any(owner.kind == "CronJob" for owner in job.metadata.owner_references or [])
        if (
            owned
            and job.status.succeeded
            and _loads(json_lines(cluster.job_logs(job.metadata.name)))
        ):
            return str(job.metadata.name)
    return None


def _loads(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == "batch_loaded" and event["rows"]]


def test_one_tick_takes_one_run_pod(cluster: Cluster, dagster: DagsterApi) -> None:
    before, followed = _seen_at_once(cluster, dagster)
    new = [pod for pod in cluster.pods() if pod.metadata.name not in before]
    by_component = sorted(
        pod.metadata.labels["app.kubernetes.io/component"]
        for pod in new
        if not pod.metadata.name.startswith(f"{SIMULATOR}-now-")
    )
    assert by_component == ["run"], "observing takes no pod, building takes one"
    (run_pod,) = [pod for pod in new if pod.metadata.labels["app.kubernetes.io/component"] == "run"]
    name = run_pod.metadata.name
    # The process ends seconds after it has reported the run's success.
    run_pod = wait_until("the run pod to end", lambda: cluster.ended_pod(name), 60)
    code_server = cluster.pod("code-server").spec.containers[0]
    container = run_pod.spec.containers[0]
    assert {
        "image": container.image,
        "service account": run_pod.spec.service_account_name,
        "token": run_pod.spec.automount_service_account_token,
        "run": run_pod.metadata.labels["dagster/run-id"],
        "instance": run_pod.metadata.labels["app.kubernetes.io/instance"],
        "memory request": container.resources.requests["memory"],
        "memory limit": container.resources.limits["memory"],
        "cpu limit": container.resources.limits.get("cpu"),
        "phase": run_pod.status.phase,
    } == {
        "image": code_server.image,
        "service account": f"{RELEASE}-run",
        "token": False,
        "run": followed.runs[0].run_id,
        "instance": RELEASE,
        "memory request": "768Mi",
        "memory limit": "1536Mi",
        "cpu limit": None,
        "phase": "Succeeded",
    }
    log = cluster.logs(run_pod.metadata.name)
    assert "Running with dbt" in log
    assert "Unable to do partial parsing" not in log


def _seen_at_once(cluster: Cluster, dagster: DagsterApi) -> tuple[set[str], Followed]:
    """Follows ticks until the sensor has seen all tables of one at once.

    Its look may fall between two loads of a tick, which then takes two runs. The loads take half a
    second of the sensor's five.

    Returns:
        The pods that were there before the tick, and the tick.
    """
    for _ in range(5):
        before = _pod_names(cluster)
        followed = follow_tick(cluster, dagster)
        times = [
            dagster.last_observed("retail_raw", table) or datetime.max.replace(tzinfo=UTC)
            for table in _loaded_tables(followed)
        ]
        if max(times) - min(times) < timedelta(seconds=1):
            return before, followed
    raise AssertionError("no tick of five was seen at once")


def _loaded_tables(followed: Followed) -> list[str]:
    labels = [event["label"] for event in followed.events if event["event"] == "batch_loaded"]
    return ["raw_load_manifest", *(label.split("-")[0] for label in labels if label)]


def _pod_names(cluster: Cluster) -> set[str]:
    return {pod.metadata.name for pod in cluster.pods()}


def test_ticks_reach_the_marts_in_time(
    cluster: Cluster, dagster: DagsterApi, report: Report
) -> None:
    for _ in range(TICKS):
        followed = follow_tick(cluster, dagster)
        assert [run.status for run in followed.runs] == ["SUCCESS"] * len(followed.runs)
        assert commits(followed.events)
        report.ticks.append(followed.measured(cluster))
    _, p95 = percentiles([tick.marts_done for tick in report.ticks])
    assert p95 <= TARGET_SECONDS
    assert_verified(cluster)


def test_helm_test_passes(helm: Helm) -> None:
    done = helm.run("test", RELEASE, f"--namespace={NAMESPACE}", "--logs", "--timeout=5m")
    assert done.returncode == 0, done.stdout
