"""Runs a load: label, rows, commit."""

import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

from local_warehouse.engine import Table, Warehouse, WarehouseError
from local_warehouse.stream_load import labels
from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.labels import Labels, Transaction
from local_warehouse.stream_load.plan import LoadPlan
from local_warehouse.stream_load.reply import LoadReply, Timings
from local_warehouse.stream_load.request import LoadRequest
from local_warehouse.stream_load.source import EMPTY, open_source
from local_warehouse.stream_load.spool import Spool
from local_warehouse.stream_load.staging import RELATION, StagedRows, staged_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Load:
    """A load that has begun: its label is taken, its rows may come."""

    request: LoadRequest
    table: Table
    plan: LoadPlan
    transaction: Transaction
    begun_at: float
    begin_seconds: float


class StreamLoader:
    """Loads bodies into tables; safe to call from several threads.

    Args:
        warehouse: Where the rows go.
        spool: Where bodies and error logs lie.
    """

    def __init__(self, warehouse: Warehouse, spool: Spool) -> None:
        self._warehouse = warehouse
        self._spool = spool
        self._connection = warehouse.connect("root").cursor
        self._connection.execute(labels.SCHEMA)
        self.labels = Labels(self._connection)

    def begin(self, user: str, request: LoadRequest) -> Load:
        """Take the label for a load.

        Raises:
            LoadError: The table, the user's privilege or the label stand in the way.
        """
        begun_at = time.monotonic()
        try:
            table = self._warehouse.table(request.database, request.table)
        except WarehouseError as failure:
            raise LoadError(failure.message) from failure
        if not self._warehouse.may_insert(user, table):
            raise LoadError(
                "Access denied; you need (at least one of) the INSERT privilege(s) on TABLE "
                f"{table.name} for this operation"
            )
        plan = LoadPlan.of(request, table)
        transaction = self.labels.begin(request.database, request.table, request.label)
        return Load(request, table, plan, transaction, begun_at, time.monotonic() - begun_at)

    def abandon(self, load: Load) -> None:
        """Give the label of a load back whose body never came."""
        self.labels.finish(load.transaction, committed=False)

    def run(self, load: Load, body: Path) -> LoadReply:
        """Load a body and return how it ended; the label is given back where it failed."""
        committed = False
        reply = LoadReply(
            label=load.request.label,
            status="Fail",
            message="",
            transaction_id=load.transaction.transaction_id,
            received_bytes=body.stat().st_size,
        )
        try:
            source = open_source(load.request, load.plan, body)
            received_at = time.monotonic()
            with staged_rows(self._connection, load.plan, source) as staged:
                staged_at = time.monotonic()
                reply = replace(reply, total_rows=staged.total, filtered_rows=staged.rejected)
                if staged.rejected:
                    log = self._spool.write_error_log(staged.error_lines)
                    reply = replace(reply, error_log=log)
                _check_ratio(load.request, staged)
                self._write(load, staged)
                committed = True
            reply = replace(reply, status="Success", message="OK")
            written_at = time.monotonic()
            reply = replace(reply, timings=_timings(load, received_at, staged_at, written_at))
        except (LoadError, WarehouseError) as failure:
            reply = replace(reply, message=failure.message)
        except Exception as failure:
            logger.exception("load %s failed inside the warehouse", load.request.label)
            first_line = str(failure).partition("\n")[0]
            reply = replace(reply, message=f"internal error: {first_line}")
        finally:
            self.labels.finish(load.transaction, committed=committed)
        return reply

    def _write(self, load: Load, staged: StagedRows) -> None:
        with self._warehouse.write(staged.cursor) as cursor:
            table = self._warehouse.table(load.table.database, load.table.name)
            if table.columns != load.table.columns:
                raise LoadError(f"table {table.name} was changed during the load")
            self._warehouse.apply(cursor, table, RELATION)
            self.labels.record(
                cursor, load.transaction, staged.total - staged.rejected, staged.rejected
            )


def _check_ratio(request: LoadRequest, staged: StagedRows) -> None:
    if staged.rejected and staged.rejected / staged.total > request.maximum_filter_ratio:
        raise LoadError("too many filtered rows")
    if staged.total == staged.rejected:
        raise LoadError(EMPTY)


def _timings(load: Load, received_at: float, staged_at: float, written_at: float) -> Timings:
    return Timings(
        load=_milliseconds(load.begun_at, written_at),
        begin=round(load.begin_seconds * 1000),
        read=_milliseconds(load.begun_at, received_at),
        write=_milliseconds(received_at, staged_at),
        commit=_milliseconds(staged_at, written_at),
    )


def _milliseconds(start: float, end: float) -> int:
    return round((end - start) * 1000)
