"""The command `local-warehouse`."""

import argparse
import logging
import os
import sys
from pathlib import Path

from local_warehouse.engine import WarehouseError
from local_warehouse.server import ServerSettings, StartError, run

EPILOG = """\
environment:
  STARROCKS_PASSWORD      password of root from this start on (default: empty)
  LOCAL_WAREHOUSE_FAULTS  1 lets tests of clients ask for failing loads (see README.md)

When all ports answer, one JSON line appears on stdout:
  {"event": "ready", "mysql_port": 9030, "fe_http_port": 8030, "be_http_port": 8040}
SIGTERM or Ctrl-C stops the server; what was committed is kept.

example:
  local-warehouse serve --data-dir build/warehouse
  mysql --host 127.0.0.1 --port 9030 --user root
"""


def main() -> None:
    """Run the command and leave with its exit status."""
    arguments = _parser().parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    settings = ServerSettings(
        data_dir=arguments.data_dir.absolute(),
        host=arguments.host,
        mysql_port=arguments.mysql_port,
        front_end_port=arguments.fe_http_port,
        back_end_port=arguments.be_http_port,
        root_password=os.environ.get("STARROCKS_PASSWORD", ""),
        faults=os.environ.get("LOCAL_WAREHOUSE_FAULTS") == "1",
    )
    try:
        run(settings)
    except (StartError, WarehouseError) as failure:
        sys.exit(f"local-warehouse: {failure}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-warehouse",
        description="A single process that speaks StarRocks (MySQL protocol, Stream Load) on "
        "DuckDB, for laptops and tests. Never for production.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve the warehouse of a folder",
        description="Serve the warehouse of a folder until SIGTERM or Ctrl-C.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument(
        "--data-dir",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the data; created where it is missing",
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    for flag, default, purpose in (
        ("--mysql-port", 9030, "SQL clients connect here"),
        ("--fe-http-port", 8030, "Stream Load starts here and is redirected"),
        ("--be-http-port", 8040, "Stream Load sends its data here"),
    ):
        serve.add_argument(
            flag,
            type=_port,
            default=default,
            metavar="PORT",
            help=f"{purpose} (default: {default}; 0: a free port)",
        )
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: use a number from 0 to 65535")
    return port


if __name__ == "__main__":
    main()
