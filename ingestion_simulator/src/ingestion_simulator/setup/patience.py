"""Waiting for what will come: bounded, and never silent."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.progress import Reporter

_Result = TypeVar("_Result")

_PAUSE: Final = 1.0
_REPORT_EVERY: Final = 5.0


class NotReadyError(SimulatorError):
    """Something is missing that others are about to bring; the message says what."""


class Patience:
    """One deadline for everything that is waited for."""

    def __init__(
        self,
        limit: timedelta,
        wait: Callable[[float], None],
        reporter: Reporter,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts the time.

        Args:
            limit: How long to wait for all things together.
            wait: Sleeps that many seconds.
            reporter: Receives what is missing.
            now: A clock that never goes back.
        """
        self._limit = limit
        self._wait = wait
        self._reporter = reporter
        self._now = now
        self._started = now()

    @property
    def seconds(self) -> float:
        """How long it has lasted so far."""
        return round(self._now() - self._started, 3)

    def until(self, attempt: Callable[[], _Result]) -> _Result:
        """Repeats the attempt until it finds everything ready.

        Raises:
            SimulatorError: The time is over; the message says what was missing.
        """
        said, said_at = "", 0.0
        while True:
            try:
                return attempt()
            except NotReadyError as missing:
                reason = str(missing)
            left = self._limit.total_seconds() - self.seconds
            if left <= 0:
                raise SimulatorError(f"gave up after {self._limit}: {reason}")
            if reason != said or self._now() - said_at >= _REPORT_EVERY:
                said, said_at = reason, self._now()
                self._reporter.event("setup_waiting", missing=reason, seconds=self.seconds)
            self._wait(min(_PAUSE, left))
