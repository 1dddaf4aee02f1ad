"""What the sources have in common: cutting by arrival, sending twice, sending broken copies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np
import polars as pl

from ingestion_simulator.contracts import Contract
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.changes import Changes, in_order, is_broken, is_duplicated
from ingestion_simulator.world.clock import microseconds
from ingestion_simulator.world.randomness import Integers, below, draw


@dataclass(frozen=True)
class Source:
    """An operational system as a pure function of the settings and an interval.

    Attributes:
        name: Its name in the manifest.
        contract: What its rows promise.
        changes: What of it arrives in an interval of microseconds.
        render: The rows of changes: the contract's `sent_columns` without `_window_start`.
        breakages: Ways to break a row; each replaces columns of a frame.
    """

    name: str
    contract: Contract
    changes: Callable[[WorldSettings, int, int], Changes]
    render: Callable[[WorldSettings, Changes], pl.DataFrame]
    breakages: tuple[tuple[pl.Expr, ...], ...] = field(hash=False)

    def events(self, settings: WorldSettings, start: datetime, end: datetime) -> pl.DataFrame:
        """The rows that the source sends in [start, end), in the order of sending.

        Args:
            settings: The world.
            start: A bound of the window grid, as an aware datetime.
            end: A later bound.

        Returns:
            The contract's `sent_columns`. Rows are ordered by window, so the frames of consecutive
            windows, one below the other, are the frame of the interval. Some rows come twice, and
            some are followed by a copy that breaks the contract; neither is in the world's totals.
        """
        found = self.changes(settings, microseconds(start), microseconds(end))
        changes, window = in_order(settings, found)
        once = np.arange(len(changes), dtype=np.int64)
        twice = once[is_duplicated(settings, self.name, changes)]
        broken = once[is_broken(settings, self.name, changes)]
        sent = np.sort(np.concatenate([once, twice, broken]), kind="stable")
        frame = self.render(settings, changes.take(sent)).with_columns(
            pl.Series("_window_start", window[sent]).cast(pl.Datetime("us"))
        )
        # The last of a change's rows is the broken one.
        rows = np.searchsorted(sent, broken, side="right") - 1
        kinds = below(
            draw(
                settings.seed,
                f"{self.name}/breakage",
                changes.entity[broken],
                changes.sequence[broken],
            ),
            len(self.breakages),
        )
        return self._break(frame, rows, kinds)

    def _break(self, frame: pl.DataFrame, rows: Integers, kinds: Integers) -> pl.DataFrame:
        """Replaces rows by broken ones, without copying the rows between them."""
        parts: list[pl.DataFrame] = []
        done = 0
        for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
            broken = frame.slice(row, 1).with_columns(*self.breakages[kind])
            parts += [frame.slice(done, row - done), broken]
            done = row + 1
        return pl.concat([*parts, frame.slice(done)]) if parts else frame


def timestamps(microseconds_: Integers) -> pl.Series:
    """Microseconds since 1970 as a column of DATETIME."""
    return pl.Series(microseconds_).cast(pl.Datetime("us"))


def money(cents: Integers) -> pl.Series:
    """Cents as a column of DECIMAL with two places, exactly."""
    # Decimal division is 1 cast and 1 division of whole numbers; twice as fast as multiplying by
    # 0.01 and as exact, because the scale of both sides is 2.
    return pl.Series(cents).cast(pl.Decimal(38, 2)) / Decimal("100.00")
