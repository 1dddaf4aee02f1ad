"""`make dev`: the platform left running, with a live simulator, until Ctrl-C."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from local_platform.platform import REPOSITORY, Platform, base_environment
from local_platform.processes import running
from local_platform.steps import load, step

DIRECTORY = REPOSITORY / "build" / "dev"
HISTORY = timedelta(days=30)
PORTS = {"STARROCKS_QUERY_PORT": "9030", "STARROCKS_HTTP_PORT": "8030", "DAGSTER_UI_PORT": "3000"}


def run_dev(console: Console) -> None:
    """Run until a signal arrives; what is in `build/dev` is kept and continued next time.

    Raises:
        PlatformError, ProcessError: one line that says what went wrong.
        Interrupted: the way it ends.
    """
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    environment = PORTS | {
        "SIMULATOR_EPOCH": kept_epoch(DIRECTORY / "epoch"),
        "SIMULATOR_TICK": "1m",
    }
    with running(DIRECTORY / "logs") as processes:
        platform = Platform(processes, DIRECTORY, environment | base_environment())
        with step(console, "Start the warehouse"):
            platform.start_warehouse()
        with step(console, "Create databases and raw tables"):
            platform.simulator("init")
        with step(console, "Load all windows due and not yet in the warehouse") as say:
            load(platform, say, "catch-up")
        with step(console, "Start Dagster: code server, webserver, daemon"):
            platform.start_dagster()
        platform.start_stream()
        _print_addresses(console, platform)
        while True:
            processes.check()
            time.sleep(1)


def kept_epoch(path: Path) -> str:
    """The epoch of the world in this directory: chosen once, 30 days before the first start."""
    if not path.exists():
        epoch = datetime.now(UTC) - HISTORY
        path.write_text(f"{epoch:%Y-%m-%d}\n")
    return path.read_text().strip()


def _print_addresses(console: Console, platform: Platform) -> None:
    settings = platform.environment
    console.print(
        f"""
[bold]The platform is running.[/bold] Ctrl-C stops it; what is loaded stays in {DIRECTORY}.
  Dagster      {platform.ui_url}
  SQL          mysql -h {settings["STARROCKS_HOST"]} -P {settings["STARROCKS_QUERY_PORT"]} \
-u {settings["STARROCKS_USER"]}
  Stream Load  http://{settings["STARROCKS_HOST"]}:{settings["STARROCKS_HTTP_PORT"]}
  logs         {DIRECTORY / "logs"}
""",
        highlight=False,
    )
