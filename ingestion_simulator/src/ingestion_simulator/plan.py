"""Which windows are still to be loaded."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingestion_simulator.manifest import DayRecord
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.windows import Window, window_grid

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """The windows of a range that the manifest does not hold, kept by day to stay small.

    Attributes:
        missing: How many windows are to be loaded.
        recorded: How many windows of the range are loaded already.
    """

    missing: int
    recorded: int
    _settings: WorldSettings
    # Start and end of the part of a day that lies in the range, and its recorded windows.
    _days: tuple[tuple[datetime, datetime, frozenset[datetime]], ...]

    def windows(self) -> Iterator[Window]:
        """The missing windows in order, made when they are needed."""
        for start, end, recorded in self._days:
            for window in window_grid(self._settings, start, end):
                if window.start not in recorded:
                    yield window


def make_plan(
    settings: WorldSettings,
    from_: datetime,
    to: datetime,
    *,
    sources: Collection[str],
    days: Mapping[datetime, DayRecord],
    recorded_windows: Callable[[datetime], Collection[tuple[str, datetime]]],
) -> Plan:
    """Compares the windows in [from_, to) with the manifest.

    A window counts as loaded only if every source has its manifest row.

    Args:
        settings: The world, for its window grid.
        from_: Start of the range.
        to: Its end; a window that ends later is not part of it.
        sources: Names of all sources.
        days: The manifest summed up by day.
        recorded_windows: Lists a day's manifest rows; asked only for days that are begun but not
            complete.
    """
    missing = recorded_count = 0
    parts = []
    for start, end in _day_parts(max(from_, settings.epoch), to):
        windows = (end - start) // settings.tick
        day = start.replace(hour=0, minute=0, second=0)
        rows = days[day].rows if day in days else 0
        if rows == len(sources) * (_DAY // settings.tick):
            recorded_count += windows
            continue
        found = set(recorded_windows(day)) if rows else set()
        recorded = frozenset(
            window.start
            for window in (window_grid(settings, start, end) if found else ())
            if all((source, window.start) in found for source in sources)
        )
        recorded_count += len(recorded)
        missing += windows - len(recorded)
        parts.append((start, end, recorded))
    return Plan(missing, recorded_count, settings, tuple(parts))


def each_window(settings: WorldSettings, from_: datetime, to: datetime) -> Iterator[Window]:
    """All windows in [from_, to), a day at a time, so that a long range stays small."""
    for start, end in _day_parts(from_, to):
        yield from window_grid(settings, start, end)


def _day_parts(from_: datetime, to: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = from_.astimezone(UTC)
    while start < to:
        end = min(to, start.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY)
        yield start, end
        start = end
