"""Windows of arrival: the unit that is generated, loaded, labelled and recorded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingestion_simulator.settings import WorldSettings

_DAY = timedelta(days=1)
# About 15 MB of NDJSON, a good size for one Stream Load. With 50,000 rows, generating, checking and
# writing took 265 MB of memory at 200,000 orders a day; 300 MB is the limit for the whole process.
_ROWS_PER_BATCH = 30_000


@dataclass(frozen=True, order=True)
class Window:
    """The half-open interval [start, end) of arrival; aware UTC datetimes."""

    start: datetime
    end: datetime


def window_grid(settings: WorldSettings, from_: datetime, to: datetime) -> list[Window]:
    """The whole windows within [from_, to), in order; none lies before the epoch.

    The grid is aligned to UTC midnight. A window that is only partly covered is not returned, so
    that a window is never loaded before it is over.
    """
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    tick = settings.tick
    first = -((midnight - max(from_, settings.epoch)) // tick)
    last = (to - midnight) // tick
    return [
        Window(midnight + index * tick, midnight + (index + 1) * tick)
        for index in range(first, last)
    ]


def batches(settings: WorldSettings, windows: Iterable[Window]) -> Iterator[tuple[Window, ...]]:
    """Groups consecutive windows that can be generated and loaded as one.

    A batch lies within one UTC day and holds about 30,000 events of one source at most, so memory
    does not grow with the length of a history. Its bounds are a function of the settings alone:
    a complete day is always cut alike, and a gap can only split a batch further.
    """
    per_batch = windows_per_batch(settings)
    batch: list[Window] = []
    batch_slot: tuple[int, int] | None = None
    for window in windows:
        day, within = divmod(window.start - datetime(2000, 1, 1, tzinfo=UTC), _DAY)
        slot = (day, within // settings.tick // per_batch)
        if batch and (slot != batch_slot or batch[-1].end != window.start):
            yield tuple(batch)
            batch = []
        batch.append(window)
        batch_slot = slot
    if batch:
        yield tuple(batch)


def windows_per_batch(settings: WorldSettings) -> int:
    """How many windows of the busiest hour a batch can hold; a day's worth at most."""
    return max(
        1, min(_DAY // settings.tick, int(_ROWS_PER_BATCH / settings.peak_events_per_window))
    )
