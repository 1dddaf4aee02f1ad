"""Which arrivals are in the warehouse: what it holds of a change depends on that."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.windows import Window
from ingestion_simulator.world.changes import arrival_of
from ingestion_simulator.world.clock import microseconds
from ingestion_simulator.world.randomness import Integers

# For each source the intervals of arrival that it has delivered; they do not overlap.
Coverage = Mapping[str, Sequence[Window]]


class Arrived:
    """Tells whether changes of a source are covered."""

    def __init__(self, settings: WorldSettings, source: str, covered: Coverage) -> None:
        self._settings = settings
        self._source = source
        windows = sorted(covered.get(source, ()))
        self._starts = np.array([microseconds(window.start) for window in windows], dtype=np.int64)
        self._ends = np.array([microseconds(window.end) for window in windows], dtype=np.int64)

    def __call__(
        self,
        entity: Integers,
        sequence: Integers,
        changed_at: Integers,
        punctual: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.bool_]:
        """Marks the changes that have arrived; the arguments are those of `arrival_of`."""
        moment = arrival_of(self._settings, self._source, entity, sequence, changed_at, punctual)
        # The newest interval that had begun by then must not have ended.
        interval = np.searchsorted(self._starts, moment, side="right") - 1
        ends = np.append(self._ends, np.iinfo(np.int64).min)
        inside: NDArray[np.bool_] = moment < ends[interval]
        return inside
