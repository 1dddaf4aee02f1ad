"""From start to stop and back: what is kept, and how fast."""

import http.client
import json
import signal
import threading
import time
from typing import Any

import pymysql
import pytest
from warehouse_server import PASSWORD, Server, StartServer, basic, processor_ticks, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly_with_clients_connected(
    start_server: StartServer, number: int
) -> None:
    server = start_server()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        started = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(timeout=20) == 0
    assert time.monotonic() - started < 5
    log = (server.data_dir.parent / "log").read_text()
    assert "Traceback" not in log


def test_data_and_labels_outlive_a_restart(start_server: StartServer) -> None:
    server = start_server()
    server.query("CREATE DATABASE d")
    server.query("CREATE TABLE d.t (id BIGINT NOT NULL) PRIMARY KEY (id)")
    first = server.load("d", "t", '{"id": 1}', label="a")
    assert server.stop() == 0
    server = start_server()
    assert server.query("SELECT id FROM d.t") == [(1,)]
    assert server.load("d", "t", '{"id": 1}', label="a")["Status"] == "Label Already Exists"
    assert server.load("d", "t", '{"id": 2}', label="b")["TxnId"] > first["TxnId"]


def test_the_password_of_root_is_that_of_the_last_start(start_server: StartServer) -> None:
    server = start_server(password="first")
    assert server.connect(password="first").open
    server.stop()
    server = start_server(password="")
    assert server.connect(password="").open
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        server.connect(password="first")


def test_a_running_load_is_finished_before_the_process_ends(start_server: StartServer) -> None:
    server = start_server()
    server.query("CREATE DATABASE d")
    server.query("CREATE TABLE d.t (id BIGINT NOT NULL) PRIMARY KEY (id)")
    body = b"".join(b'{"id": %d}\n' % number for number in range(300_000))
    replies: list[dict[str, Any]] = []
    loader = threading.Thread(target=lambda: replies.append(server.load("d", "t", body, label="a")))
    loader.start()
    wait_until(lambda: sum(spooled_bytes(server)) == len(body))
    assert server.stop() == 0
    loader.join()
    assert [reply["Status"] for reply in replies] == ["Success"]
    assert start_server().query("SELECT COUNT(*) FROM d.t") == [(300_000,)]


def test_a_load_whose_body_does_not_come_is_rolled_back_at_the_end(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.query("CREATE DATABASE d")
    server.query("CREATE TABLE d.t (id BIGINT NOT NULL) PRIMARY KEY (id)")
    connection = http.client.HTTPConnection("127.0.0.1", server.be_http_port, timeout=20)
    connection.putrequest("PUT", "/api/d/t/_stream_load")
    connection.putheader("Authorization", basic("root", PASSWORD))
    connection.putheader("label", "a")
    connection.putheader("format", "json")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b'{"id": 1}')
    wait_until(lambda: bool(spooled_bytes(server)))
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 5
    assert json.loads(connection.getresponse().read())["Message"] == (
        "Service is shutting down, please retry later!"
    )
    server = start_server()
    assert not spooled_bytes(server)
    assert server.load("d", "t", '{"id": 2}', label="a")["Status"] == "Success"
    assert server.query("SELECT id FROM d.t") == [(2,)]


def spooled_bytes(server: Server) -> list[int]:
    return [path.stat().st_size for path in (server.data_dir / "spool").iterdir()]


def test_a_running_statement_is_cancelled_at_the_end(start_server: StartServer) -> None:
    server = start_server()
    server.query("CREATE DATABASE d")
    server.query("CREATE TABLE d.t (id BIGINT) DUPLICATE KEY (id)")
    server.load("d", "t", b"".join(b'{"id": %d}\n' % number for number in range(10_000)))
    connection: Any = server.connect()
    endless = "SELECT COUNT(*) FROM d.t a, d.t b, d.t c WHERE (a.id * b.id + c.id) % 1000003 = 7"
    connection._execute_command(0x03, endless)
    process_id = server.process.pid
    idle = processor_ticks(process_id)
    wait_until(lambda: processor_ticks(process_id) - idle > 20)
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 5
    assert "Traceback" not in (server.data_dir.parent / "log").read_text()
