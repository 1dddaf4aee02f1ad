"""A frontend and backends as real processes, started as the operator starts them."""

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import requests
from warehouse_server import basic, wait_until

IMAGE = Path(__file__).parents[1] / "image"
CONTINUE = {"Expect": "100-continue"}


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]


@dataclasses.dataclass
class Node:
    """A process and what it writes."""

    process: subprocess.Popen[str]
    log: Path

    @property
    def ready(self) -> dict[str, Any]:
        """What the process said when it was ready."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the process did not start: {self.log.read_text()}"
        return dict(json.loads(line))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


class Cluster:
    """One frontend and any number of backends on this machine, each with folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.query_port, self.http_port, self.rpc_port = free_ports(3)
        self.nodes: list[Node] = []
        self.password = ""
        self._ports: dict[int, tuple[int, int]] = {}

    def start_frontend(self, conf: str = "", **variables: str) -> Node:
        """Start the frontend on the volume it had, and wait until it is ready."""
        text = (
            f"http_port = {self.http_port}\nquery_port = {self.query_port}\n"
            f"rpc_port = {self.rpc_port}\ndefault_replication_num = 1\n{conf}"
        )
        node = self._start("fe", "fe", text, variables)
        assert node.ready["event"] == "ready"
        return node

    def start_backend(self, number: int = 0, *, wait: bool = True, **variables: str) -> Node:
        """Start a backend on the ports it had."""
        if number not in self._ports:
            http_port, heartbeat_port = free_ports(2)
            self._ports[number] = http_port, heartbeat_port
        http_port, heartbeat_port = self._ports[number]
        text = f"be_http_port = {http_port}\nheartbeat_service_port = {heartbeat_port}\n"
        node = self._start("be", f"be{number}", text, variables)
        if wait:
            assert node.ready["event"] == "ready"
            wait_until(lambda: self.alive(number))
        return node

    def backend_url(self, number: int = 0) -> str:
        return f"http://127.0.0.1:{self._ports[number][0]}"

    def heartbeat_port(self, number: int = 0) -> int:
        return self._ports[number][1]

    @property
    def frontend_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def alive(self, number: int = 0) -> bool:
        return self.backends().get(self.heartbeat_port(number)) == "true"

    def backends(self) -> dict[int, str]:
        """`Alive` of each backend by its heartbeat port."""
        rows = self.query("SHOW BACKENDS")
        return {int(row[2]): row[8] for row in rows}

    def health(self) -> dict[str, Any]:
        return dict(requests.get(f"{self.frontend_url}/api/health", timeout=20).json())

    def connect(self, user: str = "root", password: str | None = None) -> Any:
        secret = self.password if password is None else password
        return pymysql.connect(
            host="127.0.0.1", port=self.query_port, user=user, password=secret.encode()
        )

    def query(self, *statements: str, **login: str) -> list[tuple[Any, ...]]:
        with self.connect(**login) as connection, connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
            return list(cursor.fetchall())

    def ask(self, path: str) -> requests.Response:
        """Ask the frontend where a load shall go."""
        return requests.put(
            f"{self.frontend_url}{path}",
            headers=CONTINUE,
            auth=("root", self.password),
            allow_redirects=False,
            timeout=20,
        )

    def load(self, table: str, body: bytes, label: str, **headers: str) -> dict[str, Any]:
        """Load rows as a client does: the frontend says where, the backend takes the body."""
        redirect = self.ask(f"/api/{table}/_stream_load")
        if redirect.status_code != 307:
            return dict(redirect.json())
        response = requests.put(
            redirect.headers["Location"],
            body,
            headers={"format": "json", "strict_mode": "true", "label": label} | headers,
            auth=("root", self.password),
            timeout=60,
        )
        assert response.status_code == 200
        return dict(response.json())

    def label_state(self, database: str, label: str) -> str:
        response = requests.get(
            f"{self.frontend_url}/api/{database}/get_load_state",
            {"label": label},
            auth=("root", self.password),
            timeout=20,
        )
        return str(response.json()["state"])

    def begin_load(self, table: str, label: str, body_bytes: int) -> socket.socket:
        """Send the head of a load to the backend and return the open connection."""
        port = self._ports[0][0]
        head = (
            f"PUT /api/{table}/_stream_load HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: {basic('root', self.password)}",
            "format: json",
            f"label: {label}",
            "Expect: 100-continue",
            f"Content-Length: {body_bytes}",
            "",
            "",
        )
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        client.sendall("\r\n".join(head).encode())
        return client

    def _start(self, component: str, name: str, conf: str, variables: dict[str, str]) -> Node:
        mount = self.folder / f"{name}-conf"
        mount.mkdir(exist_ok=True)
        (mount / f"{component}.conf").write_text(conf)
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "STARROCKS_ROOT": str(self.folder / name),
            "CONFIGMAP_MOUNT_PATH": str(mount),
            "POD_IP": "127.0.0.1",
            "FE_QUERY_PORT": str(self.query_port),
            "MYSQL_PWD": self.password,
        }
        log = self.folder / f"{name}.log"
        with log.open("a") as log_file:
            process = subprocess.Popen(
                [str(IMAGE / f"{component}_entrypoint.sh"), "127.0.0.1"],
                env=environment | variables,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
            )
        node = Node(process, log)
        self.nodes.append(node)
        return node


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster of nothing yet; what runs in the end is killed."""
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        for node in cluster.nodes:
            node.kill()
            if node.process.stdout is not None:
                node.process.stdout.close()


def reply_after(client: socket.socket) -> dict[str, Any]:
    """The JSON of the answer that comes on a connection, with or without 100-continue before it."""
    received = b""
    while part := client.recv(65536):
        received += part
        content = received.rpartition(b"\r\n\r\n")[2]
        if content:
            with contextlib.suppress(ValueError):
                return dict(json.loads(content))
    raise AssertionError(f"no whole answer: {received!r}")
