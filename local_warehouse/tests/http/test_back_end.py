"""The back end: authentication, 100-continue, faults."""

import http.client
import json
import socket

import pytest
import requests
from warehouse_server import PASSWORD, Server, basic


@pytest.fixture
def table(server: Server, database: str) -> str:
    server.query(f"CREATE TABLE {database}.t (id BIGINT NOT NULL) DUPLICATE KEY (id)")
    return database


def url(server: Server, table: str) -> str:
    return f"http://127.0.0.1:{server.be_http_port}/api/{table}/t/_stream_load"


def count(server: Server, table: str) -> int:
    return int(server.query(f"SELECT COUNT(*) FROM {table}.t")[0][0])


def arm(server: Server, fault: str, times: int = 1) -> int:
    path = f"/api/_faults?next={fault}&times={times}"
    return server.request("POST", server.be_http_port, path, b"", {}).status


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "no valid Basic authorization"),
        ("Basic !!!", "no valid Basic authorization"),
        (basic("root", "wrong"), "Access denied for root"),
        (basic("nobody", PASSWORD), "Access denied for nobody"),
    ],
)
def test_loads_need_credentials(
    server: Server, table: str, header: str | None, message: str
) -> None:
    headers = {"format": "json", "label": "a"} | ({"Authorization": header} if header else {})
    response = requests.put(url(server, table), '{"id": 1}', headers=headers, timeout=20)
    reply = response.json()
    assert response.status_code == 200
    assert (reply["TxnId"], reply["Label"], reply["Status"]) == (-1, "a", "Fail")
    assert reply["Message"] == message
    assert count(server, table) == 0


def test_the_insert_privilege_is_needed(server: Server, table: str) -> None:
    user = f"u_{table}"
    server.query(f"CREATE USER {user} IDENTIFIED BY 'secret'")
    headers = {"format": "json"}

    def load() -> str:
        response = requests.put(
            url(server, table), '{"id": 1}', headers=headers, auth=(user, "secret"), timeout=20
        )
        return str(response.json()["Message"])

    assert load() == (
        "Access denied; you need (at least one of) the INSERT privilege(s) on TABLE t "
        "for this operation"
    )
    server.query(f"GRANT INSERT ON TABLE {table}.t TO USER {user}")
    assert load() == "OK"


def raw_load(server: Server, table: str, password: str) -> socket.socket:
    lines = (
        f"PUT /api/{table}/t/_stream_load HTTP/1.1",
        "Host: localhost",
        f"Authorization: {basic('root', password)}",
        "format: json",
        "Expect: 100-continue",
        "Content-Length: 9",
        "",
        "",
    )
    client = socket.create_connection(("127.0.0.1", server.be_http_port), timeout=20)
    client.sendall("\r\n".join(lines).encode())
    return client


def test_the_body_is_asked_for_only_where_the_load_may_begin(server: Server, table: str) -> None:
    with raw_load(server, table, PASSWORD) as client:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b'{"id": 1}')
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    with raw_load(server, table, "wrong") as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
    assert count(server, table) == 1


def test_a_chunked_body_loads(server: Server, table: str) -> None:
    chunks = (f'{{"id": {number}}}\n'.encode() for number in range(1000))
    response = requests.put(
        url(server, table),
        chunks,
        headers={"format": "json"},
        auth=("root", PASSWORD),
        timeout=20,
    )
    assert response.json()["NumberLoadedRows"] == 1000


def test_error_logs_are_found_by_their_name_alone(server: Server) -> None:
    for name in ("missing", "../lock", "/etc/passwd"):
        path = f"/api/_load_error_log?file={name}"
        assert server.request("GET", server.be_http_port, path, b"", {}).status == 404


def test_a_connection_can_be_dropped_after_the_commit(server: Server, table: str) -> None:
    assert arm(server, "drop_connection") == 204
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        server.load(table, "t", '{"id": 1}', label="a")
    assert server.load(table, "t", '{"id": 1}', label="a")["ExistingJobStatus"] == "FINISHED"
    assert count(server, table) == 1


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ("publish_timeout", "Publish Timeout", "Publish timeout"),
        (
            "unknown_state",
            "Fail",
            "Commit transaction fail cause injected fault, Transaction status unknown, "
            "you can retry with same label.",
        ),
    ],
)
def test_a_committed_load_can_end_unclear(
    server: Server, table: str, fault: str, status: str, message: str
) -> None:
    arm(server, fault)
    reply = server.load(table, "t", '{"id": 1}', label="a")
    assert (reply["Status"], reply["Message"]) == (status, message)
    path = f"/api/{table}/get_load_state?label=a"
    state = json.loads(server.request("GET", server.fe_http_port, path, b"", {}).read())["state"]
    assert (state, count(server, table)) == ("VISIBLE", 1)
    assert server.load(table, "t", '{"id": 2}', label="b")["Status"] == "Success"


def test_an_unknown_fault_is_refused(server: Server) -> None:
    assert arm(server, "earthquake") == 400
