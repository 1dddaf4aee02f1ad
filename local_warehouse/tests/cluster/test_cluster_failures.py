"""Pods come and go in any order, in the middle of anything: no acknowledged row is lost."""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from warehouse_cluster import IMAGE, Cluster, Node, reply_after, running_cluster
from warehouse_server import wait_until

ROWS = b"".join(b'{"id": %d}\n' % number for number in range(20_000))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as cluster:
        yield cluster


def start(cluster: Cluster) -> tuple[Node, Node]:
    frontend, backend = cluster.start_frontend(), cluster.start_backend()
    cluster.query("CREATE DATABASE d", "CREATE TABLE d.t (id BIGINT NOT NULL) PRIMARY KEY (id)")
    return frontend, backend


def health_seconds(cluster: Cluster) -> float:
    started = time.monotonic()
    response = requests.get(f"{cluster.backend_url()}/api/health", timeout=20)
    assert response.json() == {"status": "OK", "msg": "To Be Added"}
    return time.monotonic() - started


def wait_for_more(growing: list[int], count: int) -> None:
    goal = len(growing) + count
    wait_until(lambda: len(growing) >= goal, seconds=60)


def spooled(cluster: Cluster) -> int:
    spool = cluster.folder / "fe" / "fe" / "meta" / "spool"
    return sum(path.stat().st_size for path in spool.iterdir())


def test_a_backend_waits_for_the_frontend(cluster: Cluster) -> None:
    backend = cluster.start_backend(wait=False)
    wait_until(lambda: "not registered with 127.0.0.1" in backend.log.read_text())
    cluster.start_frontend()
    assert backend.ready["role"] == "backend"
    wait_until(cluster.alive)
    assert "Traceback" not in backend.log.read_text()


def test_a_backend_waits_until_root_has_its_password(cluster: Cluster) -> None:
    cluster.start_frontend()
    secret = "pä'ss\\w\"örd 密码;--"
    backend = cluster.start_backend(wait=False, MYSQL_PWD=secret)
    explanation = (
        "MYSQL_PWD is not the password of root (in a new cluster root has none until SET PASSWORD "
        "has run)"
    )
    wait_until(lambda: explanation in backend.log.read_text())
    with cluster.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET PASSWORD = PASSWORD(%s)", [secret])
    cluster.password = secret
    assert backend.ready["role"] == "backend"
    wait_until(cluster.alive)
    assert secret not in backend.log.read_text()


def test_a_waiting_backend_ends_at_once(cluster: Cluster) -> None:
    backend = cluster.start_backend(wait=False)
    wait_until(lambda: "not registered" in backend.log.read_text())
    started = time.monotonic()
    assert backend.stop() == 0
    assert time.monotonic() - started < 5


def test_without_a_frontend_a_backend_is_healthy_and_fails_loads(cluster: Cluster) -> None:
    frontend, backend = start(cluster)
    frontend.kill()
    assert health_seconds(cluster) < 1
    response = requests.put(
        f"{cluster.backend_url()}/api/d/t/_stream_load",
        b'{"id": 1}',
        headers={"label": "a"},
        auth=("root", ""),
        timeout=20,
    )
    reply = response.json()
    assert (reply["TxnId"], reply["Label"], reply["Status"]) == (-1, "a", "Fail")
    assert reply["Message"].startswith(
        f"call frontend service failed, address=127.0.0.1:{cluster.rpc_port}, reason=Cannot connect"
    )
    lost = requests.get(f"{cluster.backend_url()}/api/_load_error_log?file=x", timeout=20)
    assert lost.status_code == 502
    assert backend.process.poll() is None


def test_health_answers_while_loads_run(cluster: Cluster) -> None:
    start(cluster)
    with cluster.begin_load("d/t", "a", len(ROWS)) as client:
        client.sendall(ROWS[:1000])
        wait_until(lambda: spooled(cluster) == 0 and cluster.label_state("d", "a") == "PREPARE")
        assert health_seconds(cluster) < 1
        assert cluster.health()["online_backend_num"] == 1
        client.sendall(ROWS[1000:])
        assert reply_after(client)["Status"] == "Success"


def test_a_load_whose_frontend_dies_is_unknown_and_its_label_tells_the_truth(
    cluster: Cluster,
) -> None:
    frontend, _ = start(cluster)
    with cluster.begin_load("d/t", "a", len(ROWS)) as client:
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(ROWS[:-1])
        assert cluster.label_state("d", "a") == "PREPARE"
        frontend.kill()
        client.sendall(ROWS[-1:])
        reply = reply_after(client)
    assert (reply["Status"], reply["Label"]) == ("Fail", "a")
    assert reply["Message"].startswith("Commit transaction fail cause call frontend service failed")
    assert reply["Message"].endswith("Transaction status unknown, you can retry with same label.")
    cluster.start_frontend()
    wait_until(cluster.alive)
    assert cluster.label_state("d", "a") == "UNKNOWN"
    assert cluster.query("SELECT COUNT(*) FROM d.t") == [(0,)]
    assert cluster.load("d/t", ROWS, "a")["Status"] == "Success"
    assert cluster.query("SELECT COUNT(*) FROM d.t") == [(20_000,)]


@pytest.mark.parametrize("victim", ["frontend", "backend"])
def test_killed_at_any_moment_nothing_acknowledged_is_lost(cluster: Cluster, victim: str) -> None:
    nodes = dict(zip(("frontend", "backend"), start(cluster), strict=True))
    acknowledged: list[int] = []
    sent: list[int] = []
    enough = threading.Event()

    def load_on() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            sent.append(number)
            try:
                reply = cluster.load("d/t", b'{"id": %d}' % number, f"load-{number}")
            except requests.RequestException:
                continue
            if reply["Status"] == "Success":
                acknowledged.append(number)

    loader = threading.Thread(target=load_on)
    loader.start()
    for _ in range(3):
        wait_for_more(acknowledged, 20)
        nodes[victim].kill()
        nodes[victim] = (
            cluster.start_frontend() if victim == "frontend" else cluster.start_backend()
        )
    enough.set()
    loader.join()
    wait_until(cluster.alive)
    rows = {row[0] for row in cluster.query("SELECT id FROM d.t")}
    labels = {number for number in sent if cluster.label_state("d", f"load-{number}") == "VISIBLE"}
    assert rows == labels
    assert set(acknowledged) <= rows


@pytest.mark.parametrize("component", ["fe", "be"])
def test_the_stop_hook_leaves_a_clean_end_to_the_signal_that_follows(
    cluster: Cluster, component: str
) -> None:
    frontend, backend = start(cluster)
    node = {"fe": frontend, "be": backend}[component]
    with cluster.connect(), cluster.begin_load("d/t", "a", len(ROWS)) as client:
        client.sendall(ROWS[:1000])
        wait_until(lambda: cluster.label_state("d", "a") == "PREPARE")
        subprocess.run([str(IMAGE / "stop.sh"), "-g"], timeout=20, check=True)
        assert node.process.poll() is None
        started = time.monotonic()
        assert node.stop() == 0
        assert time.monotonic() - started < 10
    assert "Traceback" not in (frontend.log.read_text() + backend.log.read_text())


def test_a_load_that_is_sent_when_the_frontend_stops_is_answered(cluster: Cluster) -> None:
    frontend, _ = start(cluster)
    body = b"".join(b'{"id": %d}\n' % number for number in range(300_000))
    with cluster.begin_load("d/t", "a", len(body)) as client:
        client.sendall(body)
        wait_until(lambda: spooled(cluster) == len(body))
        assert frontend.stop() == 0
        assert reply_after(client)["Status"] == "Success"
    cluster.start_frontend()
    assert cluster.query("SELECT COUNT(*) FROM d.t") == [(300_000,)]
