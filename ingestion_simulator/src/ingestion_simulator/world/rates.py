"""Daily exchange rates: units of EUR for one unit of each currency, in units of 1e-8."""

import numpy as np
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.changes import LONGEST_DELAY, Changes, arriving
from ingestion_simulator.world.clock import DAY, HOUR, SECOND, day_of, epoch_of
from ingestion_simulator.world.markets import CURRENCIES
from ingestion_simulator.world.randomness import Integers, below, below_low, draw, happens

SOURCE = "rates_api"
PUBLISHED, CORRECTED = 0, 1

# EUR itself has no rate. The order is that of `markets.CURRENCIES`.
_LEVELS: Integers = np.array([0, 92000000, 116000000, 104000000, 8800000, 23300000], dtype=np.int64)
# Waves of (days, height in millionths) around the level, and noise on top: within ±7 % for ever.
_WAVES = ((367, 34_000), (89, 17_000), (23, 9_000))
_NOISE = 3_000
_CORRECTION = 2_500
_CORRECTED_SHARE = 0.04


def rate_id(day: Integers, currency: Integers) -> Integers:
    """Id of the rate of one day (counted from the epoch) and one currency."""
    return day * 8 + currency


def rates(settings: WorldSettings, ids: Integers, sequence: Integers) -> Integers:
    """The rate as published (sequence 1) or corrected (2), in units of 1e-8 EUR."""
    day, currency = np.divmod(ids, 8)
    millionths = np.full(len(ids), 1_000_000, dtype=np.int64)
    for number, (period, height) in enumerate(_WAVES):
        phase = below(draw(settings.seed, "rates/phase", currency, number), period)
        # A triangle wave: -height at the start of a period, +height in its middle.
        position = (day + phase) % period
        millionths += height - np.abs(2 * position - period) * 2 * height // period
    noise = draw(settings.seed, "rates/noise", ids)
    millionths += below(noise, 2 * _NOISE + 1) - _NOISE
    correction = 1 + below_low(noise, _CORRECTION)
    sign = 1 - 2 * (noise & np.uint64(1)).astype(np.int64)
    millionths += np.where(sequence == 2, sign * correction, 0)
    return _LEVELS[currency] * millionths // 1_000_000


def rate_changes(settings: WorldSettings, start: int, end: int) -> Changes:
    """The publications and corrections that arrive in [start, end).

    A day's rates are published at its midnight. The first day's are never late, so that no order
    is ever without any rate.
    """
    first = max(0, day_of(settings, start - LONGEST_DELAY))
    days = np.arange(first, max(0, day_of(settings, end - 1) + 1), dtype=np.int64)
    made = publications(settings, days)
    return arriving(settings, SOURCE, start, end, made, punctual=is_punctual(made[0]))


def is_punctual(ids: Integers) -> NDArray[np.bool_]:
    """Marks the rates of the first day."""
    return ids < 8


def publications(
    settings: WorldSettings, days: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Id, sequence, kind and changed_at of all that is ever published about the days' rates."""
    foreign = np.arange(1, len(CURRENCIES), dtype=np.int64)
    ids = rate_id(np.repeat(days, len(foreign)), np.tile(foreign, len(days)))
    midnight = epoch_of(settings) + ids // 8 * DAY
    words = draw(settings.seed, "rates/correction", ids)
    corrected = happens(words, _CORRECTED_SHARE)
    ones = np.ones(len(ids), dtype=np.int64)
    corrected_at = midnight + 9 * HOUR + below_low(words, 8 * 3600) * SECOND
    return (
        np.concatenate([ids, ids[corrected]]),
        np.concatenate([ones, ones[corrected] * 2]),
        np.concatenate([ones * PUBLISHED, ones[corrected] * CORRECTED]),
        np.concatenate([midnight, corrected_at[corrected]]),
    )
