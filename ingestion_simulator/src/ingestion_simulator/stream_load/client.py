"""The Stream Load client: sends, decides, waits, until the load is settled."""

import random
import time
from collections.abc import Callable
from typing import Final, Protocol

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.stream_load.backoff import backoff_seconds
from ingestion_simulator.stream_load.decide import CheckLabel, Done, GiveUp, Resend, decide
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.stream_load.outcomes import LabelState, LoadResult, Outcome

# A rolling restart of the frontends takes about 3 minutes, a load may take 2 before it times out.
DEADLINE_SECONDS: Final = 420.0


class Transport(Protocol):
    """One request each; never raises for what the network or the warehouse does."""

    def send(self, load: Load) -> Outcome:
        """Sends the load once."""

    def label_state(self, database: str, label: str) -> Outcome:
        """Asks once what became of a label."""


class StreamLoadError(SimulatorError):
    """A load that could not be settled; nothing of it is visible unless the message says so."""


class StreamLoadClient:
    """Loads batches exactly once, whatever happens between here and the warehouse.

    Args:
        transport: Performs the requests.
        wait: Sleeps for some seconds; raises if the process is asked to stop meanwhile.
        on_retry: Told of every extra step: the load, the reason, the seconds until the step.
        jitter: Source of chance for the waits.
        clock: Monotonic seconds.
        deadline_seconds: Longest time for one load with all its repetitions.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        wait: Callable[[float], None] = time.sleep,
        on_retry: Callable[[Load, str, float], None] = lambda *_: None,
        jitter: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._transport = transport
        self._wait = wait
        self._on_retry = on_retry
        # Jitter spreads load, it guards no secret.
        self._jitter = jitter or random.Random()  # noqa: S311
        self._clock = clock
        self._deadline_seconds = deadline_seconds

    def load(self, load: Load) -> bool:
        """Returns when a load of this label is visible in the warehouse.

        Returns:
            True if the reply to the body confirmed every row; False if only the label tells that
            they were committed, so that they may have been deleted since.

        Raises:
            StreamLoadError: The warehouse refuses the load for good, or the deadline passed.
            ValueError: The load has no rows; StarRocks treats that as an error.
        """
        if not load.rows:
            raise ValueError(f"{load.label} has no rows")
        deadline = self._clock() + self._deadline_seconds
        outcome = self._transport.send(load)
        trouble, attempt = "", 0
        while not isinstance(action := decide(outcome, load.rows), Done):
            if isinstance(action, GiveUp):
                raise StreamLoadError(f"cannot load {_target(load)}: {action.reason}")
            if not isinstance(outcome, LabelState):
                # A label's state says where the load stands, not why it is not done.
                trouble = action.reason
            if not (isinstance(action, CheckLabel) and action.at_once):
                self._pause(load, trouble, attempt, deadline)
                attempt += 1
            outcome = self._next(load, action)
        return isinstance(outcome, LoadResult)

    def _pause(self, load: Load, trouble: str, attempt: int, deadline: float) -> None:
        seconds = backoff_seconds(attempt, self._jitter)
        if self._clock() + seconds > deadline:
            raise StreamLoadError(
                f"{_target(load)} is not settled after {self._deadline_seconds:.0f} s "
                f"(last: {trouble}): run the command again, it continues where it stopped"
            )
        self._on_retry(load, trouble, seconds)
        self._wait(seconds)

    def _next(self, load: Load, action: CheckLabel | Resend) -> Outcome:
        if isinstance(action, CheckLabel):
            return self._transport.label_state(load.database, load.label)
        return self._transport.send(load)


def _target(load: Load) -> str:
    return f"{load.database}.{load.table} (label {load.label})"
