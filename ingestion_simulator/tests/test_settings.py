from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingestion_simulator.settings import SettingsError, WorldSettings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert WorldSettings.from_environment({}) == WorldSettings(
        seed=42,
        epoch=datetime(2026, 1, 1, tzinfo=UTC),
        tick=timedelta(minutes=5),
        orders_per_day=2400,
        duplicate_rate=0.002,
        late_rate=0.01,
        invalid_rate=0.001,
    )


def test_every_variable_is_read_and_an_override_comes_first() -> None:
    environ = {
        "SIMULATOR_SEED": "7",
        "SIMULATOR_EPOCH": "2025-06-01",
        "SIMULATOR_TICK": "15m",
        "SIMULATOR_ORDERS_PER_DAY": "100",
        "SIMULATOR_DUPLICATE_RATE": "0.1",
        "SIMULATOR_LATE_RATE": "0",
        "SIMULATOR_INVALID_RATE": "0.25",
    }
    assert WorldSettings.from_environment(environ, seed="8", late_rate=None) == WorldSettings(
        seed=8,
        epoch=datetime(2025, 6, 1, tzinfo=UTC),
        tick=timedelta(minutes=15),
        orders_per_day=100,
        duplicate_rate=0.1,
        late_rate=0,
        invalid_rate=0.25,
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SEED", "many", "SIMULATOR_SEED='many' cannot be read: give a whole number such as 42"),
        ("SEED", "-1", "SIMULATOR_SEED=-1 is out of range: give a number from 0 to 2^63-1"),
        (
            "EPOCH",
            "2026-01-01T06:00",
            "SIMULATOR_EPOCH=2026-01-01T06:00:00+00:00 is not a UTC midnight: "
            "give a date such as 2026-01-01",
        ),
        (
            "EPOCH",
            "yesterday",
            "SIMULATOR_EPOCH='yesterday' cannot be read: give a date such as 2026-01-01",
        ),
        (
            "TICK",
            "7m",
            "SIMULATOR_TICK=420 s does not divide a day: "
            "give whole seconds, minutes or hours such as 5m",
        ),
        (
            "TICK",
            "",
            "SIMULATOR_TICK='' cannot be read: "
            "give a duration such as 5m (s, m, h or d; a plain number is seconds)",
        ),
        (
            "TICK",
            "0",
            "SIMULATOR_TICK=0 s does not divide a day: "
            "give whole seconds, minutes or hours such as 5m",
        ),
        (
            "ORDERS_PER_DAY",
            "0",
            "SIMULATOR_ORDERS_PER_DAY=0 is out of range: give a number from 1 to 5000000",
        ),
        (
            "EPOCH",
            "1969-12-31",
            "SIMULATOR_EPOCH=1969-12-31T00:00:00+00:00 is out of range: "
            "give a year from 1970 to 9998",
        ),
        (
            "EPOCH",
            "9999-01-01",
            "SIMULATOR_EPOCH=9999-01-01T00:00:00+00:00 is out of range: "
            "give a year from 1970 to 9998",
        ),
        (
            "LATE_RATE",
            "1.5",
            "SIMULATOR_LATE_RATE=1.5 is not a share: give a number from 0 to 0.5",
        ),
        (
            "INVALID_RATE",
            "nan",
            "SIMULATOR_INVALID_RATE=nan is not a share: give a number from 0 to 0.5",
        ),
    ],
)
def test_a_bad_value_is_one_line_with_variable_and_remedy(
    name: str, value: str, message: str
) -> None:
    with pytest.raises(SettingsError) as error:
        WorldSettings.from_environment({f"SIMULATOR_{name}": value})
    assert str(error.value) == message


def test_a_window_that_no_memory_or_load_can_hold_is_refused() -> None:
    environ = {"SIMULATOR_TICK": "1d", "SIMULATOR_ORDERS_PER_DAY": "20000"}
    with pytest.raises(SettingsError) as error:
        WorldSettings.from_environment(environ)
    assert str(error.value) == (
        "SIMULATOR_TICK=86400 s is too long for SIMULATOR_ORDERS_PER_DAY=20000: a window would "
        "hold about 140,000 events of at most 125,000; give a shorter tick or fewer orders"
    )
    for possible in ({"SIMULATOR_TICK": "12h"}, {"SIMULATOR_ORDERS_PER_DAY": "17000"}):
        WorldSettings.from_environment(environ | possible)


def test_the_world_id_tells_worlds_apart_and_never_changes() -> None:
    world = WorldSettings()
    others = [
        replace(world, seed=43),
        replace(world, epoch=datetime(2026, 1, 2, tzinfo=UTC)),
        replace(world, tick=timedelta(minutes=10)),
        replace(world, orders_per_day=2401),
        replace(world, duplicate_rate=0.003),
        replace(world, late_rate=0.02),
        replace(world, invalid_rate=0.002),
    ]
    assert len({world.world_id, *(other.world_id for other in others)}) == 8
    # A manifest in some warehouse holds this id: it may change only together with the data.
    assert world.world_id == "666a94b72ed89e96"
