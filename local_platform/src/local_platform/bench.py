"""`make bench`: generation, loading, and a full against an incremental run, in one table.

Machines are noisy, so what matters stands as a ratio within one run beside each absolute figure.
"""

import json
import math
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local_platform.platform import BIN, PIPELINE, REPOSITORY, Platform, base_environment
from local_platform.processes import running
from local_platform.steps import load, loaded_rows, step
from local_platform.world import EPOCH, TICK, world

DIRECTORY = REPOSITORY / "build" / "bench"
REPORT_PATH = REPOSITORY / "build" / "bench-report.json"

HISTORY_DAYS = 10
ORDERS_PER_DAY = 20_000

# Unit tests prove the SQL, not the data; a run of the pipeline leaves them out as well.
BUILD = ("build", "--exclude-resource-type", "unit_test")

# A build re-reads what was loaded in the last 15 minutes. Here that is all of history, which is the
# case of the demo; this is the case of every other day, when history is older than that.
VARIABLES = '{"load_overlap_minutes": 0}'


@dataclass(frozen=True)
class Figure:
    """One measured line: what, how much work, how long, and a ratio to another line."""

    name: str
    work: str
    seconds: float
    rate: str
    ratio: str = ""


def run_bench(console: Console) -> None:
    """Measure, print the table and write it as JSON.

    Raises:
        PlatformError, ProcessError: one line that says what went wrong.
    """
    if DIRECTORY.exists():
        shutil.rmtree(DIRECTORY)
    with running(DIRECTORY / "logs") as processes:
        environment = base_environment() | world(ORDERS_PER_DAY)
        figures = _measure(console, Platform(processes, DIRECTORY, environment))
    _print(console, figures)
    REPORT_PATH.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    console.print(f"figures in {REPORT_PATH}")


def _measure(console: Console, platform: Platform) -> list[Figure]:
    end = EPOCH + timedelta(days=HISTORY_DAYS)
    period = ("--from", f"{EPOCH:%Y-%m-%d}", "--to", f"{end:%Y-%m-%d}")
    files = DIRECTORY / "files"
    with step(console, "Generate to files"):
        generate = _seconds(
            lambda: platform.simulator(
                "generate", *period, "--output", str(files), "--format", "ndjson"
            )
        )
    rows, size = _count(files)
    with step(console, "Start the warehouse"):
        platform.start_warehouse()
        platform.simulator("init")
    with step(console, "Backfill by Stream Load") as say:
        began = time.monotonic()
        loaded = loaded_rows(load(platform, say, "backfill", *period))
        backfill = time.monotonic() - began
    with step(console, "First dbt build: every model from empty"):
        platform.environment |= {
            "DBT_TARGET_PATH": str(DIRECTORY / "dbt"),
            "DBT_LOG_PATH": str(DIRECTORY / "logs"),
        }
        _dbt(platform, "parse")
        full = _seconds(lambda: _dbt(platform, *BUILD))
        full_sql = _statement_seconds()
    with step(console, "Catch up one window"):
        until = f"{end + TICK:%Y-%m-%dT%H:%M:%S}"
        began = time.monotonic()
        window_rows = loaded_rows(platform.simulator("catch-up", "--until", until))
        catch_up = time.monotonic() - began
    with step(console, "Incremental dbt build"):
        incremental = _seconds(lambda: _dbt(platform, *BUILD))
        incremental_sql = _statement_seconds()
    return [
        Figure("generate", f"{rows:,} rows", generate, f"{rows / generate:,.0f} rows/s",
               f"{size / generate / 1e6:.0f} MB/s"),
        Figure("backfill", f"{loaded:,} rows", backfill, f"{loaded / backfill:,.0f} rows/s",
               f"{backfill / generate:.1f} × generate"),
        Figure("catch-up, one window", f"{window_rows:,} rows", catch_up, ""),
        Figure("dbt build, first", f"{loaded:,} raw rows", full, f"{loaded / full:,.0f} rows/s"),
        Figure("  its models, summed", "", full_sql, ""),
        Figure("dbt build, one window", f"{window_rows:,} raw rows", incremental, "",
               f"{incremental / full:.2f} × first"),
        Figure("  its models, summed", "", incremental_sql, "",
               f"{incremental_sql / full_sql:.2f} × first"),
    ]  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _dbt(platform: Platform, *arguments: str) -> None:
    project = str(PIPELINE / "dbt")
    platform.run_command(
        "dbt",
        [
            str(BIN / "dbt"),
            *arguments,
            f"--project-dir={project}",
            f"--profiles-dir={project}",
            f"--vars={VARIABLES}",
        ],
    )


def _statement_seconds() -> float:
    """Seconds that the models of the last dbt run took, without dbt's own start."""
    results = json.loads((DIRECTORY / "dbt" / "run_results.json").read_text())["results"]
    return math.fsum(
        result["execution_time"] for result in results if result["unique_id"].startswith("model.")
    )


def _count(directory: Path) -> tuple[int, int]:
    rows = size = 0
    for path in directory.rglob("*.ndjson"):
        content = path.read_bytes()
        rows += content.count(b"\n")
        size += len(content)
    return rows, size


def _print(console: Console, figures: list[Figure]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("measured", no_wrap=True)
    for column in ("work", "seconds", "rate", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    for figure in figures:
        table.add_row(figure.name, figure.work, f"{figure.seconds:.1f}", figure.rate, figure.ratio)
    console.print(table)
