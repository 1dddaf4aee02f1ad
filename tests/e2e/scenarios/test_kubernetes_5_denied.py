"""What nobody may do: in the warehouse, on the pod network, with the Kubernetes API.

And what nothing does: an idle platform launches no pod.
"""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql
import pytest
from harness.cluster import Cluster
from harness.release import NAMESPACE, RELEASE
from harness.report import Report
from harness.usage import UsageSampler
from harness.waiting import wait_until
from harness.warehouse import connected
from kubernetes import client
from pytest_kind.cluster import KindCluster

from local_platform.dagster_api import DagsterApi

pytestmark = pytest.mark.usefixtures("installation")

IDLE_SECONDS = 300.0
IDLE_CORES = 0.25
REST_MIB = 2.5 * 1024
PRIVILEGE_MISSING = 5203

SELECT_RAW = "SELECT count(*) FROM retail_raw.raw_orders"
SELECT_STAGING = "SELECT count(*) FROM retail_staging.stg_orders"
SELECT_MARTS = "SELECT count(*) FROM retail_marts.fact_orders"
DELETE_RAW = "DELETE FROM retail_raw.raw_fx_rates WHERE rate_date = '1999-01-01'"
DROP_MARTS = "DROP TABLE retail_marts.fact_orders"
CREATE_MARTS = "CREATE TABLE retail_marts.mine (k BIGINT) DUPLICATE KEY (k)"
CREATE_USER = "CREATE USER stranger IDENTIFIED BY 'x'"
INSERT_MARTS = "INSERT INTO retail_marts.dim_date SELECT * FROM retail_marts.dim_date WHERE false"

MAY: Mapping[str, set[str]] = {
    "loader": {SELECT_RAW},
    "transformer": {SELECT_RAW, SELECT_STAGING, SELECT_MARTS, INSERT_MARTS},
    "observer": {SELECT_RAW},
    "bi_reader": {SELECT_MARTS},
}
STATEMENTS = (
    SELECT_RAW,
    SELECT_STAGING,
    SELECT_MARTS,
    INSERT_MARTS,
    DELETE_RAW,
    CREATE_USER,
)
# What the transformer may do with its own tables would be done: ask only the others.
DESTRUCTIVE = (DROP_MARTS, CREATE_MARTS)


@pytest.mark.parametrize("user", MAY)
def test_warehouse_users_may_do_what_is_theirs_alone(
    cluster: Cluster, kind_cluster: KindCluster, user: str
) -> None:
    password = cluster.secret(f"{RELEASE}-warehouse")[f"{user.replace('_', '-')}-password"]
    statements = STATEMENTS if user == "transformer" else STATEMENTS + DESTRUCTIVE
    with connected(kind_cluster, user, password) as session:
        allowed = {each for each in statements if _is_allowed(session, each)}
    assert allowed == MAY[user]


def _is_allowed(session: "pymysql.connections.Connection[Any]", statement: str) -> bool:
    with session.cursor() as cursor:
        try:
            cursor.execute(statement)
        except pymysql.MySQLError as error:
            if error.args[0] == PRIVILEGE_MISSING:
                return False
            raise
    return True


def test_root_without_a_password_is_refused(kind_cluster: KindCluster) -> None:
    with (
        pytest.raises(pymysql.MySQLError, match="Access denied"),
        connected(kind_cluster, "root", ""),
    ):
        pass


# Pods against pods -------------------------------------------------------------------------------

PORTS = {
    "webserver": 3000,
    "webserver-readonly": 3000,
    "code-server": 4000,
    "postgres": 5432,
    "fe-query": 9030,
    "fe-http": 8030,
    "be": 8040,
    "api": 443,
}
FLOWS: Mapping[str, set[str]] = {
    "webserver": {"code-server", "postgres", "api"},
    "webserver-readonly": {"code-server", "postgres"},
    "daemon": {"code-server", "postgres", "api"},
    "code-server": {"postgres", "fe-query"},
    "run": {"postgres", "fe-query"},
    "setup": {"fe-query"},
    "simulator": {"fe-query", "fe-http", "be"},
    "test": {"webserver", "webserver-readonly", "fe-query"},
    "postgres": set(),
    "fe": {"fe-query", "fe-http", "be"},
    "be": {"fe-query", "fe-http", "be"},
}
STRANGER = "stranger"
KNOCK = """
import concurrent.futures, json, socket, sys
def knock(target):
    try:
        socket.create_connection((target[1], target[2]), timeout=3).close()
    except OSError:
        return None
    return target[0]
targets = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps(sorted(filter(None, pool.map(knock, targets)))))
"""


@pytest.fixture(scope="module")
def probes(cluster: Cluster) -> Iterator[dict[str, str]]:
    """A pod with the labels of each component, and one of somebody else; name by component.

    They never get ready, so that no Service sends anybody to them.
    """
    image = cluster.pod("code-server").spec.containers[0].image
    names = {component: f"probe-{component}" for component in [*FLOWS, STRANGER]}
    for component, name in names.items():
        cluster.core.create_namespaced_pod(NAMESPACE, _probe(name, component, image))

    def running() -> bool:
        pods = {pod.metadata.name: pod.status.phase for pod in cluster.pods()}
        return all(pods.get(name) == "Running" for name in names.values())

    wait_until("the probes to run", running, 180)
    yield names
    for name in names.values():
        cluster.kill(name)


def _probe(name: str, component: str, image: str) -> client.V1Pod:
    labels = {"probe": "true"}
    if component != STRANGER:
        labels |= {
            "app.kubernetes.io/name": "retail-analytics",
            "app.kubernetes.io/instance": RELEASE,
            "app.kubernetes.io/component": component,
        }
    container = client.V1Container(
        name="probe",
        image=image,
        command=["python", "-c", "import signal; signal.pause()"],
        readiness_probe=client.V1Probe(
            _exec=client.V1ExecAction(command=["false"]), period_seconds=3600
        ),
        security_context=client.V1SecurityContext(
            allow_privilege_escalation=False,
            capabilities=client.V1Capabilities(drop=["ALL"]),
            run_as_non_root=True,
            seccomp_profile=client.V1SeccompProfile(type="RuntimeDefault"),
        ),
    )
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name, labels=labels),
        spec=client.V1PodSpec(
            containers=[container],
            automount_service_account_token=False,
            termination_grace_period_seconds=0,
        ),
    )


@pytest.mark.parametrize("component", [*FLOWS, STRANGER])
def test_a_pod_reaches_exactly_the_listed_pods(
    cluster: Cluster, probes: dict[str, str], component: str
) -> None:
    targets = json.dumps(_targets(cluster))
    expected = sorted(FLOWS.get(component, {"api"}))

    def reached() -> list[str]:
        answer: list[str] = json.loads(
            cluster.execute(probes[component], "python", "-c", KNOCK, targets)
        )
        return answer

    # A policy takes effect up to 0.4 s after its pod has started.
    wait_until(f"the flows of {component}", lambda: reached() == expected or None, 20)
    assert reached() == expected


def _targets(cluster: Cluster) -> list[tuple[str, str, int]]:
    """Addresses rather than names: the stranger's names are nobody's business here."""
    addresses = {
        component: _real_pod(cluster, component).status.pod_ip
        for component in ("webserver", "webserver-readonly", "code-server", "postgres", "fe", "be")
    }
    addresses |= {"fe-query": addresses["fe"], "fe-http": addresses["fe"]}
    api = cluster.core.read_namespaced_service("kubernetes", "default")
    addresses["api"] = api.spec.cluster_ip
    return [(name, addresses[name], port) for name, port in PORTS.items()]


def _real_pod(cluster: Cluster, component: str) -> Any:
    (pod,) = [pod for pod in cluster.pods(component) if "probe" not in pod.metadata.labels]
    return pod


# The Kubernetes API ------------------------------------------------------------------------------

DAEMON_MAY = {
    ("batch", "jobs", "create"),
    ("batch", "jobs", "list"),
    ("batch", "jobs", "delete"),
    ("batch", "jobs/status", "get"),
    ("", "pods", "list"),
    ("", "pods", "delete"),
    ("", "pods/log", "get"),
    ("", "events", "list"),
}
WEBSERVER_MAY = {("batch", "jobs", "delete"), ("", "pods", "list"), ("", "pods", "delete")}
ACCOUNTS: Mapping[str, set[tuple[str, str, str]]] = {
    f"{RELEASE}-daemon": DAEMON_MAY,
    f"{RELEASE}-webserver": WEBSERVER_MAY,
    f"{RELEASE}-run": set(),
    "default": set(),
}
ASKED = DAEMON_MAY | {
    ("batch", "jobs", "get"),
    ("batch", "jobs", "update"),
    ("batch", "cronjobs", "create"),
    ("", "pods", "create"),
    ("", "pods/exec", "create"),
    ("", "secrets", "get"),
    ("", "secrets", "list"),
    ("", "configmaps", "get"),
    ("apps", "deployments", "update"),
    ("rbac.authorization.k8s.io", "roles", "create"),
}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_service_accounts_may_do_what_the_table_says(cluster: Cluster, account: str) -> None:
    allowed = {each for each in ASKED if _can_i(cluster, account, *each)}
    assert allowed == ACCOUNTS[account]


def _can_i(cluster: Cluster, account: str, group: str, resource: str, verb: str) -> bool:
    name, _, subresource = resource.partition("/")
    review = client.V1SubjectAccessReview(
        spec=client.V1SubjectAccessReviewSpec(
            user=f"system:serviceaccount:{NAMESPACE}:{account}",
            groups=["system:serviceaccounts", "system:authenticated"],
            resource_attributes=client.V1ResourceAttributes(
                namespace=NAMESPACE,
                group=group,
                resource=name,
                subresource=subresource or None,
                verb=verb,
            ),
        )
    )
    status = cluster.rbac.create_subject_access_review(review).status
    return bool(status.allowed)


def test_only_webserver_and_daemon_have_a_token(cluster: Cluster) -> None:
    holders = {
        pod.metadata.labels["app.kubernetes.io/component"]
        for pod in cluster.pods()
        for container in [*(pod.spec.init_containers or []), *pod.spec.containers]
        for mount in container.volume_mounts or []
        if mount.mount_path.startswith("/var/run/secrets/kubernetes.io")
    }
    assert holders == {"webserver", "daemon"}


# Idleness ----------------------------------------------------------------------------------------


def test_an_idle_platform_launches_no_pod(
    cluster: Cluster,
    dagster: DagsterApi,
    report: Report,
    usage: UsageSampler,
) -> None:
    """Runs last: all it waits for is what is left of five minutes since the last run ended."""
    newest = dagster.runs(limit=1)[0]
    assert newest.ended is not None
    idle_from = max(newest.ended, _last_job_end(cluster))
    wait_until("five idle minutes", lambda: time.time() - idle_from > IDLE_SECONDS, IDLE_SECONDS)
    assert dagster.state().settled
    since = datetime.fromtimestamp(idle_from, UTC) + timedelta(seconds=1)
    launched = [
        pod.metadata.name
        for pod in cluster.pods()
        if pod.metadata.creation_timestamp > since and "probe" not in pod.metadata.labels
    ]
    assert launched == []
    now, age = time.monotonic(), time.time() - idle_from
    report.idle_seconds = round(age)
    report.usage = usage.usage(now - age + 30, now)
    assert report.rest_cores <= IDLE_CORES
    assert report.rest_mib <= REST_MIB


def _last_job_end(cluster: Cluster) -> float:
    """The newest end of a one-off Job of the scenarios."""
    ends = [
        condition.last_transition_time.timestamp()
        for job in cluster.jobs("")
        for condition in job.status.conditions or []
    ]
    return max(ends, default=0.0)
