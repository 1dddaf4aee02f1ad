"""`make demo`: history, live changes, marts by automation alone, reconciliation, a summary."""

import json
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from local_platform.dagster_api import Check, DagsterApi, Run
from local_platform.platform import REPOSITORY, Platform, PlatformError, base_environment
from local_platform.processes import ProcessError, Processes, running
from local_platform.steps import load, loaded_rows, step
from local_platform.summary import Summary, print_summary, read_summary
from local_platform.warehouse import WarehouseConnection
from local_platform.world import EPOCH, TICK, world

HISTORY = timedelta(days=30)
ORDERS_PER_DAY = 2_400
LIVE_WINDOWS = 5

SETTLE_SECONDS = 240.0
_POLL_SECONDS = 0.25


class DemoError(Exception):
    """The demo cannot go on, or what it found is not equal."""


@dataclass(frozen=True)
class LiveChange:
    """One live window: seconds from its commit to each stage, and the runs that it took."""

    window_start: str
    rows: int
    observed_seconds: float
    run_started_seconds: float
    marts_done_seconds: float
    runs: int


@dataclass(frozen=True)
class Report:
    """Everything that the demo measured; written as JSON."""

    equal: bool
    seconds: float
    history: dict[str, Any]
    live: list[LiveChange]
    live_p50_seconds: float
    checks: dict[str, Any]
    equal_to_seed: bool
    peak_memory_mib: dict[str, float]
    summary: dict[str, Any]


def run_demo(console: Console, directory: Path, report_path: Path) -> bool:
    """Run the demo from an empty `directory`; True when raw, marts and seed are all equal.

    Raises:
        DemoError, PlatformError, ProcessError: one line that says what went wrong.
    """
    _empty(directory)
    report_path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with running(directory / "logs") as processes:
        demo = _Demo(console, processes, directory)
        report, summary = demo.run(began)
    if demo.platform.warehouse_process:
        report.peak_memory_mib["warehouse"] = _mib(
            demo.platform.warehouse_process.peak_memory_bytes
        )
    print_summary(console, summary)
    _print_verdict(console, report, report_path)
    _write(report, report_path)
    return report.equal


def _empty(directory: Path) -> None:
    if not directory.exists():
        return
    logs = [directory / "logs" / f"{name}.log" for name in ("warehouse", "simulator")]
    # The first thing that a demo leaves is a log; any other file is somebody's own.
    if not any(log.exists() for log in logs) and any(map(Path.is_file, directory.rglob("*"))):
        raise DemoError(
            f"{directory} holds something else than an earlier demo: give an empty --directory"
        )
    shutil.rmtree(directory)


class _Demo:
    def __init__(self, console: Console, processes: Processes, directory: Path) -> None:
        self.console = console
        self.processes = processes
        self.platform = Platform(processes, directory, base_environment() | world(ORDERS_PER_DAY))
        self.simulator_peak_bytes = 0

    def run(self, began: float) -> tuple[Report, Summary]:
        with step(self.console, "Start the warehouse"):
            warehouse = self.platform.start_warehouse()
        with step(self.console, "Create databases and raw tables"):
            self.platform.simulator("init")
            self._refuse_used_warehouse(warehouse)
        history = self._load_history()
        with step(self.console, "Start Dagster: code server, webserver, daemon"):
            api = self.platform.start_dagster()
        self.console.print(f"  Dagster UI: {self.platform.ui_url}")
        with step(self.console, "Automation builds every mart") as say:
            self._wait_until_settled(api, 0.0, 0.0, say)
        live = [self._live_change(api, number) for number in range(LIVE_WINDOWS)]
        checks = api.checks()
        self._print_checks(checks)
        verified = self._verify()
        summary = read_summary(warehouse)
        failed = [check for check in checks if check.status != "SUCCEEDED"]
        report = Report(
            equal=verified and not failed,
            seconds=round(time.monotonic() - began, 1),
            history=history,
            live=live,
            live_p50_seconds=statistics.median(each.marts_done_seconds for each in live),
            checks={
                "passed": len(checks) - len(failed),
                "failed": [f"{check.asset}: {check.name}: {check.status}" for check in failed],
            },
            equal_to_seed=verified,
            peak_memory_mib={"simulator": _mib(self.simulator_peak_bytes)},
            summary=_json_ready(summary),
        )
        return report, summary

    def _refuse_used_warehouse(self, warehouse: WarehouseConnection) -> None:
        if warehouse.query("select source from retail_raw.raw_load_manifest limit 1"):
            raise PlatformError(
                "retail_raw already holds data, and the demo needs an empty warehouse: "
                "run `ingestion-simulator init --reset` if nobody needs that data"
            )

    def _load_history(self) -> dict[str, Any]:
        began = time.monotonic()
        with step(self.console, f"Load {HISTORY.days} days of history by Stream Load") as say:
            result = load(
                self.platform,
                say,
                "backfill",
                "--from",
                _time(EPOCH),
                "--to",
                _time(EPOCH + HISTORY),
            )
        self.simulator_peak_bytes = result.peak_memory_bytes
        rows = loaded_rows(result)
        seconds = time.monotonic() - began
        self.console.print(f"  {rows:,} rows, {rows / seconds:,.0f} rows/s with their generation")
        return {"days": HISTORY.days, "rows": rows, "seconds": round(seconds, 1)}

    def _live_change(self, api: DagsterApi, number: int) -> LiveChange:
        start = EPOCH + HISTORY + number * TICK
        title = f"Live window {start:%H:%M} to {start + TICK:%H:%M}"
        began = time.time()
        with step(self.console, title) as say:
            result = self.platform.simulator("catch-up", "--until", _time(start + TICK))
            self.simulator_peak_bytes = max(self.simulator_peak_bytes, result.peak_memory_bytes)
            commits = [event for event in result.events if event["event"] == "windows_committed"]
            if not commits:
                raise DemoError(f"{title}: the simulator loaded nothing")
            committed = datetime.fromisoformat(commits[-1]["ts"]).timestamp()
            observed, runs = self._wait_until_settled(api, began, committed, say)
        started = min(run.started for run in runs if run.started)
        ended = max(run.ended for run in runs if run.ended)
        change = LiveChange(
            window_start=_time(start),
            rows=loaded_rows(result),
            observed_seconds=round(observed - committed, 1),
            run_started_seconds=round(started - committed, 1),
            marts_done_seconds=round(ended - committed, 1),
            runs=len(runs),
        )
        self.console.print(
            f"  {change.rows} rows; from commit: observed {change.observed_seconds:.1f} s, "
            f"run started {change.run_started_seconds:.1f} s, "
            f"marts done {change.marts_done_seconds:.1f} s"
        )
        return change

    def _wait_until_settled(
        self, api: DagsterApi, began: float, committed: float, say: Callable[[str], None]
    ) -> tuple[float, list[Run]]:
        """Wait until what was loaded from `began` to `committed` is observed and built.

        The manifest is the last table that a load writes and one query observes all tables, so its
        observation implies the others'. A run may begin between two tables of one load.

        Returns:
            When it was observed, and the runs that it took.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            self.processes.check()
            observed = api.last_observed("retail_raw", "raw_load_manifest")
            runs = [run for run in api.runs() if run.created >= began]
            state = api.state()
            if (
                observed
                and observed.timestamp() >= committed
                and any(run.status == "SUCCESS" for run in runs)
                and state.settled
            ):
                return observed.timestamp(), runs
            failed = sum(run.status == "FAILURE" for run in runs)
            if time.monotonic() > deadline:
                raise DemoError(
                    f"the marts are not up to date after {SETTLE_SECONDS:.0f} s: "
                    f"waiting for {', '.join(state.not_fresh) or 'a run'}; {failed} runs failed; "
                    f"see {self.platform.directory / 'dagster' / 'storage'} for their logs"
                )
            done = state.materializable - len(state.not_fresh)
            say(
                f"{done} of {state.materializable} tables up to date"
                + (f", {failed} runs failed" if failed else "")
            )
            time.sleep(_POLL_SECONDS)

    def _print_checks(self, checks: list[Check]) -> None:
        """Print the reconciliation checks one by one, and of the others what failed."""
        self.console.print("[bold]Reconciliation[/bold]")
        for check in checks:
            if "_equals_" in check.name or check.status != "SUCCEEDED":
                verdict = (check.status or "never ran").lower()
                colour = "green" if check.status == "SUCCEEDED" else "red"
                self.console.print(
                    f"  {check.name.replace('_', ' '):<44} [{colour}]{verdict}[/{colour}]"
                )
        passed = sum(check.status == "SUCCEEDED" for check in checks)
        self.console.print(f"  {passed} of {len(checks)} asset checks succeeded")

    def _verify(self) -> bool:
        """Whether the warehouse equals what the simulator computes from the seed alone."""
        try:
            with step(self.console, "Verify the warehouse against totals recomputed from the seed"):
                self.platform.simulator("verify")
        except ProcessError as error:
            self.console.print(str(error), style="red", markup=False)
            return False
        return True


def _print_verdict(console: Console, report: Report, path: Path) -> None:
    simulator, warehouse = (report.peak_memory_mib.get(key) for key in ("simulator", "warehouse"))
    console.print(
        f"Live change to marts done: p50 {report.live_p50_seconds:.1f} s "
        f"of {len(report.live)} windows"
    )
    console.print(
        f"Peak memory: simulator {simulator:.0f} MiB"
        + (f", warehouse {warehouse:.0f} MiB" if warehouse else "")
    )
    console.print(f"Total {report.seconds:.0f} s; figures in {path}")
    if report.equal:
        console.print("[bold green]Equal to the cent: manifest, raw, marts and the seed.[/]")
    else:
        console.print("[bold red]Not equal: see the differences above.[/]")


def _write(report: Report, path: Path) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(report), indent=2) + "\n")
    partial.replace(path)


def _json_ready(summary: Summary) -> dict[str, Any]:
    return {
        "orders": summary.orders,
        "orders_by_status": summary.orders_by_status,
        "net_sales_eur": str(summary.net_sales_eur),
        "net_sales_by_day": {str(day): str(sales) for day, sales in summary.net_sales_by_day},
        "top_categories": [
            {"name": each.name, "net_sales_eur": str(each.net_sales_eur), "quantity": each.quantity}
            for each in summary.top_categories
        ],
        "top_products": [
            {"name": each.name, "net_sales_eur": str(each.net_sales_eur), "quantity": each.quantity}
            for each in summary.top_products
        ],
    }


def _mib(size: int) -> float:
    return round(size / 2**20, 1)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


DEMO_DIRECTORY = REPOSITORY / "build" / "demo"
REPORT_PATH = REPOSITORY / "build" / "demo-report.json"
