"""Frames as the bytes that are sent and the files that are kept."""

from io import BytesIO
from pathlib import Path

import polars as pl

# What StarRocks reads without a doubt; polars itself leaves out a fraction of zero.
_TIMESTAMP = "%Y-%m-%d %H:%M:%S%.6f"


def to_ndjson(frame: pl.DataFrame) -> bytes:
    """The frame as newline-delimited JSON: decimals as strings, timestamps with microseconds."""
    timestamps = [name for name, dtype in frame.schema.items() if dtype == pl.Datetime("us")]
    # Into a buffer: as a text, the same bytes would be copied twice more.
    buffer = BytesIO()
    frame.with_columns(pl.col(timestamps).dt.strftime(_TIMESTAMP)).write_ndjson(buffer)
    return buffer.getvalue()


def to_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Writes the frame as one Parquet file, compressed with zstd."""
    frame.write_parquet(path, compression="zstd")
