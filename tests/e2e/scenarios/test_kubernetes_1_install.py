"""One `helm install`: everything comes up by itself, and what cannot work is refused clearly."""

from typing import Any

import pytest
from harness.cluster import Cluster, json_lines
from harness.release import NAMESPACE, RELEASE, Helm, Installation
from harness.report import Report
from harness.ticks import SIMULATOR
from kubernetes import client

pytestmark = pytest.mark.usefixtures("installation")

INSTALL_TARGET_SECONDS = 240


def test_the_platform_is_ready_in_time(installation: Installation, report: Report) -> None:
    assert installation.notes
    assert report.install_to_ready is not None
    assert report.install_to_ready <= INSTALL_TARGET_SECONDS


def test_the_operator_says_that_starrocks_runs(cluster: Cluster) -> None:
    status = cluster.custom.get_namespaced_custom_object(
        "starrocks.com", "v1", NAMESPACE, "starrocksclusters", RELEASE
    )["status"]
    assert {
        "phase": status["phase"],
        "fe": status["starRocksFeStatus"]["phase"],
        "be": status["starRocksBeStatus"]["phase"],
        "fe pods": status["starRocksFeStatus"]["runningInstances"],
        "be pods": status["starRocksBeStatus"]["runningInstances"],
    } == {
        "phase": "running",
        "fe": "running",
        "be": "running",
        "fe pods": [f"{RELEASE}-fe-0"],
        "be pods": [f"{RELEASE}-be-0"],
    }


def test_setup_says_what_it_did(cluster: Cluster) -> None:
    (job,) = cluster.jobs("app.kubernetes.io/component=setup")
    events = json_lines(cluster.job_logs(job.metadata.name))
    assert events, "the setup Job logs JSON lines"
    assert job.status.succeeded == 1


def test_every_pod_would_be_admitted_where_pods_are_restricted(cluster: Cluster) -> None:
    """All but those that the operator makes: it passes no seccomp profile on."""
    name = "restricted-check"
    cluster.core.create_namespace(
        client.V1Namespace(
            metadata=client.V1ObjectMeta(
                name=name, labels={"pod-security.kubernetes.io/enforce": "restricted"}
            )
        )
    )
    try:
        for pod in cluster.pods():
            if pod.metadata.labels["app.kubernetes.io/component"] in ("fe", "be"):
                continue
            _admit(cluster, name, pod)
    finally:
        cluster.core.delete_namespace(name)


def _admit(cluster: Cluster, namespace: str, pod: Any) -> None:
    spec = pod.spec
    spec.service_account_name = spec.service_account = None
    spec.node_name = None
    spec.priority = spec.preemption_policy = None
    for container in [*(spec.init_containers or []), *spec.containers]:
        container.volume_mounts = [
            mount
            for mount in container.volume_mounts or []
            if not mount.mount_path.startswith("/var/run/secrets/kubernetes.io")
        ]
    spec.automount_service_account_token = False
    copy = client.V1Pod(metadata=client.V1ObjectMeta(name="check"), spec=spec)
    cluster.core.create_namespaced_pod(namespace, copy, dry_run="All")


def test_a_second_install_of_the_same_values_changes_nothing(cluster: Cluster, helm: Helm) -> None:
    before = _generations(cluster)
    done = helm.install()
    assert done.returncode == 0, done.stdout
    assert _generations(cluster) == before


def _generations(cluster: Cluster) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Identity and generation of all that the release consists of."""
    lists = [
        cluster.core.list_namespaced_pod(NAMESPACE),
        cluster.core.list_namespaced_secret(
            NAMESPACE, label_selector=f"app.kubernetes.io/instance={RELEASE}"
        ),
        cluster.apps.list_namespaced_deployment(NAMESPACE),
        cluster.apps.list_namespaced_stateful_set(NAMESPACE),
        cluster.batch.list_namespaced_job(NAMESPACE),
        cluster.batch.list_namespaced_cron_job(NAMESPACE),
    ]
    return {
        (type(item).__name__, item.metadata.name): (item.metadata.uid, item.metadata.generation)
        for each in lists
        for item in each.items
        if item.metadata.labels.get("app.kubernetes.io/component") != "run"
        and "dagster/run-id" not in item.metadata.labels
    }


def test_a_missing_operator_is_refused(installation: Installation) -> None:
    assert "StarRocks operator" in installation.refusal_without_operator
    assert "starrocks.enabled" in installation.refusal_without_operator


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--set=dagster.webservr.replicas=2"], ["webservr"]),
        (["--set=simulator.mode=cron"], ["simulator", "mode"]),
        (["--set=starrocks.auth.existingSecret=nowhere"], ["nowhere", "Secret"]),
        (["--set=dagster.postgres.auth.existingSecret=nowhere"], ["nowhere", "Secret"]),
    ],
)
def test_what_cannot_work_is_refused_at_install(
    helm: Helm, flags: list[str], words: list[str]
) -> None:
    done = helm.install("--dry-run=server", *flags)
    assert done.returncode != 0
    for word in words:
        assert word in done.stdout


@pytest.mark.parametrize(
    ("case", "variable", "value", "words"),
    [
        ("password", "STARROCKS_PASSWORD", "wrong", ["STARROCKS_PASSWORD", "loader"]),
        ("host", "STARROCKS_HOST", "nowhere", ["STARROCKS_HOST", "nowhere"]),
        ("seed", "SIMULATOR_SEED", "many", ["SIMULATOR_SEED", "many"]),
    ],
)
def test_a_pod_says_what_is_wrong_in_its_last_line(
    cluster: Cluster,
    case: str,
    variable: str,
    value: str,
    words: list[str],
) -> None:
    succeeded, log = cluster.run_job_of(
        SIMULATOR, f"wrong-{case}", ("ingestion-simulator", "catch-up"), {variable: value}
    )
    assert not succeeded
    last = log.strip().splitlines()[-1]
    for word in words:
        assert word in last
