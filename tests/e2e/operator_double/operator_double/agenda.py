"""Which cluster to look at next."""

import threading
import time
from collections.abc import Callable

Key = tuple[str, str]
"""Namespace and name of a cluster."""


class Agenda:
    """Clusters by the time at which they are due; a cluster is never on it twice."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[Key, float] = {}
        self._changed = threading.Condition()

    def add(self, key: Key, delay: float = 0) -> None:
        """Have a cluster looked at after a delay, or earlier if it already is to be."""
        with self._changed:
            due = self._clock() + delay
            self._due[key] = min(due, self._due.get(key, due))
            self._changed.notify()

    def take(self, timeout: float) -> Key | None:
        """Wait for the next cluster that is due; None after the timeout."""
        deadline = self._clock() + timeout
        with self._changed:
            while True:
                now = self._clock()
                key = min(self._due, key=lambda each: self._due[each], default=None)
                if key is not None and self._due[key] <= now:
                    del self._due[key]
                    return key
                if now >= deadline:
                    return None
                wake = deadline if key is None else min(deadline, self._due[key])
                self._changed.wait(wake - now)


class Backoff:
    """Delays that double with each failure in a row."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._failures: dict[Key, int] = {}

    def failed(self, key: Key) -> float:
        """Note a failure; how long to wait after it."""
        count = self._failures[key] = self._failures.get(key, 0) + 1
        return min(self._first * 2.0 ** min(count - 1, 30), self._longest)

    def succeeded(self, key: Key) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)
