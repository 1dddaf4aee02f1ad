"""A set of changes, and what happens to each between the moment it is made and its arrival."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.clock import DAY
from ingestion_simulator.world.randomness import Integers, bits, draw, happens

# No change arrives later than this after it was made.
LONGEST_DELAY = DAY


@dataclass(frozen=True)
class Changes:
    """Changes of one source's entities, one per position of the arrays.

    Attributes:
        entity: Id of what changed.
        sequence: `change_seq`, which grows with `changed_at` for each entity.
        kind: What the change was; the codes belong to the entity's module.
        changed_at: When it was made.
        arrival: When the source sends it.
    """

    entity: Integers
    sequence: Integers
    kind: Integers
    changed_at: Integers
    arrival: Integers

    def take(self, chosen: NDArray[np.bool_] | Integers) -> Self:
        """The chosen changes, by mask or by position."""
        return type(self)(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.entity)


def join(parts: list[Changes]) -> Changes:
    """All changes of the parts, one after the other."""
    columns = [[getattr(part, field.name) for part in parts] for field in fields(Changes)]
    empty = np.empty(0, dtype=np.int64)
    return Changes(*(np.concatenate(column) if column else empty for column in columns))


def arrival_of(
    settings: WorldSettings,
    source: str,
    entity: Integers,
    sequence: Integers,
    changed_at: Integers,
    punctual: NDArray[np.bool_] | None = None,
) -> Integers:
    """When changes arrive: at once, or up to a day later for a share of `late_rate`."""
    words = draw(settings.seed, f"{source}/delay", entity, sequence)
    late = happens(words, settings.late_rate)
    if punctual is not None:
        late &= ~punctual
    return changed_at + np.where(late, 1 + (bits(words, 0, 24) * (LONGEST_DELAY - 1) >> 24), 0)


def arriving(
    settings: WorldSettings,
    source: str,
    start: int,
    end: int,
    made: tuple[Integers, Integers, Integers, Integers],
    punctual: NDArray[np.bool_] | None = None,
) -> Changes:
    """The changes that arrive in [start, end), out of those made a day before that or later.

    Args:
        settings: The world.
        source: Name of the source, which draws its own delays.
        start: First microsecond of the interval.
        end: The microsecond after its last.
        made: entity, sequence, kind and changed_at of the candidates.
        punctual: Marks the candidates that are never late.
    """
    near = (made[3] > start - LONGEST_DELAY) & (made[3] < end)
    entity, sequence, kind, changed_at = (values[near] for values in made)
    on_time = None if punctual is None else punctual[near]
    arrival = arrival_of(settings, source, entity, sequence, changed_at, on_time)
    inside = (arrival >= start) & (arrival < end)
    return Changes(entity, sequence, kind, changed_at, arrival).take(inside)


def in_order(settings: WorldSettings, changes: Changes) -> tuple[Changes, Integers]:
    """The changes in the order in which they are sent, and the start of each one's window.

    The order is by window first, so that the windows of an interval, one after the other, are the
    interval.
    """
    tick = settings.tick.days * DAY + settings.tick.seconds * 1_000_000
    # 1970-01-01 is a midnight, so the grid from there is the grid from every UTC midnight.
    window = changes.arrival - changes.arrival % tick
    order = np.lexsort((changes.sequence, changes.entity, changes.changed_at, window))
    return changes.take(order), window[order]


def is_duplicated(settings: WorldSettings, source: str, changes: Changes) -> NDArray[np.bool_]:
    """Marks the changes that the source sends twice."""
    words = draw(settings.seed, f"{source}/duplicate", changes.entity, changes.sequence)
    return happens(words, settings.duplicate_rate)


def is_broken(settings: WorldSettings, source: str, changes: Changes) -> NDArray[np.bool_]:
    """Marks the changes that the source sends again in a form that breaks the contract."""
    words = draw(settings.seed, f"{source}/broken", changes.entity, changes.sequence)
    return happens(words, settings.invalid_rate)
