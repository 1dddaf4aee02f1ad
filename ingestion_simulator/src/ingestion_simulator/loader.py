"""Loads batches of windows: rows first, then rejects, then the claim that they are there."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from ingestion_simulator.contracts import (
    DATABASE,
    RAW_LOAD_MANIFEST,
    RAW_REJECTS,
    Contract,
    to_ndjson,
)
from ingestion_simulator.extract import extract
from ingestion_simulator.progress import Reporter
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.stream_load.client import StreamLoadClient
from ingestion_simulator.stream_load.labels import content_label, span_name
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.windows import Window


@dataclass(frozen=True)
class Loaded:
    """What one batch brought: rows of the raw tables, and rejects."""

    rows: int
    rejects: int


class Loader:
    """Loads batches, each table at most once per batch.

    A batch's claims are its last load: the manifest never claims what is not there, and a window is
    claimed for all sources or for none. What a process loaded before it died is recognized by its
    labels and, beyond the warehouse's memory of labels, replaced by equal rows with equal keys.

    Args:
        settings: The world.
        client: Sends the loads.
        count: Counts a table's rows that arrived in the windows of a batch.
        reporter: Told of every load and of every committed batch.
    """

    def __init__(
        self,
        settings: WorldSettings,
        client: StreamLoadClient,
        count: Callable[[str, Sequence[Window]], int],
        reporter: Reporter,
    ) -> None:
        self._settings = settings
        self._client = client
        self._count = count
        self._reporter = reporter

    def load(self, batch: Sequence[Window]) -> Loaded:
        """Loads all sources' events of consecutive windows of one day."""
        claims, rejects, rows = [], [], 0
        for source in SOURCES:
            started = time.monotonic()
            part = extract(self._settings, source, batch)
            accepted = part.enforced.accepted
            label = self._send(source.contract, batch, accepted)
            rejects.append(part.rejects())
            claims.append(part.claims(label))
            rows += accepted.height
            self._reporter.event(
                "batch_loaded",
                source=source.name,
                windows=len(batch),
                rows=accepted.height,
                rejects=rejects[-1].height,
                label=label,
                seconds=round(time.monotonic() - started, 3),
            )
        all_rejects = pl.concat(rejects)
        self._send(RAW_REJECTS, batch, all_rejects)
        self._send(RAW_LOAD_MANIFEST, batch, pl.concat(claims))
        self._reporter.event(
            "windows_committed",
            start=batch[0].start,
            end=batch[-1].end,
            windows=len(batch),
            rows=rows,
        )
        return Loaded(rows, all_rejects.height)

    def _send(self, contract: Contract, batch: Sequence[Window], frame: pl.DataFrame) -> str:
        """Returns the label of the load, empty where there was nothing to load."""
        if frame.is_empty():
            return ""
        body = to_ndjson(frame)
        span = span_name(contract.table, batch[0].start, batch[-1].end)
        first_label = content_label(span, self._settings.world_id, body)
        for attempt in itertools.count():
            label = f"{first_label}-{attempt}" if attempt else first_label
            columns = list(frame.columns)
            if any(column.name == "_label" for column in contract.columns):
                # The label hashes the body and so cannot be part of it.
                columns.append(f"_label='{label}'")
            load = Load(DATABASE, contract.table, label, tuple(columns), frame.height, body)
            if self._client.load(load) or self._count(contract.table, batch) == frame.height:
                break
            # Loaded once, but deleted since: the warehouse would refuse the label for days.
        return label
