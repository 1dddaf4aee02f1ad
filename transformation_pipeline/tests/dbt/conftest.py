"""Real dbt commands against a real warehouse process with a small, hand-written retailer in it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

import retail_events
from retail_warehouse import RetailWarehouse, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RetailWarehouse]:
    with serve(tmp_path_factory.mktemp("dbt")) as warehouse:
        yield warehouse


@pytest.fixture
def warehouse(server: RetailWarehouse) -> RetailWarehouse:
    """Raw tables with the history in them, nothing built."""
    server.start_over()
    for table, rows in retail_events.history().items():
        server.load(table, *rows)
    return server
