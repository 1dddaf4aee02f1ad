"""`ingestion-simulator verify`: the warehouse against the seed."""

import sys
import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.manifest import recorded_days, recorded_windows, require_one_world
from ingestion_simulator.progress import Reporter, reporter_for
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import SOURCES
from ingestion_simulator.verification import (
    Difference,
    Holdings,
    compare_raw,
    compare_sales,
    coverage_of,
    read_raw,
    read_sales,
)
from ingestion_simulator.warehouse import MissingTableError, Warehouse
from ingestion_simulator.windows import Window
from ingestion_simulator.world.expected import expected_daily

_DAY = timedelta(days=1)


def verify(settings: WorldSettings, connection: Connection, *, raw_only: bool) -> int:
    """Compares day by day and returns 0 only if every figure is equal."""
    started = time.monotonic()
    with Warehouse(connection) as warehouse:
        covered = _read_coverage(settings, warehouse)
        up_to = max(windows[-1].end for windows in covered.values() if windows)
        raw = read_raw(warehouse, up_to)
        sales = None if raw_only else _read_sales(warehouse)
    days = _days(settings, up_to, raw, sales)
    differences: list[Difference] = []
    reporter = reporter_for(sys.stdout)
    try:
        reporter.event("verify_started", days=len(days), up_to=up_to)
        for day in days:
            expected = expected_daily(settings, day, covered)
            found = list(compare_raw(expected, day, raw))
            if sales is not None:
                found += compare_sales(expected, day, sales)
            reporter.event("day_verified", day=day, differences=len(found))
            differences += found
        _report(
            reporter,
            differences,
            days=len(days),
            marts="left out" if raw_only else "compared",
            seconds=round(time.monotonic() - started, 3),
        )
    finally:
        reporter.close()
    return 1 if differences else 0


def _read_coverage(settings: WorldSettings, warehouse: Warehouse) -> dict[str, list[Window]]:
    days = recorded_days(warehouse)
    if not days:
        raise SimulatorError(
            "retail_raw.raw_load_manifest is empty: load something first, "
            "with `ingestion-simulator catch-up` or `backfill`"
        )
    require_one_world(days, settings.world_id)
    complete = len(SOURCES) * (_DAY // settings.tick)
    windows = {
        day: recorded_windows(warehouse, day)
        for day, record in days.items()
        if record.rows != complete
    }
    return coverage_of(settings, days, windows)


def _read_sales(warehouse: Warehouse) -> Holdings:
    try:
        return read_sales(warehouse)
    except MissingTableError as error:
        raise SimulatorError(
            "retail_marts.fact_daily_sales does not exist: wait until the transformation pipeline "
            "has built it, or compare the raw tables alone with `verify --raw-only`"
        ) from error


def _days(
    settings: WorldSettings, up_to: datetime, raw: Holdings, sales: Holdings | None
) -> list[date]:
    """Every day since the epoch, and whatever other day the warehouse holds something of."""
    first = settings.epoch.astimezone(UTC).date()
    expected = {
        first + timedelta(days=number) for number in range((up_to - settings.epoch) // _DAY)
    }
    last = (up_to - timedelta(microseconds=1)).date()
    return sorted(expected | {last} | raw.days() | (sales.days() if sales else set()))


def _report(
    reporter: Reporter,
    differences: list[Difference],
    *,
    days: int,
    marts: str,
    seconds: float,
) -> None:
    if sys.stdout.isatty() and differences:
        reporter.close()
        _print_table(differences)
    else:
        for difference in differences:
            reporter.event("difference", level="error", **asdict(difference))
    reporter.event(
        "verify_finished",
        level="error" if differences else "info",
        result="different" if differences else "equal",
        differences=len(differences),
        days=days,
        marts=marts,
        seconds=seconds,
    )


def _print_table(differences: list[Difference]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("table", "source", "day", "measure", title="Differences")
    table.add_column("expected from the seed", justify="right")
    table.add_column("found", justify="right")
    for each in differences:
        table.add_row(
            each.table,
            each.source,
            str(each.day),
            each.measure,
            f"{each.expected:,}",
            f"{each.found:,}",
        )
    Console().print(table)
