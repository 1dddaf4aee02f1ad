"""Which windows are loaded and which are not."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.manifest import DayRecord, require_one_world
from ingestion_simulator.plan import make_plan
from ingestion_simulator.settings import WorldSettings

_SETTINGS = WorldSettings(epoch=datetime(2026, 3, 1, tzinfo=UTC), tick=timedelta(hours=6))
_SOURCES = ("crm", "rates_api")


def _at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def _plan(
    from_: datetime, to: datetime, recorded: Collection[tuple[str, datetime]] = ()
) -> tuple[list[datetime], int, list[datetime]]:
    """Plans against a manifest that holds (source, window start) as given."""
    asked: list[datetime] = []
    days: dict[datetime, DayRecord] = {}
    for _, start in recorded:
        day = start.replace(hour=0)
        rows = days[day].rows + 1 if day in days else 1
        days[day] = DayRecord(rows, frozenset({"w"}))

    def recorded_windows(day: datetime) -> set[tuple[str, datetime]]:
        asked.append(day)
        return {each for each in recorded if each[1].date() == day.date()}

    plan = make_plan(
        _SETTINGS, from_, to, sources=_SOURCES, days=days, recorded_windows=recorded_windows
    )
    starts = [window.start for window in plan.windows()]
    assert plan.missing == len(starts)
    return starts, plan.recorded, asked


def _both(*starts: datetime) -> list[tuple[str, datetime]]:
    return [(source, start) for start in starts for source in _SOURCES]


def test_an_empty_manifest_leaves_every_whole_window_of_the_range() -> None:
    assert _plan(_at(1, 18), _at(2, 13)) == ([_at(1, 18), _at(2), _at(2, 6)], 0, [])


def test_nothing_is_due_before_the_first_window_is_over() -> None:
    assert _plan(_at(1), _at(1, 5, 59)) == ([], 0, [])


def test_windows_before_the_epoch_do_not_exist() -> None:
    assert _plan(datetime(2026, 2, 27, tzinfo=UTC), _at(1, 6)) == ([_at(1)], 0, [])


def test_complete_days_are_skipped_without_a_look_at_their_windows() -> None:
    complete = _both(*(_at(1, hour) for hour in (0, 6, 12, 18)))

    assert _plan(_at(1), _at(2, 6), complete) == ([_at(2)], 4, [])


def test_a_gap_within_a_day_is_found() -> None:
    recorded = _both(_at(1), _at(1, 12))

    assert _plan(_at(1), _at(2), recorded) == ([_at(1, 6), _at(1, 18)], 2, [_at(1)])


def test_a_window_without_all_sources_counts_as_missing() -> None:
    recorded = [*_both(_at(1)), ("crm", _at(1, 6))]

    assert _plan(_at(1), _at(1, 12), recorded) == ([_at(1, 6)], 1, [_at(1)])


def test_ten_years_of_complete_history_cost_no_window() -> None:
    epoch = _SETTINGS.epoch
    days = {
        epoch + timedelta(days=day): DayRecord(4 * len(_SOURCES), frozenset({"w"}))
        for day in range(3650)
    }

    plan = make_plan(
        _SETTINGS,
        epoch,
        epoch + timedelta(days=3650),
        sources=_SOURCES,
        days=days,
        recorded_windows=lambda _: pytest.fail("history was listed"),
    )

    assert (plan.missing, plan.recorded, list(plan.windows())) == (0, 4 * 3650, [])


def test_two_worlds_are_never_mixed() -> None:
    require_one_world({_at(1): DayRecord(8, frozenset({"mine"}))}, "mine")

    with pytest.raises(SimulatorError) as raised:
        require_one_world(
            {
                _at(1): DayRecord(8, frozenset({"mine"})),
                _at(2): DayRecord(8, frozenset({"mine", "other"})),
            },
            "mine",
        )

    assert str(raised.value) == (
        "retail_raw holds another world: use the same SIMULATOR_ settings that loaded it, "
        "or start over with `ingestion-simulator init --reset`"
    )
