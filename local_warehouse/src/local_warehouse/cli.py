"""The command `local-warehouse`."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from local_warehouse.process import StartError

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


CLUSTER_EPILOG = """\
What the StarRocks operator gives to a pod counts here as well:
  STARROCKS_ROOT        folder of the installation (default: /opt/starrocks)
  CONFIGMAP_MOUNT_PATH  folder of fe.conf or be.conf (else STARROCKS_ROOT/{fe,be}/conf)
  HOST_TYPE, POD_IP     FQDN: nodes know each other by host name, else by POD_IP
  FE_QUERY_PORT         MySQL port of the frontend's service, for backends (default: 9030)
  MYSQL_PWD             password of root with which a backend registers
"""


def main() -> None:
    """Run the command and leave with its exit status."""
    arguments = _parser().parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        arguments.run(arguments)
    except StartError as failure:
        sys.exit(f"local-warehouse: {failure}")


# Each role imports what it needs alone: a backend starts without DuckDB.


def _serve(arguments: argparse.Namespace) -> None:
    from local_warehouse.server import ServerSettings, run

    run(
        ServerSettings(
            data_dir=arguments.data_dir.absolute(),
            host=arguments.host,
            mysql_port=arguments.mysql_port,
            front_end_port=arguments.fe_http_port,
            back_end_port=arguments.be_http_port,
            root_password=os.environ.get("STARROCKS_PASSWORD", ""),
            faults=os.environ.get("LOCAL_WAREHOUSE_FAULTS") == "1",
        )
    )


def _frontend(_arguments: argparse.Namespace) -> None:
    _end_at_sigterm()
    from local_warehouse.cluster.environment import Environment
    from local_warehouse.cluster.frontend import run

    run(Environment.read())


def _backend(arguments: argparse.Namespace) -> None:
    _end_at_sigterm()
    from local_warehouse.cluster.backend import run
    from local_warehouse.cluster.environment import Environment

    run(Environment.read(), arguments.frontend)


def _end_at_sigterm() -> None:
    # While it imports: process 1 of a container ignores a signal for which it has no handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-warehouse",
        description="Speaks StarRocks (MySQL protocol, Stream Load) on DuckDB, for laptops and "
        "tests. Never for production.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve the warehouse of a folder, in one process",
        description="Serve the warehouse of a folder until SIGTERM or Ctrl-C.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.set_defaults(run=_serve)
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
    _add_roles(commands)
    return parser


def _add_roles(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    frontend = commands.add_parser(
        "frontend",
        help="be the frontend of a cluster, as the StarRocks operator starts it",
        description="Serve the warehouse in STARROCKS_ROOT/fe/meta until SIGTERM. Loads go to the "
        "backends that register.",
        epilog=CLUSTER_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    frontend.set_defaults(run=_frontend)
    frontend.add_argument(
        "service", nargs="?", metavar="FE_SERVICE", help="the operator names it; not needed"
    )
    backend = commands.add_parser(
        "backend",
        help="be a backend of a cluster, as the StarRocks operator starts it",
        description="Register with a frontend and pass loads on to it until SIGTERM.",
        epilog=CLUSTER_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    backend.set_defaults(run=_backend)
    backend.add_argument("frontend", metavar="FE_SERVICE", help="host of the frontend's service")


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port: use a number from 0 to 65535")
    return port


if __name__ == "__main__":
    main()
