"""`python -m transformation_pipeline.kubernetes.daemon_ready [PROCESS]`: does every daemon beat?

For the daemon's readiness probe: `helm --wait` and a rolling update then mean something, though no
traffic depends on it. Dagster's own check costs 4.3 CPU seconds each time, this one 0.1.
"""

import os
import sys
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]

from transformation_pipeline.kubernetes.postgres import (
    PostgresRefusedError,
    PostgresSettingError,
    PostgresSettings,
    PostgresUnreachableError,
    connect,
)

# Those of an instance with a queue, run monitoring and run retries, such as the chart's.
DAEMONS = frozenset(
    {
        "ASSET",
        "BACKFILL",
        "EVENT_LOG_CONSUMER",
        "FRESHNESS_DAEMON",
        "MONITORING",
        "QUEUED_RUN_COORDINATOR",
        "SCHEDULER",
        "SENSOR",
    }
)

# A daemon beats every 30 s while it works; launching a run may hold the queue's for 2 minutes.
TOLERANCE_SECONDS = 180.0

# The probe runs in the daemon's container, where that is the first process.
DAEMON_PROCESS = 1


def main(process: int = DAEMON_PROCESS) -> int:
    """Prints what is wrong, if anything; returns the process's exit status.

    Args:
        process: The id of the daemons' process.
    """
    try:
        settings = PostgresSettings.from_environment(os.environ)
        heartbeats = fetch_heartbeats(settings)
    except (PostgresSettingError, PostgresRefusedError, PostgresUnreachableError) as error:
        problem: str | None = str(error)
    else:
        problem = what_is_wrong(heartbeats, time.time(), process_start(process))
    if problem:
        print(problem)  # noqa: T201
    return 1 if problem else 0


def what_is_wrong(
    heartbeats: Mapping[str, float], now: float, started: float, daemons: Collection[str] = DAEMONS
) -> str | None:
    """Returns a sentence about the daemons that do not beat, None if all do.

    Args:
        heartbeats: The last one of each daemon, in seconds since 1970.
        now: The present time, of the clock that the daemons write: they run beside this.
        started: When the daemons' process started: older heartbeats are a predecessor's.
        daemons: Those that are needed.
    """
    missing = sorted(name for name in daemons if heartbeats.get(name, 0.0) < started)
    if missing:
        return f"No heartbeat since the start from {', '.join(missing)}."
    late = sorted(name for name in daemons if now - heartbeats[name] > TOLERANCE_SECONDS)
    if late:
        return f"No heartbeat for {TOLERANCE_SECONDS:.0f} s from {', '.join(late)}."
    return None


def fetch_heartbeats(settings: PostgresSettings) -> dict[str, float]:
    """Returns the last heartbeat of each daemon, in seconds since 1970.

    Raises:
        PostgresUnreachableError: If Postgres does not answer.
        PostgresRefusedError: If Postgres refuses, or has no such table yet.
    """
    connection = connect(settings)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT daemon_type, timestamp FROM daemon_heartbeats")
            return {name: _seconds(written) for name, written in cursor.fetchall()}
    except psycopg2.errors.UndefinedTable:
        raise PostgresRefusedError(
            f"Postgres at {settings.address} has no table of heartbeats yet."
        ) from None
    except psycopg2.Error as error:
        raise PostgresUnreachableError(
            f"Postgres at {settings.address} cannot answer: {str(error).strip()}."
        ) from None
    finally:
        connection.close()


def process_start(process: int, proc: Path = Path("/proc")) -> float:
    """Returns when a process started, in seconds since 1970, from proc(5)."""
    # The second field, the program's name in brackets, may hold blanks; the start is the 22nd.
    ticks = int((proc / str(process) / "stat").read_text().rpartition(")")[2].split()[19])
    lines = (proc / "stat").read_text().splitlines()
    boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def _seconds(written: Any) -> float:
    """Dagster stores UTC in a column without a zone."""
    naive: datetime = written
    return naive.replace(tzinfo=UTC).timestamp()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
