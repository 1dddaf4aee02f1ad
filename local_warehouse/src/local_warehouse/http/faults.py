"""Faults on demand, for the tests of clients; only with LOCAL_WAREHOUSE_FAULTS=1.

`POST /api/_faults?next=<fault>` on the back end's port makes the next load that commits end with
that fault; `times=<n>` the next n loads.
"""

import collections
import enum


class Fault(enum.StrEnum):
    """What happens to a load after it has been committed."""

    DROP_CONNECTION = "drop_connection"
    PUBLISH_TIMEOUT = "publish_timeout"
    UNKNOWN_STATE = "unknown_state"


class Faults:
    """The faults that wait for a load."""

    def __init__(self) -> None:
        self._waiting: collections.deque[Fault] = collections.deque()

    def arm(self, fault: Fault, times: int) -> None:
        """Let the next loads end with a fault."""
        self._waiting.extend([fault] * times)

    def take(self) -> Fault | None:
        """Return the fault for a load that has just been committed, if there is one."""
        return self._waiting.popleft() if self._waiting else None
