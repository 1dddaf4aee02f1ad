"""The `local-platform` command."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pymysql
from rich.console import Console

from local_platform.bench import run_bench
from local_platform.dagster_api import DagsterApiError
from local_platform.demo import DEMO_DIRECTORY, REPORT_PATH, DemoError, run_demo
from local_platform.dev import run_dev
from local_platform.platform import PlatformError
from local_platform.processes import Interrupted, ProcessError

_ENVIRONMENT = """\
environment:
  STARROCKS_HOST, STARROCKS_QUERY_PORT, STARROCKS_HTTP_PORT, STARROCKS_USER, STARROCKS_PASSWORD
      a StarRocks to use; without STARROCKS_HOST the embedded warehouse is started, on these ports
  DAGSTER_UI_PORT
      the port of the Dagster UI (demo: a free one; dev: 3000)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 on failure, 128 + the signal's number on a signal."""
    options = _parser().parse_args(arguments)
    console = Console(soft_wrap=True)
    try:
        return int(options.run(options, console))
    # OSError covers requests' exceptions and the file system.
    except (
        DagsterApiError,
        DemoError,
        PlatformError,
        ProcessError,
        pymysql.MySQLError,
        OSError,
    ) as error:
        print(f"local-platform: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        # Before the first child was started.
        return 128 + signal.SIGINT
    except Interrupted as interrupted:
        console.print("stopped")
        return 128 + interrupted.signal_number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-platform",
        description="Run the whole platform on this machine, from its real processes.",
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="history, live changes, marts, reconciliation, a summary; then everything stops",
        description="Run the main job end to end from an empty warehouse. Exit status 0 only when "
        "manifest, raw tables, marts and the seed's own totals are all equal.",
    )
    demo.add_argument(
        "--directory", type=Path, help="working directory, emptied first (default: build/demo)"
    )
    demo.add_argument(
        "--report", type=Path, help="where the figures go (default: build/demo-report.json)"
    )
    demo.set_defaults(run=_demo)
    dev = commands.add_parser(
        "dev",
        help="the platform left running, with a live simulator, until Ctrl-C",
        description="Run the platform until Ctrl-C. What it loads is kept in build/dev.",
    )
    dev.set_defaults(run=_dev)
    bench = commands.add_parser(
        "bench",
        help="measure generation, loading and incremental runs",
        description="Print a table of figures and write them to build/bench-report.json.",
    )
    bench.set_defaults(run=_bench)
    return parser


def _demo(options: argparse.Namespace, console: Console) -> int:
    directory = (options.directory or DEMO_DIRECTORY).resolve()
    return 0 if run_demo(console, directory, (options.report or REPORT_PATH).resolve()) else 1


def _dev(_options: argparse.Namespace, console: Console) -> int:
    run_dev(console)
    return 0


def _bench(_options: argparse.Namespace, console: Console) -> int:
    run_bench(console)
    return 0
