"""`ingestion-simulator generate`: what would be loaded, as files."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from ingestion_simulator.cli.times import parse_range
from ingestion_simulator.contracts import RAW_REJECTS, to_ndjson, to_parquet
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.extract import extract
from ingestion_simulator.plan import each_window
from ingestion_simulator.progress import reporter_for
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.stream_load.labels import span_name
from ingestion_simulator.windows import Window, batches


def generate(settings: WorldSettings, arguments: argparse.Namespace) -> int:
    """Writes one file per table and batch; a batch is a UTC day, or less of a very busy one."""
    from_, to = parse_range(settings, arguments.from_, arguments.to)
    output: Path = arguments.output
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(output, error) from error
    reporter = reporter_for(sys.stdout)
    started = time.monotonic()
    files = rows = 0
    for batch in batches(settings, each_window(settings, from_, to)):
        for table, frame in _tables(settings, batch):
            if frame.is_empty():
                continue
            name = f"{span_name(table, batch[0].start, batch[-1].end)}.{arguments.format}"
            _write_whole(output / name, _WRITERS[arguments.format], frame)
            reporter.event("file_written", file=name, rows=frame.height)
            files += 1
            rows += frame.height
    reporter.event(
        "generate_finished", files=files, rows=rows, seconds=round(time.monotonic() - started, 3)
    )
    return 0


def _tables(settings: WorldSettings, batch: tuple[Window, ...]) -> list[tuple[str, pl.DataFrame]]:
    extracts = [extract(settings, source, batch) for source in SOURCES]
    rejects = pl.concat([part.rejects() for part in extracts])
    return [(part.source.contract.table, part.enforced.accepted) for part in extracts] + [
        (RAW_REJECTS.table, rejects)
    ]


def _write_whole(
    path: Path, write: Callable[[pl.DataFrame, Path], None], frame: pl.DataFrame
) -> None:
    """A reader sees the whole file or none, also when the process dies meanwhile."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        try:
            write(frame, partial)
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> SimulatorError:
    reason = getattr(error, "strerror", None) or error
    return SimulatorError(f"cannot write {path} ({reason}): give another --output or make room")


def _write_ndjson(frame: pl.DataFrame, path: Path) -> None:
    path.write_bytes(to_ndjson(frame))


_WRITERS = {"ndjson": _write_ndjson, "parquet": to_parquet}
