"""Fixtures for tests that talk to a real server process.

It lies here and not in `tests/`, because mypy takes one module of the name `conftest` there.
"""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from warehouse_server import PASSWORD, Server, StartServer, start


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers on a folder; what still runs is killed after the test."""
    started: list[Server] = []

    def start_one(data_dir: Path | None = None, password: str = PASSWORD) -> Server:
        server = start(data_dir or tmp_path / "data", tmp_path / "log", password)
        started.append(server)
        return server

    yield start_one
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it running."""
    folder = tmp_path_factory.mktemp("server")
    server = start(folder / "data", folder / "log")
    yield server
    server.kill()


@pytest.fixture
def database(server: Server) -> str:
    """A database of the test's own."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.query(f"CREATE DATABASE {name}")
    return name
