"""A real server process, and what tests need to talk to it."""

import dataclasses
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql

PASSWORD = "correct horse"


@dataclasses.dataclass
class Server:
    """A `local-warehouse serve` process on free ports."""

    data_dir: Path
    process: subprocess.Popen[str]
    mysql_port: int
    fe_http_port: int
    be_http_port: int

    def connect(self, **settings: Any) -> "pymysql.connections.Connection[Any]":
        settings = {"user": "root", "password": PASSWORD} | settings
        return pymysql.connect(host="127.0.0.1", port=self.mysql_port, **settings)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def load(
        self, database: str, table: str, body: bytes | str, /, **headers: str
    ) -> dict[str, Any]:
        """Send a load straight to the back end and return the reply."""
        status, reply = self.put(
            self.be_http_port,
            f"/api/{database}/{table}/_stream_load",
            body.encode() if isinstance(body, str) else body,
            {"format": "json", "strict_mode": "true"} | headers,
        )
        assert status == 200
        return reply

    def put(
        self, port: int, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        response = self.request("PUT", port, path, body, headers)
        return response.status, json.loads(response.read())

    def request(
        self, method: str, port: int, path: str, body: bytes, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, path, body, {"Authorization": basic("root", PASSWORD)} | headers)
        return connection.getresponse()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


StartServer = Callable[..., Server]


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def processor_ticks(process_id: int) -> int:
    """CPU time of a process so far, in ticks of the system clock."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def start(data_dir: Path, log: Path, password: str = PASSWORD) -> Server:
    """Start a server on free ports and return when it is ready."""
    with log.open("a") as log_file:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "local_warehouse.cli", "serve"),
                *("--data-dir", str(data_dir)),
                *("--mysql-port", "0", "--fe-http-port", "0", "--be-http-port", "0"),
            ],
            env=os.environ | {"STARROCKS_PASSWORD": password, "LOCAL_WAREHOUSE_FAULTS": "1"},
            stdout=subprocess.PIPE,
            stderr=log_file,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the server did not start: {log.read_text()}"
    ready = json.loads(line)
    assert ready.pop("event") == "ready"
    return Server(data_dir, process, **ready)
