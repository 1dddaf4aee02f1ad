"""The platform's processes on one machine: warehouse, Dagster's three, simulator commands."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_platform.dagster_api import DagsterApi
from local_platform.processes import Child, ProcessError, Processes, free_port, port_is_free
from local_platform.warehouse import WarehouseConnection

REPOSITORY = Path(__file__).resolve().parents[3]
PIPELINE = REPOSITORY / "transformation_pipeline"
BIN = Path(sys.executable).parent

WAREHOUSE_PORTS = ("STARROCKS_QUERY_PORT", "STARROCKS_HTTP_PORT")

START_SECONDS = 60.0
"""Dagster's code server takes 6 to 10 s on a quiet two-core machine."""


class PlatformError(Exception):
    """The platform cannot run as asked; the message says what to change."""


@dataclass(frozen=True)
class CommandResult:
    """How a simulator command ended: its JSON log events, its other lines, its peak memory."""

    events: tuple[dict[str, Any], ...]
    lines: tuple[str, ...]
    peak_memory_bytes: int


class Platform:
    """One warehouse, one Dagster deployment and the simulator, all below `directory`.

    With `STARROCKS_HOST` in `environment` that warehouse is used; otherwise the embedded one is
    started. Every part gets its settings through the environment alone, as on Kubernetes.
    """

    def __init__(
        self, processes: Processes, directory: Path, environment: Mapping[str, str]
    ) -> None:
        self.processes = processes
        self.directory = directory
        self.environment = dict(environment)
        self.embedded = "STARROCKS_HOST" not in environment
        self.warehouse_process: Child | None = None
        self.ui_url = ""

    def start_warehouse(self) -> WarehouseConnection:
        """Start the embedded warehouse (unless another one is set) and connect to it."""
        for variable in WAREHOUSE_PORTS:
            self._check_port(variable)
        if self.embedded:
            self.environment |= {"STARROCKS_HOST": "127.0.0.1", "STARROCKS_USER": "root"}
            self.environment.setdefault("STARROCKS_PASSWORD", "")
            for variable in WAREHOUSE_PORTS:
                self._check_port_is_free(variable)
            self.restart_warehouse()
        return WarehouseConnection(self.environment)

    def restart_warehouse(self) -> None:
        """Start the embedded warehouse on its data, and on its ports where they are set."""
        command = [
            str(BIN / "local-warehouse"),
            "serve",
            f"--data-dir={self.directory / 'warehouse'}",
            f"--mysql-port={self.environment.get('STARROCKS_QUERY_PORT', 0)}",
            f"--fe-http-port={self.environment.get('STARROCKS_HTTP_PORT', 0)}",
            "--be-http-port=0",
        ]
        child = self.processes.start("warehouse", command, self.environment, capture_output=True)
        self.warehouse_process = child
        assert child.popen.stdout
        ready = _event(child.popen.stdout.readline())
        if ready is None:
            child.wait()
            self.processes.check(child)
            raise ProcessError(f"warehouse ended at once; see {child.log_path}")
        self.environment |= {
            "STARROCKS_QUERY_PORT": str(ready["mysql_port"]),
            "STARROCKS_HTTP_PORT": str(ready["fe_http_port"]),
        }

    def start_dagster(self) -> DagsterApi:
        """Start code server, daemon and webserver; return when the definitions are loaded."""
        home = self.directory / "dagster"
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(PIPELINE / "dagster.yaml", home / "dagster.yaml")
        self._check_port_is_free("DAGSTER_UI_PORT")
        ui_port = self.environment.get("DAGSTER_UI_PORT", str(free_port()))
        self.environment |= {
            "DAGSTER_HOME": str(home),
            "DAGSTER_CODE_SERVER_HOST": "127.0.0.1",
            "DAGSTER_CODE_SERVER_PORT": str(free_port()),
            "DBT_TARGET_PATH": str(self.directory / "dbt"),
            "DBT_LOG_PATH": str(self.directory / "logs"),
        }
        self.run_command("dbt-parse", [sys.executable, "-m", "transformation_pipeline.prepare"])
        workspace = f"--workspace={PIPELINE / 'workspace.yaml'}"
        self._start_python(
            "dagster-code-server",
            "dagster",
            "api",
            "grpc",
            "--module-name=transformation_pipeline.definitions",
            "--host=127.0.0.1",
            f"--port={self.environment['DAGSTER_CODE_SERVER_PORT']}",
        )
        webserver = self._start_python(
            "dagster-webserver",
            "dagster-webserver",
            workspace,
            "--host=127.0.0.1",
            f"--port={ui_port}",
        )
        self._start_python("dagster-daemon", "dagster-daemon", "run", workspace)
        self.ui_url = f"http://127.0.0.1:{ui_port}"
        api = DagsterApi(self.ui_url)

        def ready() -> bool:
            self.processes.check()
            return api.is_up()

        self.processes.wait_until(webserver, ready, seconds=START_SECONDS, what="serving")
        return api

    def simulator(
        self, *arguments: str, on_event: Callable[[dict[str, Any]], None] | None = None
    ) -> CommandResult:
        """Run one simulator command to its end.

        Raises:
            ProcessError: it ended with a failure; the message holds the end of its log.
        """
        return self.run_command(
            "simulator", [str(BIN / "ingestion-simulator"), *arguments], on_event
        )

    def start_stream(self) -> Child:
        """Start the simulator in real time; it runs until it is stopped."""
        command = [str(BIN / "ingestion-simulator"), "stream"]
        return self.processes.start("simulator-stream", command, self.environment)

    def run_command(
        self,
        name: str,
        command: list[str],
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> CommandResult:
        """Run a command to its end, reading the JSON events that it prints as it goes.

        Raises:
            ProcessError: it ended with a failure.
        """
        child = self.processes.start(name, command, self.environment, capture_output=True)
        events: list[dict[str, Any]] = []
        lines: list[str] = []
        assert child.popen.stdout
        for line in child.popen.stdout:
            event = _event(line)
            if event is None:
                lines.append(line.rstrip("\n"))
                continue
            events.append(event)
            if on_event:
                on_event(event)
        status = child.wait()
        child.popen.stdout.close()
        self.processes.children.remove(child)
        if status:
            said = "\n".join([*lines[-10:], child.tail()]).strip()
            raise ProcessError(f"`{' '.join([name, *command[1:]])}` ended with {status}:\n{said}")
        return CommandResult(tuple(events), tuple(lines), child.peak_memory_bytes)

    def _start_python(self, name: str, *command: str) -> Child:
        return self.processes.start(
            name, [str(BIN / command[0]), *command[1:]], self.environment, directory=self.directory
        )

    def _check_port(self, variable: str) -> None:
        value = self.environment.get(variable)
        if value is None:
            return
        if not value.isdigit() or not 0 < int(value) < 65536:
            raise PlatformError(f"{variable}={value} is not a port: set 1 to 65535, or unset it")

    def _check_port_is_free(self, variable: str) -> None:
        self._check_port(variable)
        value = self.environment.get(variable)
        if value is not None and not port_is_free(int(value)):
            raise PlatformError(f"port {value} is in use: set {variable} to another, or unset it")


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def base_environment() -> dict[str, str]:
    """The caller's environment without what would mislead Python or Dagster in a child."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("DAGSTER_HOME", "PYTHONHOME", "PYTHONPATH")
    }
