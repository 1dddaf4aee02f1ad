"""What the cluster of `up` can do, as its README says it; run it after a change in this folder."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_kind.cluster import KindCluster
from websocket import create_connection

HERE = Path(__file__).parent
NAMESPACE = "cluster-check"
INGRESS = f"http://127.0.0.1:{os.environ.get('INGRESS_PORT', '8080')}"
NODE_PORT = f"http://127.0.0.1:{os.environ.get('NODE_PORT', '30030')}"
FETCH = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=3).status)"
SECONDS = 20.0
"""How long a change may take to be in force; it is 0.4 s on an idle machine."""

Kubectl = Callable[..., str]


@pytest.fixture(scope="module")
def kubectl(kind_cluster: KindCluster) -> Iterator[Kubectl]:
    for image in ("e2e/python:3.13", "e2e/postgres:17"):
        kind_cluster.load_docker_image(image)

    def run(*arguments: str) -> str:
        return str(kind_cluster.kubectl("--namespace", NAMESPACE, *arguments))

    kind_cluster.kubectl("create", "namespace", NAMESPACE)
    try:
        run("create", "configmap", "server", f"--from-file={HERE / 'echo_server.py'}")
        run("apply", "-f", str(HERE / "cluster.yaml"))
        run("wait", "pod", "--all", "--for=condition=Ready", "--timeout=120s")
        run("rollout", "status", "statefulset/postgres", "--timeout=120s")
        yield run
    finally:
        kind_cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def get(url: str, host: str | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, None


def fetched(kubectl: Kubectl, pod: str, url: str) -> bool:
    """Whether a pod gets an answer."""
    try:
        return "200" in kubectl("exec", pod, "--", "python3", "-c", FETCH, url)
    except subprocess.CalledProcessError:
        return False


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline


def test_cluster_ip_and_dns(kubectl: Kubectl) -> None:
    for name in ("web", f"web.{NAMESPACE}.svc.cluster.local"):
        eventually(lambda name=name: fetched(kubectl, "friend", f"http://{name}/"))  # type: ignore[misc]


def test_network_policy_keeps_strangers_out_until_it_is_lifted(kubectl: Kubectl) -> None:
    eventually(lambda: not fetched(kubectl, "stranger", "http://web/"))
    kubectl("label", "pod", "stranger", "may=enter")
    eventually(lambda: fetched(kubectl, "stranger", "http://web/"))


def test_network_policy_keeps_the_quiet_in(kubectl: Kubectl) -> None:
    kubectl("exec", "quiet", "--", "python3", "-c", "import socket; socket.getaddrinfo('web', 80)")
    eventually(lambda: not fetched(kubectl, "quiet", "http://web/"))


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("web.localhost", "/app", 200),
        ("web.localhost", "/app/deep?a=1", 200),
        ("web.localhost", "/apple", 404),
        ("web.localhost", "/only", 200),
        ("web.localhost", "/only/deep", 404),
        ("WEB.localhost:8080", "/app", 200),
        ("any.wild.localhost", "/", 200),
        ("wild.localhost", "/", 404),
        ("other.localhost", "/app", 404),
    ],
)
def test_ingress_routes_by_host_and_path(
    kubectl: Kubectl, host: str, path: str, status: int
) -> None:
    del kubectl
    found, body = get(f"{INGRESS}{path}", host)
    assert found == status
    if status == 200:
        assert body["path"] == path
        assert body["headers"]["host"] == host
        assert body["headers"]["x-forwarded-host"] == host
        assert body["headers"]["x-forwarded-proto"] == "http"


def test_ingress_tells_its_address(kubectl: Kubectl) -> None:
    path = "{.status.loadBalancer.ingress[0].hostname}"
    kubectl("wait", "ingress/web", f"--for=jsonpath={path}=localhost", "--timeout=10s")


def test_web_socket_through_the_ingress(kubectl: Kubectl) -> None:
    del kubectl
    address = INGRESS.replace("http://", "ws://") + "/app/live"
    connection = create_connection(address, timeout=10, host="web.localhost")
    try:
        for message in ("first", "größer " * 20_000, "last"):
            connection.send(message)
            assert connection.recv() == message
    finally:
        connection.close()


def test_node_port_from_this_machine(kubectl: Kubectl) -> None:
    # what comes from outside has the node's address, which the policy does not name
    kubectl("delete", "networkpolicy", "web")

    def answers() -> bool:
        try:
            return get(NODE_PORT)[0] == 200
        except OSError:
            return False

    eventually(answers)


def test_memory_limit(kubectl: Kubectl) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        kubectl("exec", "web", "--", "python3", "-c", "bytearray(256 << 20)")
    assert failure.value.returncode == 137


def test_volume_is_writable_by_its_user(kubectl: Kubectl) -> None:
    kubectl("exec", "web", "--", "sh", "-c", "echo kept >/data/file")
    assert kubectl("exec", "web", "--", "cat", "/data/file") == "kept\n"


def test_postgres_keeps_its_data(kubectl: Kubectl) -> None:
    def sql(text: str) -> str:
        address = "postgresql://dagster:secret@postgres/dagster"
        return kubectl("exec", "postgres-0", "--", "psql", "-Atc", text, address).strip()

    sql("create table t as select 42 as x")
    kubectl("delete", "pod", "postgres-0")
    kubectl("rollout", "status", "statefulset/postgres", "--timeout=60s")
    assert sql("select x from t") == "42"


def test_port_forward(kind_cluster: KindCluster, kubectl: Kubectl) -> None:
    kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=60s")
    with kind_cluster.port_forward("service/web", 80, "--namespace", NAMESPACE) as port:
        assert get(f"http://127.0.0.1:{port}/")[0] == 200


def test_a_pod_reaches_the_outside_by_name(kubectl: Kubectl) -> None:
    targets = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    mirror = subprocess.check_output(targets, text=True).split()[0]
    assert fetched(kubectl, "friend", f"{mirror}dists/stable/Release")
