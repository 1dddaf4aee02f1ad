"""One source's part of a batch: its events, judged by their contract, and the claim about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ingestion_simulator.contracts import Enforced, WindowTotals, control_totals, enforce
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import Source
from ingestion_simulator.windows import Window

_MANIFEST_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "window_start": pl.Datetime("us"),
    "window_end": pl.Datetime("us"),
    "table_name": pl.String,
    "label": pl.String,
    "row_count": pl.Int64,
    "reject_count": pl.Int64,
    "control_total": pl.Decimal(38, 8),
    "world_id": pl.String,
}


@dataclass(frozen=True)
class Extract:
    """What a source delivered in the consecutive windows of a batch."""

    settings: WorldSettings
    source: Source
    batch: Sequence[Window]
    enforced: Enforced

    def rejects(self) -> pl.DataFrame:
        """The rejected rows as rows of `raw_rejects`, without label."""
        return self.enforced.rejected.select(
            pl.lit(self.source.name).alias("source"),
            pl.col("_window_start").alias("window_start"),
            "reject_id",
            "reason",
            "payload",
        )

    def claims(self, label: str) -> pl.DataFrame:
        """The rows of `raw_load_manifest`: one per window, empty windows included.

        Args:
            label: Label of the load that holds the accepted rows, empty if there are none.
        """
        totals = control_totals(self.source.contract, self.enforced)
        rows = []
        for window in self.batch:
            total = totals.get(window.start, WindowTotals())
            rows.append(
                (
                    self.source.name,
                    _naive(window.start),
                    _naive(window.end),
                    self.source.contract.table,
                    label,
                    total.row_count,
                    total.reject_count,
                    total.control_total,
                    self.settings.world_id,
                )
            )
        return pl.DataFrame(rows, schema=_MANIFEST_SCHEMA, orient="row")


def extract(settings: WorldSettings, source: Source, batch: Sequence[Window]) -> Extract:
    """Draws the events that arrive within consecutive windows and enforces their contract."""
    events = source.events(settings, batch[0].start, batch[-1].end)
    return Extract(settings, source, batch, enforce(source.contract, events))


def _naive(moment: datetime) -> datetime:
    """UTC without saying so, like every timestamp in a frame and in the warehouse."""
    return moment.replace(tzinfo=None)
