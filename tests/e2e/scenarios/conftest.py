"""One release, installed once, for all scenarios; what it measured is written at the end.

The scenarios run in the order of their modules, each on what the earlier ones left.
"""

import os
import subprocess
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.cluster import Cluster
from harness.release import (
    HOST,
    INGRESS,
    NAMESPACE,
    PATH_PREFIX,
    RELEASE,
    REPOSITORY,
    SCENARIOS,
    Helm,
    Installation,
)
from harness.report import Report
from harness.usage import UsageSampler
from harness.waiting import wait_until
from playwright.sync_api import Browser
from pytest_kind.cluster import KindCluster
from rich.console import Console

from local_platform.dagster_api import DagsterApi

BUILD = REPOSITORY / "build"
ARTIFACTS = BUILD / "e2e"
INSTALL_SECONDS = 480.0
"""Four minutes is the target on two cores; a loaded machine may take twice that."""


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """The figures; written and shown whatever happens."""
    report = Report(warehouse=os.environ.get("E2E_WAREHOUSE", "embedded"))
    yield report
    report.write(BUILD / "e2e-report.json")
    report.show(Console(width=120))


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and logs are kept."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    return ARTIFACTS


@pytest.fixture(scope="session")
def helm(kind_cluster: KindCluster, report: Report) -> Helm:
    """Helm, with the values of the warehouse that plays StarRocks."""
    return Helm(str(kind_cluster.kubeconfig_path), report.warehouse)


@pytest.fixture(scope="session")
def cluster(kind_cluster: KindCluster, helm: Helm) -> Cluster:
    """The release's namespace, empty, in a cluster that does not know StarRocks yet."""
    cluster = Cluster(str(kind_cluster.kubeconfig_path), NAMESPACE)
    helm.run("uninstall", RELEASE, f"--namespace={NAMESPACE}", "--wait", "--ignore-not-found")
    cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    helm.run(
        "uninstall", "starrocks-operator", "--namespace=starrocks-operator", "--ignore-not-found"
    )
    cluster.kubectl("delete", "crd", "starrocksclusters.starrocks.com", "--ignore-not-found")
    cluster.kubectl("create", "namespace", NAMESPACE)
    # What the operator's own pods cannot do on a real StarRocks, see operator issues 740 and 777.
    cluster.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=baseline")
    return cluster


@pytest.fixture(scope="session")
def installation(cluster: Cluster, helm: Helm, report: Report, usage: UsageSampler) -> Installation:
    """The platform, installed with one command and ready; what it uses is read from then on."""
    usage.start()
    refusal = _refusal_without_operator(helm)
    subprocess.run([str(SCENARIOS / "install-operator")], check=True)
    began = time.monotonic()
    done = helm.install()
    assert done.returncode == 0, done.stdout
    wait_until("the platform to be ready", lambda: _ready(cluster), INSTALL_SECONDS)
    report.install_to_ready = round(time.monotonic() - began, 1)
    return Installation(refusal, done.stdout)


def _refusal_without_operator(helm: Helm) -> str:
    done = helm.install("--dry-run=server")
    return done.stdout if done.returncode else ""


def _ready(cluster: Cluster) -> bool:
    """Every Deployment, StatefulSet and the StarRocksCluster is ready, and setup is done."""
    phase = cluster.kubectl("get", "src", RELEASE, "-o", "jsonpath={.status.phase}", check=False)
    if phase != "running":
        return False
    workloads = [
        *cluster.apps.list_namespaced_deployment(cluster.namespace).items,
        *cluster.apps.list_namespaced_stateful_set(cluster.namespace).items,
    ]
    setups = cluster.jobs("app.kubernetes.io/component=setup")
    return all(each.status.ready_replicas == each.spec.replicas for each in workloads) and all(
        job.status.succeeded for job in setups
    )


@pytest.fixture(scope="session")
def usage(cluster: Cluster) -> Iterator[UsageSampler]:
    """Reads memory and CPU of every pod from the install to the end."""
    sampler = UsageSampler(cluster)
    yield sampler
    sampler.stop()


@pytest.fixture(scope="session")
def dagster(installation: Installation) -> DagsterApi:  # noqa: ARG001 - it must be installed
    """Dagster through the ingress, by its host name and under its path."""
    return DagsterApi(f"{INGRESS}{PATH_PREFIX}", HOST)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from harness.browser import open_browser

    with open_browser() as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps the cluster's state of the moment in which a scenario failed."""
    outcome: pytest.TestReport = yield
    collected: Cluster | None = getattr(item, "funcargs", {}).get("cluster")
    if outcome.failed and collected is not None and call.when != "teardown":
        collected.collect(ARTIFACTS / "failures" / item.name)
    return outcome
