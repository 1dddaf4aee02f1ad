"""The command line: what may be said, and how it is refused."""

import argparse
from pathlib import Path
from typing import NoReturn

_WORLD_FLAGS = {
    "seed": ("N", "seed of the world"),
    "epoch": ("DATE", "UTC day on which the retailer opens"),
    "tick": ("DURATION", "width of a window, such as 5m"),
    "orders-per-day": ("N", "mean number of orders per day"),
    "duplicate-rate": ("SHARE", "share of events sent twice"),
    "late-rate": ("SHARE", "share of events that arrive late"),
    "invalid-rate": ("SHARE", "share of events with a copy that breaks the contract"),
}
WORLD_SETTINGS = tuple(flag.replace("-", "_") for flag in _WORLD_FLAGS)

_ENVIRONMENT = (
    "The warehouse is set by STARROCKS_HOST, STARROCKS_QUERY_PORT, STARROCKS_HTTP_PORT, "
    "STARROCKS_USER and STARROCKS_PASSWORD. Every world flag is also a variable, such as "
    "SIMULATOR_SEED. Times are UTC, written YYYY-MM-DD[THH:MM[:SS]]."
)

_SETUP = """\
Make a fresh StarRocks cluster the platform's warehouse, step by step; what is
there already stays. It may be run again at any time, by two at once too.

  1. wait until a frontend answers, and log in; where the administrator still has
     the empty password of a fresh cluster, set it
  2. check that the global time zone is UTC
  3. wait for a live backend
  4. create the databases and the raw tables that are missing
  5. create the users, give them their passwords and the least grants

  user         may
  loader       SELECT, INSERT on retail_raw
  transformer  SELECT on retail_raw; CREATE TABLE on retail_staging and retail_marts,
               and SELECT, INSERT, ALTER, DROP on their tables
  observer     SELECT on retail_raw
  bi_reader    SELECT on retail_marts

Grants beyond these are reported and stay: revoke them where nobody needs them."""

_SETUP_ENVIRONMENT = """\
environment:
  STARROCKS_HOST, STARROCKS_QUERY_PORT   a frontend (127.0.0.1, 9030)
  STARROCKS_USER                         an administrator (root)
  STARROCKS_PASSWORD                     the password that it has or shall have
  LOADER_PASSWORD, TRANSFORMER_PASSWORD, OBSERVER_PASSWORD, BI_READER_PASSWORD
                                         of the users; a changed one is set anew

example:
  STARROCKS_PASSWORD=a LOADER_PASSWORD=b TRANSFORMER_PASSWORD=c OBSERVER_PASSWORD=d \\
    BI_READER_PASSWORD=e ingestion-simulator setup --timeout 5m
"""


class _Parser(argparse.ArgumentParser):
    """Refuses in one line; the usage is a `--help` away."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def parse_arguments(argv: list[str]) -> argparse.Namespace:
    """Reads the command line; exits with status 2 and one line if it cannot be read."""
    parser = _Parser(
        prog="ingestion-simulator",
        description="A seeded retailer whose operational systems write into StarRocks.",
        epilog=_ENVIRONMENT,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_init(commands)
    _add_setup(commands)
    world = _world_flags()
    _add_loading(commands, world)
    _add_generate(commands, world)
    verify = _add(commands, "verify", "compare the warehouse with the seed", world)
    verify.add_argument(
        "--raw-only", action="store_true", help="leave out the marts: check the raw tables alone"
    )
    return parser.parse_args(argv)


def _add_init(commands: "argparse._SubParsersAction[_Parser]") -> None:
    init = _add(commands, "init", "create the databases and raw tables that are missing")
    init.add_argument(
        "--reset", action="store_true", help="first drop them with everything they hold"
    )
    init.add_argument("--yes", action="store_true", help="do not ask before --reset")


def _add_setup(commands: "argparse._SubParsersAction[_Parser]") -> None:
    setup = commands.add_parser(
        "setup",
        help="make a fresh cluster the platform's warehouse: password, structure, users",
        description=_SETUP,
        epilog=_SETUP_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    setup.add_argument(
        "--timeout",
        metavar="DURATION",
        default="15m",
        help="how long to wait for frontends and backends (default: %(default)s)",
    )


def _add_loading(commands: "argparse._SubParsersAction[_Parser]", world: _Parser) -> None:
    backfill = _add(commands, "backfill", "load every window of a range", world)
    _add_range(backfill)
    catch_up = _add(
        commands, "catch-up", "load all windows that are due and not in the warehouse", world
    )
    catch_up.add_argument("--until", metavar="TIME", help="what is due by then (default: now)")
    _add(
        commands,
        "stream",
        "catch up, then load each window when it ends, until SIGTERM",
        world,
    )


def _add_generate(commands: "argparse._SubParsersAction[_Parser]", world: _Parser) -> None:
    generate = _add(commands, "generate", "write files instead of loading a warehouse", world)
    _add_range(generate)
    generate.add_argument("--output", metavar="DIR", type=Path, required=True, help="folder")
    generate.add_argument("--format", choices=("ndjson", "parquet"), required=True)


def _add(
    commands: "argparse._SubParsersAction[_Parser]",
    name: str,
    summary: str,
    *parents: _Parser,
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=_ENVIRONMENT,
        parents=list(parents),
        allow_abbrev=False,
    )


def _add_range(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="from_", metavar="TIME", required=True, help="first window")
    parser.add_argument("--to", metavar="TIME", required=True, help="end of the last window")


def _world_flags() -> _Parser:
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("world (default: the variable SIMULATOR_<NAME>)")
    for flag, (metavar, summary) in _WORLD_FLAGS.items():
        group.add_argument(f"--{flag}", metavar=metavar, help=summary)
    return parser
