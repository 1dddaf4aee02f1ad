"""Waiting for conditions, never for time."""

import time
from collections.abc import Callable
from typing import TypeVar

POLL_SECONDS = 0.5

T = TypeVar("T")


def wait_until(
    what: str, condition: Callable[[], T | None], seconds: float, poll: float = POLL_SECONDS
) -> T:
    """Returns the condition's first true value.

    Args:
        what: What is waited for, for the message of a failure.
        condition: Asked again and again; None, False and empty values mean not yet.
        seconds: When to give up.
        poll: Seconds between two questions.

    Raises:
        AssertionError: The condition did not hold in time; says what it last answered.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {seconds:.0f} s; last answer: {value!r}")
        time.sleep(poll)
