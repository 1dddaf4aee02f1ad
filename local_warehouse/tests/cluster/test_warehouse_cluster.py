"""A frontend and its backends: who is there, who takes loads, and what fails without them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
import requests
from warehouse_cluster import Cluster, running_cluster
from warehouse_server import wait_until

NO_BACKEND = {
    "Status": "FAILED",
    "Message": "class com.starrocks.common.DdlException: No backend alive.",
}
NOT_FOUND = "Backend node not found. Check if any backend node is down."


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as cluster:
        yield cluster


def error(cluster: Cluster, *statements: str) -> tuple[int, str]:
    with pytest.raises(pymysql.MySQLError) as caught:
        cluster.query(*statements)
    code, message = caught.value.args
    return code, message


def prepare(cluster: Cluster) -> None:
    cluster.query("CREATE DATABASE d", "CREATE TABLE d.t (id BIGINT NOT NULL) PRIMARY KEY (id)")


def ids(cluster: Cluster) -> list[int]:
    return [row[0] for row in cluster.query("SELECT id FROM d.t ORDER BY id")]


def test_without_a_backend_only_metadata_works(cluster: Cluster) -> None:
    cluster.start_frontend()
    assert cluster.health() == {"online_backend_num": 0, "total_backend_num": 0, "status": "OK"}
    assert cluster.query("SELECT 1") == [(1,)]
    cluster.query("CREATE DATABASE d", "CREATE USER u IDENTIFIED BY 'p'")
    assert cluster.query("SHOW BACKENDS") == []
    assert error(cluster, "CREATE TABLE d.t (id BIGINT)") == (
        1064,
        "Getting analyzing error. Detail message: Table replication num should be less than or "
        "equal to the number of available BE nodes. You can change this default by setting the "
        "replication_num table properties. Current alive backend is [].",
    )
    assert cluster.load("d/t", b'{"id": 1}', "a") == NO_BACKEND


def test_a_load_goes_by_the_redirect_to_the_backend(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    redirect = cluster.ask("/api/d/t/_stream_load?x=1")
    assert (redirect.status_code, redirect.headers["Location"]) == (
        307,
        f"{cluster.backend_url()}/api/d/t/_stream_load?x=1",
    )
    reply = cluster.load("d/t", b'{"id": 1}\n{"id": 2}', "a")
    shown = {key: value for key, value in reply.items() if not key.endswith("Ms")}
    assert shown == {
        "TxnId": 1,
        "Label": "a",
        "Status": "Success",
        "Message": "OK",
        "NumberTotalRows": 2,
        "NumberLoadedRows": 2,
        "NumberFilteredRows": 0,
        "NumberUnselectedRows": 0,
        "LoadBytes": 19,
    }
    assert ids(cluster) == [1, 2]
    assert cluster.label_state("d", "a") == "VISIBLE"


def test_nodes_are_listed_as_starrocks_lists_them(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    [frontend], [backend] = cluster.query("SHOW FRONTENDS"), cluster.query("SHOW BACKENDS")
    assert (len(frontend), len(backend)) == (17, 30)
    assert frontend[2:8] == (
        "127.0.0.1",
        "9010",
        str(cluster.http_port),
        str(cluster.query_port),
        str(cluster.rpc_port),
        "LEADER",
    )
    port = cluster.backend_url().rpartition(":")[2]
    assert backend[1:6] == ("127.0.0.1", str(cluster.heartbeat_port()), "9060", port, "8060")
    assert (frontend[10], backend[8]) == ("true", "true")


def test_a_frontend_comes_back_with_everything(cluster: Cluster) -> None:
    frontend = cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    cluster.load("d/t", b'{"id": 1}', "a")
    cluster.query(
        "CREATE USER IF NOT EXISTS 'u'@'%' IDENTIFIED BY 'p'",
        "GRANT SELECT ON ALL TABLES IN DATABASE d TO USER 'u'@'%'",
        "SET PASSWORD = PASSWORD('secret')",
    )
    cluster.password = "secret"
    frontend.kill()
    cluster.start_frontend(MYSQL_PWD="another")
    assert cluster.alive()
    assert cluster.query("SELECT id FROM d.t", user="u", password="p") == [(1,)]
    assert cluster.load("d/t", b'{"id": 1}', "a")["ExistingJobStatus"] == "FINISHED"
    assert cluster.load("d/t", b'{"id": 2}', "b")["Status"] == "Success"
    assert ids(cluster) == [1, 2]


def test_a_killed_backend_is_missed_and_comes_back(cluster: Cluster) -> None:
    cluster.start_frontend()
    backend = cluster.start_backend()
    prepare(cluster)
    cluster.query("INSERT INTO d.t VALUES (1)", "CREATE VIEW d.v AS SELECT id FROM d.t")
    backend.kill()
    wait_until(lambda: not cluster.alive())
    assert cluster.health() == {"online_backend_num": 0, "total_backend_num": 1, "status": "OK"}
    assert cluster.load("d/t", b'{"id": 2}', "a") == NO_BACKEND
    for sql in (
        "SELECT id FROM d.t",
        "SELECT id FROM d.v",
        "INSERT INTO d.t VALUES (2)",
        "UPDATE d.t SET id = 3 WHERE id = 1",
        "DELETE FROM d.t WHERE id = 1",
        "TRUNCATE TABLE d.t",
    ):
        assert error(cluster, sql) == (1064, NOT_FOUND)
    assert cluster.query("DESC d.t") == [("id", "bigint", "NO", "true", None, "")]
    assert cluster.query("SELECT table_name FROM information_schema.tables LIMIT 1")
    cluster.start_backend()
    assert cluster.load("d/t", b'{"id": 2}', "a")["Status"] == "Success"
    assert ids(cluster) == [1, 2]


def test_loads_go_to_the_backends_in_turn(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend(0)
    second = cluster.start_backend(1)
    places = [cluster.ask("/api/d/t/_stream_load").headers["Location"] for _ in range(4)]
    assert {places[0], places[1]} == {
        f"{cluster.backend_url(number)}/api/d/t/_stream_load" for number in (0, 1)
    }
    assert places[:2] == places[2:]
    cluster.query(
        'CREATE DATABASE d; CREATE TABLE d.t (k INT) PROPERTIES ("replication_num" = "2")'
    )
    assert '"replication_num" = "2"' in cluster.query("SHOW CREATE TABLE d.t")[0][1]
    second.kill()
    wait_until(lambda: not cluster.alive(1))
    address = f"127.0.0.1:{cluster.heartbeat_port(1)}"
    cluster.query(f'ALTER SYSTEM DROP BACKEND "{address}"')
    assert cluster.backends() == {cluster.heartbeat_port(0): "true"}
    assert error(cluster, f'ALTER SYSTEM DROP BACKEND "{address}"')[0] == 1064


def test_only_root_sees_and_changes_the_nodes(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.query("CREATE USER u IDENTIFIED BY 'p'")
    for sql in ("SHOW BACKENDS", "SHOW FRONTENDS", 'ALTER SYSTEM ADD BACKEND "h:9050"'):
        with pytest.raises(pymysql.MySQLError) as caught:
            cluster.query(sql, user="u", password="p")
        assert caught.value.args[0] == 5203


def test_the_default_number_of_replicas_is_that_of_starrocks(cluster: Cluster) -> None:
    cluster.start_frontend("default_replication_num = 3")
    cluster.start_backend()
    cluster.query("CREATE DATABASE d")
    assert "Current alive backend is [1" in error(cluster, "CREATE TABLE d.t (k INT)")[1]
    cluster.query('CREATE TABLE d.t (k INT) PROPERTIES ("replication_num" = "1")')


def test_rejected_rows_are_explained_where_the_load_was_sent(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    reply = cluster.load("d/t", b'{"id": 1}\n{"id": "x"}', "a")
    assert (reply["Status"], reply["Message"]) == ("Fail", "too many filtered rows")
    assert reply["ErrorURL"].startswith(f"{cluster.backend_url()}/api/_load_error_log?file=")
    assert requests.get(reply["ErrorURL"], timeout=20).text == (
        "Error: Value 'x' is out of range. The type of 'id' is BIGINT. "
        'Row: {"id":"x","__op":null}\n'
    )
    missing = requests.get(f"{cluster.backend_url()}/api/_load_error_log?file=x", timeout=20)
    assert missing.status_code == 404


def test_the_frontend_checks_who_loads(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    answers: dict[str, Any] = {}
    for name, auth in {"wrong": ("root", "wrong"), "missing": None}.items():
        response = requests.put(
            f"{cluster.backend_url()}/api/d/t/_stream_load", b"{}", auth=auth, timeout=20
        )
        answers[name] = response.json()["Message"]
    assert answers == {
        "wrong": "Access denied for root",
        "missing": "no valid Basic authorization",
    }


def test_the_body_is_asked_for_only_where_the_frontend_begins_the_load(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    with cluster.begin_load("d/t", "a", 9) as client:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b'{"id": 1}')
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    with cluster.begin_load("d/nothing", "b", 9) as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    assert ids(cluster) == [1]


def test_a_chunked_body_is_passed_on(cluster: Cluster) -> None:
    cluster.start_frontend()
    cluster.start_backend()
    prepare(cluster)
    chunks = (b'{"id": %d}\n' % number for number in range(1000))
    response = requests.put(
        f"{cluster.backend_url()}/api/d/t/_stream_load",
        chunks,
        headers={"format": "json"},
        auth=("root", ""),
        timeout=20,
    )
    assert response.json()["NumberLoadedRows"] == 1000


def test_a_second_frontend_is_refused(cluster: Cluster) -> None:
    node = cluster._start("fe", "fe", "", {"POD_NAME": "retail-fe-1"})
    assert node.process.wait(timeout=20) == 1
    assert node.log.read_text() == (
        "local-warehouse: retail-fe-1 would be a second frontend, and the embedded warehouse has "
        "one. Set starRocksFeSpec.replicas to 1.\n"
    )
