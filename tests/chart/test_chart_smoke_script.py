"""The script of `helm test`, against the embedded warehouse and a webserver that is made up."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pymysql
import pytest
from chart_rendering import CHART

USERS = ("loader", "transformer", "observer", "bi_reader")
PROGRAMS = Path(sys.executable).parent


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("smoke_test", CHART / "files" / "smoke_test.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


smoke_test = load()


@dataclass(frozen=True)
class Warehouse:
    """The embedded warehouse, set up and loaded as in a release, with one of its marts."""

    port: int

    def execute(self, statement: str, user: str = "root") -> None:
        connection = pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=f"{user}-password"
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    ports = ("--mysql-port=0", "--fe-http-port=0", "--be-http-port=0")
    server = subprocess.Popen(
        [PROGRAMS / "local-warehouse", "serve", f"--data-dir={folder}", *ports],
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        try:
            assert server.stdout
            ready = json.loads(server.stdout.readline())
            variables = {
                "STARROCKS_QUERY_PORT": str(ready["mysql_port"]),
                "STARROCKS_HTTP_PORT": str(ready["fe_http_port"]),
                "SIMULATOR_TICK": "1h",
                "SIMULATOR_ORDERS_PER_DAY": "240",
                **{f"{user.upper()}_PASSWORD": f"{user}-password" for user in USERS},
            }
            simulate("root", variables, "setup", "--timeout=1m")
            simulate("loader", variables, "catch-up", "--until=2026-01-01T03:00")
            made = Warehouse(ready["mysql_port"])
            made.execute(
                "CREATE TABLE retail_marts.fact_orders (order_id BIGINT, order_date DATE) "
                "PRIMARY KEY (order_id) DISTRIBUTED BY HASH (order_id) BUCKETS 1"
            )
            yield made
        finally:
            server.terminate()


def simulate(user: str, variables: Mapping[str, str], *command: str) -> None:
    environment = {
        **os.environ,
        **variables,
        "STARROCKS_HOST": "127.0.0.1",
        "STARROCKS_USER": user,
        "STARROCKS_PASSWORD": f"{user}-password",
    }
    subprocess.run(
        [PROGRAMS / "ingestion-simulator", *command],
        env=environment,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def built(warehouse: Warehouse) -> Warehouse:
    """The marts hold every order."""
    warehouse.execute("TRUNCATE TABLE retail_marts.fact_orders")
    warehouse.execute(
        "INSERT INTO retail_marts.fact_orders "
        "SELECT order_id, cast(min(ordered_at) AS date) FROM retail_raw.raw_orders "
        "GROUP BY order_id"
    )
    return warehouse


class Webserver(BaseHTTPRequestHandler):
    """What the script asks of Dagster's webserver."""

    location: ClassVar[str] = "RepositoryLocation"

    def do_GET(self) -> None:
        self.reply({"dagster_webserver_version": "1.13.27"})

    def do_POST(self) -> None:
        entry = {
            "name": "transformation_pipeline",
            "loadStatus": "LOADED",
            "locationOrLoadError": {"__typename": self.location},
        }
        self.reply({"data": {"workspaceOrError": {"locationEntries": [entry]}}})

    def reply(self, answer: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def webserver(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(smoke_test, "_POLL_SECONDS", 0.01)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webserver)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def run_script(
    warehouse: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str], **changes: str
) -> tuple[int, list[str]]:
    """The exit status and the lines of the script, which waits for nothing."""
    variables = {
        "STARROCKS_HOST": "127.0.0.1",
        "STARROCKS_QUERY_PORT": str(warehouse.port),
        "WEBSERVER_URLS": webserver,
        "EXPECT_DATA": "true",
        "TIMEOUT_SECONDS": "0",
        **{f"{user.upper()}_PASSWORD": f"{user}-password" for user in USERS},
        **changes,
    }
    status = smoke_test.run(smoke_test.Release.from_environment(variables))
    return status, capsys.readouterr().out.splitlines()


def failures(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("ok: ")][:-1]


def test_a_release_as_it_should_be(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = run_script(built, webserver, capsys)
    assert (status, failures(lines)) == (0, [])
    assert lines[-1] == "13 of 13 checks passed"
    assert [line for line in lines if "logs in" in line] == [
        f"ok: {user} logs in" for user in USERS
    ]


def test_a_wrong_password(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = run_script(built, webserver, capsys, OBSERVER_PASSWORD="guess")
    assert status == 1
    assert any(line.startswith("FAILED") and "observer" in line for line in lines)
    assert not any("guess" in line for line in lines)


def test_a_right_too_many(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    built.execute("GRANT SELECT ON ALL TABLES IN DATABASE retail_raw TO USER bi_reader")
    try:
        status, lines = run_script(built, webserver, capsys)
    finally:
        built.execute("REVOKE SELECT ON ALL TABLES IN DATABASE retail_raw FROM USER bi_reader")
    assert (status, failures(lines)) == (
        1,
        ["FAILED: bi_reader was not refused: SELECT count(*) FROM retail_raw.raw_orders"],
    )


def test_an_order_that_the_marts_lack(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    built.execute(
        "DELETE FROM retail_marts.fact_orders WHERE order_id IN "
        "(SELECT min(order_id) FROM retail_marts.fact_orders)"
    )
    status, lines = run_script(built, webserver, capsys)
    assert (status, failures(lines)) == (
        1,
        ["FAILED: 1 days of orders differ, first 2026-01-01"],
    )


def test_an_order_that_nobody_placed(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    built.execute("INSERT INTO retail_marts.fact_orders VALUES (-1, '2025-12-31')")
    status, lines = run_script(built, webserver, capsys)
    assert (status, failures(lines)) == (
        1,
        ["FAILED: 1 days of orders differ, first 2025-12-31"],
    )


def test_events_that_no_loader_claims(
    built: Warehouse, webserver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    built.execute(
        "INSERT INTO retail_raw.raw_load_manifest (source, window_start, row_count) "
        "VALUES ('order_management', '2025-01-01', 7)"
    )
    try:
        status, lines = run_script(built, webserver, capsys)
    finally:
        built.execute("DELETE FROM retail_raw.raw_load_manifest WHERE window_start = '2025-01-01'")
    (failure,) = failures(lines)
    assert status == 1
    assert failure.startswith("FAILED: the manifest claims ")


def test_code_that_does_not_load(
    built: Warehouse,
    webserver: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Webserver, "location", "PythonError")
    status, lines = run_script(built, webserver, capsys)
    (failure,) = failures(lines)
    assert status == 1
    assert failure.startswith("FAILED: code locations: [{'name': 'transformation_pipeline'")


def test_what_is_not_yet_so_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke_test, "_POLL_SECONDS", 0)
    answers = iter([smoke_test.NotYetError("behind"), smoke_test.NotYetError("behind"), "equal"])

    def check() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    assert smoke_test.patiently(check, time.monotonic() + 60) == "equal"
