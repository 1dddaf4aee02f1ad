"""Waiting, with a clock that moves when it is waited."""

from datetime import timedelta

import pytest

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.progress import Value
from ingestion_simulator.setup.patience import NotReadyError, Patience


class _Log:
    def __init__(self) -> None:
        self.waiting: list[tuple[float, str]] = []

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        assert (name, level) == ("setup_waiting", "info")
        self.waiting.append((float(str(fields["seconds"])), str(fields["missing"])))

    def close(self) -> None:
        pass


class _Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> float:
        return self.seconds


def _patience(log: _Log, seconds: float) -> Patience:
    clock = _Clock()
    return Patience(timedelta(seconds=seconds), clock.wait, log, clock.now)


def test_what_is_ready_is_not_waited_for() -> None:
    log = _Log()
    assert _patience(log, 0.5).until(lambda: 7) == 7
    assert log.waiting == []


def test_what_is_missing_is_said_at_once_when_it_changes_and_every_five_seconds() -> None:
    log, attempts = _Log(), iter([*["frontend"] * 7, *["backend"] * 2, ""])

    def attempt() -> str:
        if missing := next(attempts):
            raise NotReadyError(missing)
        return "ready"

    assert _patience(log, 60).until(attempt) == "ready"
    assert log.waiting == [(0.0, "frontend"), (5.0, "frontend"), (7.0, "backend")]


def test_one_deadline_ends_all_waiting_and_says_what_was_missing() -> None:
    log = _Log()
    patience = _patience(log, 2.5)
    tries = []

    def attempt() -> None:
        tries.append(patience.seconds)
        raise NotReadyError("no backend has registered yet")

    for _ in range(2):
        with pytest.raises(SimulatorError) as error:
            patience.until(attempt)
        assert str(error.value) == "gave up after 0:00:02.500000: no backend has registered yet"
        assert not isinstance(error.value, NotReadyError)
    assert tries == [0.0, 1.0, 2.0, 2.5, 2.5]
