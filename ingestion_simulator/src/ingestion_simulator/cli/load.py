"""`backfill`, `catch-up` and `stream`: the same loading over different windows."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from ingestion_simulator.cli.times import parse_range, parse_time
from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import UsageError
from ingestion_simulator.interrupts import Interrupted, Interrupts
from ingestion_simulator.loader import Loader
from ingestion_simulator.manifest import (
    count_rows,
    recorded_days,
    recorded_windows,
    require_one_world,
)
from ingestion_simulator.plan import Plan, make_plan
from ingestion_simulator.progress import Reporter, reporter_for
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.stream_load.client import StreamLoadClient
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.stream_load.transport import HttpTransport
from ingestion_simulator.warehouse import Warehouse
from ingestion_simulator.windows import Window, batches

_DAY = timedelta(days=1)


def load(
    settings: WorldSettings,
    connection: Connection,
    arguments: argparse.Namespace,
    interrupts: Interrupts,
) -> int:
    """Runs one of the loading commands."""
    from_, to = _range(settings, arguments)
    transport = HttpTransport(connection)
    transport.check_reachable()
    reporter = reporter_for(sys.stdout)
    client = StreamLoadClient(transport, wait=interrupts.wait, on_retry=_report_retry_to(reporter))
    loading = _Loading(
        settings,
        connection,
        Loader(settings, client, _counter(connection), reporter),
        reporter,
        interrupts,
    )
    try:
        if arguments.command == "stream":
            loading.run_until_interrupted()
        else:
            loading.run(from_, to)
    finally:
        reporter.close()
    return 0


def _range(settings: WorldSettings, arguments: argparse.Namespace) -> tuple[datetime, datetime]:
    match arguments.command:
        case "backfill":
            return parse_range(settings, arguments.from_, arguments.to)
        case "catch-up" if arguments.until is not None:
            until = parse_time("--until", arguments.until)
            if until < settings.epoch:
                raise UsageError(
                    f"--until {arguments.until} is before the epoch {settings.epoch:%Y-%m-%d}: "
                    "give a later time or set SIMULATOR_EPOCH"
                )
            return settings.epoch, until
        case _:
            return settings.epoch, datetime.now(UTC)


class _Loading:
    """Plans and loads ranges of windows, batch by batch."""

    def __init__(
        self,
        settings: WorldSettings,
        connection: Connection,
        loader: Loader,
        reporter: Reporter,
        interrupts: Interrupts,
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._loader = loader
        self._reporter = reporter
        self._interrupts = interrupts

    def run(self, from_: datetime, to: datetime, since: datetime | None = None) -> None:
        """Loads the windows in [from_, to) that the manifest does not hold.

        Args:
            from_: Start of the range.
            to: End of the range.
            since: Read the manifest only from this midnight on.
        """
        started = time.monotonic()
        plan = self._plan(from_, to, since)
        self._reporter.event(
            "load_started",
            windows=plan.missing,
            already_loaded=plan.recorded,
            start=from_,
            end=to,
        )
        windows = rows = rejects = 0
        for batch in batches(self._settings, plan.windows()):
            with self._interrupts.deferred():
                loaded = self._loader.load(batch)
            windows += len(batch)
            rows += loaded.rows
            rejects += loaded.rejects
        self._reporter.event(
            "load_finished",
            windows=windows,
            already_loaded=plan.recorded,
            rows=rows,
            rejects=rejects,
            seconds=round(time.monotonic() - started, 3),
        )

    def run_until_interrupted(self) -> None:
        """Catches up, then loads each window when it ends; a signal ends it cleanly."""
        tick, position, since = self._settings.tick, self._settings.epoch, None
        try:
            while True:
                now = datetime.now(UTC)
                if position + tick <= now:
                    self.run(position, now, since)
                    position += (now - position) // tick * tick
                    since = position.replace(hour=0, minute=0, second=0)
                self._interrupts.wait((position + tick - datetime.now(UTC)).total_seconds())
        except Interrupted as interrupted:
            self._reporter.event("stream_stopped", signal=str(interrupted))

    def _plan(self, from_: datetime, to: datetime, since: datetime | None) -> Plan:
        with Warehouse(self._connection) as warehouse:
            days = recorded_days(warehouse, since)
            require_one_world(days, self._settings.world_id)
            return make_plan(
                self._settings,
                from_,
                to,
                sources=[source.name for source in SOURCES],
                days=days,
                recorded_windows=lambda day: recorded_windows(warehouse, day),
            )


def _counter(connection: Connection) -> Callable[[str, Sequence[Window]], int]:
    def count(table: str, batch: Sequence[Window]) -> int:
        with Warehouse(connection) as warehouse:
            return count_rows(warehouse, table, batch)

    return count


def _report_retry_to(reporter: Reporter) -> Callable[[Load, str, float], None]:
    def report(load: Load, reason: str, seconds: float) -> None:
        reporter.event(
            "load_retried",
            level="warning",
            table=load.table,
            label=load.label,
            reason=reason,
            seconds=round(seconds, 3),
        )

    return report
