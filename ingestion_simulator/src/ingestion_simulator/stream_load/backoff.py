"""How long to wait before the next attempt."""

import random

_FIRST_SECONDS = 0.2
_LONGEST_SECONDS = 15.0


def backoff_seconds(attempt: int, jitter: random.Random) -> float:
    """Doubles from 0.2 s to at most 15 s, then takes away up to half of it.

    The jitter keeps clients that failed together from coming back together.

    Args:
        attempt: 0 for the first wait.
        jitter: The source of chance; a seeded one makes the waits repeatable.
    """
    # 2**16 is far beyond the cap and keeps the power small for a client that polls for long.
    ceiling: float = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(attempt, 16))
    return ceiling * jitter.uniform(0.5, 1.0)
