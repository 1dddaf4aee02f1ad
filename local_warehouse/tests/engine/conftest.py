"""A warehouse in a temporary folder, used without a server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse for the tests of a module."""
    warehouse = Warehouse.open(tmp_path_factory.mktemp("warehouse"))
    yield warehouse
    warehouse.close()


@pytest.fixture
def session(warehouse: Warehouse, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session of root in an empty database of the test's own."""
    session = warehouse.connect("root")
    database = f"test_{abs(hash(request.node.nodeid)):x}"
    session.execute(f"DROP DATABASE IF EXISTS {database}")
    session.execute(f"CREATE DATABASE {database}")
    session.database = database
    yield session
    session.close()


@pytest.fixture
def rows(session: Session) -> Rows:
    """Runs statements and returns the rows of the last."""

    def run(sql: str) -> list[tuple[Any, ...]]:
        return session.execute(sql)[-1].rows

    return run


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder for a warehouse that the test opens itself."""
    return tmp_path / "data"
