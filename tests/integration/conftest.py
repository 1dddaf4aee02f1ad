"""Real processes on free ports; with STARROCKS_HOST set, the same tests against that warehouse."""

import os
from collections.abc import Iterator

import pytest
from real_processes import WORLD, Simulator, Site

from local_platform.platform import Platform, base_environment
from local_platform.processes import running


@pytest.fixture(scope="module")
def started_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    with running(directory / "logs") as processes:
        platform = Platform(processes, directory, base_environment() | WORLD)
        warehouse = platform.start_warehouse()
        yield Site(platform, warehouse, Simulator(platform.environment))


@pytest.fixture
def site(started_warehouse: Site) -> Site:
    """A warehouse with the databases and empty raw tables."""
    started_warehouse.simulator.succeed("init", "--reset", "--yes")
    return started_warehouse


def pytest_report_header() -> str:
    host = os.environ.get("STARROCKS_HOST")
    return f"warehouse: {host or 'the embedded one'}"
