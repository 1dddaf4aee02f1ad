"""The cost of a window must not grow with its distance from the epoch."""

from datetime import timedelta

import numpy as np
import pytest

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES, Source
from ingestion_simulator.world import catalogue, orders, randomness

WORLD = WorldSettings()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_window_in_thirty_years_takes_as_many_draws(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = 0
    mix = randomness._mix

    def counting(words: randomness.Words) -> randomness.Words:
        nonlocal drawn
        drawn += len(words)
        return mix(words)

    def draws(day: int) -> int:
        nonlocal drawn
        orders._arriving_between.cache_clear()
        catalogue.shelf.cache_clear()
        drawn = 0
        start = WORLD.epoch + timedelta(days=day, hours=12)
        source.events(WORLD, start, start + WORLD.tick)
        return drawn

    monkeypatch.setattr(randomness, "_mix", counting)
    # From day 200 on, every lookback has its full length and all customers of the base population
    # have left the active one; whole weeks apart, so that the weekday is the same.
    near = np.mean([draws(210 + day) for day in range(7)])
    far = np.mean([draws(210 + 1565 * 7 + day) for day in range(7)])
    assert near > 0
    assert far == pytest.approx(near, rel=0.1)
