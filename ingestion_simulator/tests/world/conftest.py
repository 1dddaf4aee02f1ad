"""Small worlds, and everything that is sent in their first months."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import polars as pl
import pytest

from ingestion_simulator.contracts import enforce
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import Source

DAYS = 130


@pytest.fixture(scope="session")
def clean() -> WorldSettings:
    """Without faults, what is sent is what happened."""
    return WorldSettings(orders_per_day=60, duplicate_rate=0, late_rate=0, invalid_rate=0)


@pytest.fixture(scope="session")
def faulty() -> WorldSettings:
    """With so many faults that a few months hold all kinds of them."""
    return WorldSettings(orders_per_day=60, duplicate_rate=0.05, late_rate=0.1, invalid_rate=0.05)


@pytest.fixture(scope="session")
def accepted() -> Callable[[Source, WorldSettings], pl.DataFrame]:
    """The rows of a source's first `DAYS` days that keep the contract."""

    @cache
    def rows(source: Source, settings: WorldSettings) -> pl.DataFrame:
        frame = source.events(settings, settings.epoch, settings.epoch + timedelta(days=DAYS))
        return enforce(source.contract, frame).accepted

    return rows
