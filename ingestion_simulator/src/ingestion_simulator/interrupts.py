"""SIGINT and SIGTERM: stop at a clean point, exit with the status that shells expect."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_POLL_SECONDS: Final = 0.1


class Interrupted(BaseException):
    """The process was asked to stop. Not an `Exception`: no handler may swallow it by accident."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_status = 128 + signal_number


class Interrupts:
    """Raises `Interrupted` when a signal arrives, at once or at the end of a critical section.

    A second signal during a critical section ends the process on the spot: whoever sends it does
    not want to wait, and every load is safe to repeat.
    """

    def __init__(self) -> None:
        self._deferring = False
        self._pending: int | None = None
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Holds a signal back until the block has ended."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False
        self._raise_pending()

    def wait(self, seconds: float) -> None:
        """Sleeps; a signal ends the sleep with `Interrupted`, in a critical section too."""
        # Not an Event: setting one in a handler can deadlock with the thread that waits for it.
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._raise_pending()
            time.sleep(min(left, _POLL_SECONDS))
        self._raise_pending()

    def _raise_pending(self) -> None:
        if self._pending is not None:
            raise Interrupted(self._pending)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if not self._deferring:
            raise Interrupted(number)
        if self._pending is not None:
            os._exit(128 + number)
        self._pending = number
