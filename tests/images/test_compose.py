"""`compose.yaml`: a StarRocks on one machine; the embedded warehouse's image stands in for it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SIMULATOR = Path(sys.executable).with_name("ingestion-simulator")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """The variables of the README's commands, with the service up and healthy."""
    environment = os.environ | {
        "COMPOSE_PROJECT_NAME": "compose-test",
        "STARROCKS_IMAGE": "retail-analytics/warehouse:0.1.0",
        "STARROCKS_HOST": "127.0.0.1",
        "STARROCKS_QUERY_PORT": str(_free_port()),
        "STARROCKS_HTTP_PORT": str(_free_port()),
        "SIMULATOR_EPOCH": "2026-09-01",
    }
    _run(environment, "docker", "compose", "up", "--wait")
    try:
        yield environment
    finally:
        _run(environment, "docker", "compose", "down", "--volumes")


def test_a_healthy_service_takes_loads_and_answers_queries(environment: dict[str, str]) -> None:
    _run(environment, str(SIMULATOR), "init")
    _run(environment, str(SIMULATOR), "catch-up", "--until", "2026-09-02")
    verified = _run(environment, str(SIMULATOR), "verify", "--raw-only")
    assert '"result": "equal"' in verified


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command,
        check=False,
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
    return done.stdout


def _free_port() -> int:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
