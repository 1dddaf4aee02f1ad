"""A label makes a load happen once, whatever happens to its client or to the process."""

import http.client
import json
import threading
from functools import partial
from typing import Any

import pytest
from warehouse_server import PASSWORD, Server, StartServer, basic, wait_until

TABLE = "CREATE TABLE {0}.t (id BIGINT NOT NULL, name VARCHAR(10)) DUPLICATE KEY (id)"


@pytest.fixture
def table(server: Server, database: str) -> str:
    server.query(TABLE.format(database))
    return database


def state(server: Server, database: str, label: str) -> str:
    path = f"/api/{database}/get_load_state?label={label}"
    response = server.request("GET", server.fe_http_port, path, b"", {})
    document = json.loads(response.read())
    assert list(document) == ["status", "code", "msg", "message", "state"]
    assert document["status"] == "OK"
    return str(document["state"])


def ids(server: Server, database: str) -> list[int]:
    return [row[0] for row in server.query(f"SELECT id FROM {database}.t ORDER BY id")]


def begin_load(
    server: Server, database: str, label: str, length: int
) -> http.client.HTTPConnection:
    """Send the headers of a load and nothing of its body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.be_http_port, timeout=20)
    connection.putrequest("PUT", f"/api/{database}/t/_stream_load")
    connection.putheader("Authorization", basic("root", PASSWORD))
    connection.putheader("label", label)
    connection.putheader("format", "json")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    return connection


def test_a_committed_label_is_finished(server: Server, table: str) -> None:
    assert state(server, table, "a") == "UNKNOWN"
    first = server.load(table, "t", '{"id": 1}', label="a")
    again = server.load(table, "t", '{"id": 2}', label="a")
    assert (again["Status"], again["ExistingJobStatus"]) == ("Label Already Exists", "FINISHED")
    assert again["Message"] == "Label [a] has already been used."
    assert list(again)[:5] == ["TxnId", "Label", "Status", "ExistingJobStatus", "Message"]
    assert (first["Status"], ids(server, table)) == ("Success", [1])
    assert state(server, table, "a") == "VISIBLE"


def test_a_label_is_free_again_after_a_failed_load(server: Server, table: str) -> None:
    assert server.load(table, "t", '{"id": "x"}', label="a")["Status"] == "Fail"
    assert state(server, table, "a") == "ABORTED"
    assert server.load(table, "t", '{"id": 1}', label="a")["Status"] == "Success"
    assert state(server, table, "a") == "VISIBLE"


def test_labels_belong_to_their_database(server: Server, table: str) -> None:
    other = f"{table}_other"
    server.query(f"CREATE DATABASE {other}")
    server.query(TABLE.format(other))
    for database in (table, other):
        assert server.load(database, "t", '{"id": 1}', label="a")["Status"] == "Success"


def test_labels_outlive_their_table_but_not_their_database(server: Server, table: str) -> None:
    server.load(table, "t", '{"id": 1}', label="a")
    server.query(f"DROP TABLE {table}.t")
    server.query(TABLE.format(table))
    assert server.load(table, "t", '{"id": 1}', label="a")["Status"] == "Label Already Exists"
    server.query(f"DROP DATABASE {table} FORCE")
    server.query(f"CREATE DATABASE {table}")
    server.query(TABLE.format(table))
    assert state(server, table, "a") == "UNKNOWN"
    assert server.load(table, "t", '{"id": 2}', label="a")["Status"] == "Success"
    assert ids(server, table) == [2]


def test_a_label_is_taken_while_its_load_runs(server: Server, table: str) -> None:
    body = b'{"id": 1}'
    running = begin_load(server, table, "a", len(body))
    wait_until(lambda: state(server, table, "a") == "PREPARE")
    reply = server.load(table, "t", body, label="a")
    assert (reply["Status"], reply["ExistingJobStatus"]) == ("Label Already Exists", "RUNNING")
    running.send(body)
    assert json.loads(running.getresponse().read())["Status"] == "Success"
    assert ids(server, table) == [1]


def test_a_client_that_drops_in_its_body_gives_the_label_back(server: Server, table: str) -> None:
    running = begin_load(server, table, "a", 100)
    running.send(b'{"id": 1}')
    wait_until(lambda: state(server, table, "a") == "PREPARE")
    running.close()
    wait_until(lambda: state(server, table, "a") == "ABORTED")
    assert server.load(table, "t", '{"id": 2}', label="a")["Status"] == "Success"
    assert ids(server, table) == [2]


def test_of_loads_with_one_label_at_once_one_commits(server: Server, table: str) -> None:
    replies: list[dict[str, Any]] = []
    loads = [
        threading.Thread(
            target=lambda n=number: replies.append(
                server.load(table, "t", f'{{"id": {n}}}', label="a")
            )
        )
        for number in range(8)
    ]
    for load in loads:
        load.start()
    for load in loads:
        load.join()
    statuses = sorted(reply["Status"] for reply in replies)
    assert statuses == ["Label Already Exists"] * 7 + ["Success"]
    assert len(ids(server, table)) == 1


def _has_grown(labels: set[str], size: int) -> bool:
    return len(labels) >= size


def test_killed_at_any_moment_labels_equal_data(start_server: StartServer) -> None:
    acknowledged: set[str] = set()
    server = start_server()
    server.query("CREATE DATABASE d")
    server.query("CREATE TABLE d.t (id BIGINT NOT NULL, label VARCHAR(20)) PRIMARY KEY (id)")
    for round_number in range(3):

        def keep_loading(loader: int, server: Server = server, turn: int = round_number) -> None:
            for number in range(10_000):
                label = f"l{turn}_{loader}_{number}"
                first = (turn * 10 + loader) * 1_000_000 + number * 100
                body = "\n".join(f'{{"id": {first + row}}}' for row in range(100))
                columns = f"id,label='{label}'"
                try:
                    reply = server.load("d", "t", body, label=label, columns=columns)
                except (OSError, http.client.HTTPException):
                    return
                assert reply["Status"] == "Success"
                acknowledged.add(label)

        loaders = [threading.Thread(target=keep_loading, args=(n,)) for n in range(4)]
        for loader in loaders:
            loader.start()
        wait_until(partial(_has_grown, acknowledged, len(acknowledged) + 12))
        server.kill()
        for loader in loaders:
            loader.join()
        server = start_server()
        loaded = server.query("SELECT label, COUNT(*) FROM d.t GROUP BY label")
        assert {count for _, count in loaded} == {100}
        assert acknowledged <= {label for label, _ in loaded}
        for label in sorted({label for label, _ in loaded}):
            assert state(server, "d", label) == "VISIBLE"
    assert not list((server.data_dir / "spool").iterdir())
