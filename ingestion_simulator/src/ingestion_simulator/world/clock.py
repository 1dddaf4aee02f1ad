"""Times as whole microseconds, and how a day's activity is spread over its hours."""

from datetime import UTC, datetime, timedelta

import numpy as np

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.randomness import Integers

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Share of a day's activity per UTC hour, in thousandths: a dip at night, a peak at 20:00.
HOUR_SHARES: Integers = np.array(
    [12, 8, 5, 4, 4, 6, 14, 26, 38, 46, 52, 56, 60, 56, 52, 50, 52, 58, 68, 78, 86, 80, 56, 33],
    dtype=np.int64,
)
# Relative to a mean day, in hundredths, Monday first.
WEEKDAY_SHARES: Integers = np.array([94, 92, 93, 97, 106, 114, 104], dtype=np.int64)

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (moment - _UNIX) // timedelta(microseconds=1)


def epoch_of(settings: WorldSettings) -> int:
    """The world's first microsecond."""
    return microseconds(settings.epoch)


def hour_of(settings: WorldSettings, moment: int) -> int:
    """Hours from the epoch to the hour that holds the moment; negative before the epoch."""
    return (moment - epoch_of(settings)) // HOUR


def day_of(settings: WorldSettings, moment: int) -> int:
    """Days from the epoch to the UTC day that holds the moment; negative before the epoch."""
    return (moment - epoch_of(settings)) // DAY
