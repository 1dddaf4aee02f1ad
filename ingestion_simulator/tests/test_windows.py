from datetime import UTC, datetime, timedelta

from hypothesis import given, reject
from hypothesis import strategies as st

from ingestion_simulator.settings import SettingsError, WorldSettings
from ingestion_simulator.windows import Window, batches, window_grid

WORLD = WorldSettings()
TICKS = st.sampled_from([timedelta(minutes=m) for m in (1, 5, 15, 60, 1440)])


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def test_the_grid_holds_the_whole_windows_of_a_range() -> None:
    assert window_grid(WORLD, at(5, 10, 2), at(5, 10, 19)) == [
        Window(at(5, 10, 5), at(5, 10, 10)),
        Window(at(5, 10, 10), at(5, 10, 15)),
    ]


def test_the_grid_begins_at_the_epoch() -> None:
    before = WORLD.epoch - timedelta(days=3)
    assert window_grid(WORLD, before, at(1, 0, 10)) == [
        Window(at(1), at(1, 0, 5)),
        Window(at(1, 0, 5), at(1, 0, 10)),
    ]


def test_a_range_without_a_whole_window_is_empty() -> None:
    assert window_grid(WORLD, at(5, 10, 1), at(5, 10, 9)) == []
    assert window_grid(WORLD, at(6), at(5)) == []


@given(
    tick=TICKS,
    orders_per_day=st.sampled_from([1, 2400, 200_000, 5_000_000]),
    start=st.integers(0, 2000),
    minutes=st.integers(0, 4000),
)
def test_batches_are_the_windows_in_order_cut_at_bounds_of_their_own(
    tick: timedelta, orders_per_day: int, start: int, minutes: int
) -> None:
    try:
        settings = WorldSettings(tick=tick, orders_per_day=orders_per_day)
    except SettingsError:
        reject()
    from_ = WORLD.epoch + timedelta(minutes=start)
    to = from_ + timedelta(minutes=minutes)
    windows = window_grid(settings, from_, to)
    found = list(batches(settings, windows))
    assert [window for batch in found for window in batch] == windows
    for batch in found:
        last = batch[-1].end - timedelta(microseconds=1)
        assert batch[0].start.date() == last.date()

    # The bounds are those of the complete days, whatever part of them was asked for.
    days = window_grid(settings, at(1), at(1) + timedelta(days=5))
    allowed = {batch[0].start for batch in batches(settings, days)}
    assert {batch[0].start for batch in found[1:]} <= allowed


def test_a_gap_splits_a_batch() -> None:
    windows = window_grid(WORLD, at(3), at(4))
    del windows[100]
    assert [len(batch) for batch in batches(WORLD, windows)] == [100, 187]


def test_a_batch_is_smaller_where_more_is_sold() -> None:
    def largest(orders_per_day: int) -> int:
        settings = WorldSettings(orders_per_day=orders_per_day)
        return max(map(len, batches(settings, window_grid(settings, at(3), at(5)))))

    assert [largest(count) for count in (2400, 200_000, 5_000_000)] == [288, 6, 1]
