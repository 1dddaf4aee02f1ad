"""A frontend and a backend that keep StarRocks' protocol and fail by script."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingestion_simulator.connection import Connection

_USER, _PASSWORD = "loader", "grün"
_AUTHORIZATION = "Basic " + base64.b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()


@dataclass
class Cluster:
    """What the two servers share.

    Attributes:
        faults: What the backend does to the next loads, in order; without one it commits.
        states: What the frontend says about a label next, before it tells the truth.
        labels: The truth.
        committed: Bodies that became part of a table.
        requests: Every request as (server, method, length of the body).
        foreign: What the frontend says instead of redirecting a load, if it is no frontend.
        headers: Headers of the latest load that reached the backend.
    """

    connection: Connection
    redirect: str = ""
    faults: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    committed: list[bytes] = field(default_factory=list)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    foreign: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    cluster: Cluster
    protocol_version = "HTTP/1.1"

    def handle_expect_100(self) -> bool:
        return True

    def log_message(self, *args: Any) -> None:
        pass

    def reply(self, status: int, document: dict[str, Any], **headers: str) -> None:
        content = json.dumps(document, indent=4).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def authorized(self) -> bool:
        return self.headers.get("Authorization") == _AUTHORIZATION


class _Frontend(_Handler):
    def do_GET(self) -> None:
        self.cluster.requests.append(("frontend", "GET", 0))
        if not self.authorized():
            return self.reply(401, {"status": "FAILED", "code": "1", "msg": "Access denied"})
        label = parse_qs(urlsplit(self.path).query)["label"][0]
        truth = self.cluster.labels.get(label, "UNKNOWN")
        state = self.cluster.states.pop(0) if self.cluster.states else truth
        return self.reply(200, {"status": "OK", "code": "0", "msg": "Success", "state": state})

    def do_PUT(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.cluster.requests.append(("frontend", "PUT", length))
        if not self.authorized():
            return self.reply(401, {"status": "FAILED", "code": "1", "msg": "Access denied"})
        if self.headers.get("Expect") != "100-continue":
            return self.reply(
                200, {"Status": "FAILED", "Message": "There is no 100-continue header"}
            )
        if self.cluster.foreign:
            return self.reply(404, dict(self.cluster.foreign))
        return self.reply(307, {}, Location=self.cluster.redirect + self.path)


class _Backend(_Handler):
    def do_PUT(self) -> None:
        cluster, body, label = self.cluster, self.body(), self.headers["label"]
        cluster.requests.append(("backend", "PUT", len(body)))
        cluster.headers = {name.lower(): value for name, value in self.headers.items()}
        if not self.authorized():
            self.result("Fail", "no valid Basic authorization")
            return
        if (state := cluster.labels.get(label, "ABORTED")) != "ABORTED":
            job = "FINISHED" if state in ("COMMITTED", "VISIBLE") else "RUNNING"
            message = f"Label [{label}] has already been used."
            self.result("Label Already Exists", message, ExistingJobStatus=job)
            return
        match cluster.faults.pop(0) if cluster.faults else "":
            case "drop before commit":
                self.close_connection = True
            case "drop after commit":
                self.commit(label, body, "VISIBLE")
                self.close_connection = True
            case "publish timeout":
                self.commit(label, body, "COMMITTED")
                self.result("Publish Timeout", "transaction publish timeout")
            case "one row short":
                self.commit(label, body, "VISIBLE")
                self.result("Success", "OK", rows=body.count(b"\n") - 1)
            case "":
                self.commit(label, body, "VISIBLE")
                self.result("Success", "OK", rows=body.count(b"\n"))
            case message:
                cluster.labels[label] = "ABORTED"
                self.result("Fail", message)

    def commit(self, label: str, body: bytes, state: str) -> None:
        self.cluster.labels[label] = state
        self.cluster.committed.append(body)

    def result(self, status: str, message: str, rows: int = 0, **more: str) -> None:
        counters = {"NumberTotalRows": rows, "NumberLoadedRows": rows}
        self.reply(200, {"TxnId": 7, "Status": status, **more, "Message": message, **counters})


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    servers = []
    for handler in (_Frontend, _Backend):
        bound = type(handler.__name__, (handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
    frontend, backend = (server.server_address[1] for server in servers)
    connection = Connection("127.0.0.1", 1, int(frontend), _USER, _PASSWORD)
    shared = Cluster(connection, redirect=f"http://127.0.0.1:{backend}")
    for server in servers:
        server.RequestHandlerClass.cluster = shared  # type: ignore[attr-defined]
    yield shared
    for server in servers:
        server.shutdown()
        server.server_close()
