"""`ingestion-simulator init`: databases and raw tables."""

import sys

from ingestion_simulator.connection import Connection
from ingestion_simulator.contracts import ALL_TABLES, create_table_sql
from ingestion_simulator.errors import UsageError
from ingestion_simulator.progress import reporter_for
from ingestion_simulator.time_zone import require_utc
from ingestion_simulator.warehouse import (
    DATABASES,
    Warehouse,
    create_structure,
    drop_structure,
)


def init(connection: Connection, reset: bool, confirmed: bool) -> int:
    """Creates what is missing; with `reset`, drops everything first."""
    reporter = reporter_for(sys.stdout)
    if reset and not confirmed and not _confirm(connection):
        raise UsageError("init --reset was not confirmed: nothing was changed")
    with Warehouse(connection) as warehouse:
        require_utc(warehouse)
        if reset:
            drop_structure(warehouse)
        create_structure(warehouse, [create_table_sql(contract) for contract in ALL_TABLES])
    reporter.event(
        "initialized",
        databases=", ".join(DATABASES),
        tables=", ".join(contract.table for contract in ALL_TABLES),
    )
    return 0


def _confirm(connection: Connection) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(
            f"init --reset drops {', '.join(DATABASES)} with everything in them: "
            "repeat it with --yes"
        )
    sys.stderr.write(
        f"This drops {', '.join(DATABASES)} on {connection.host}:{connection.query_port} "
        "with everything in them. Type yes to go on: "
    )
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"
