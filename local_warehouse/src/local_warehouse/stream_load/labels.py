"""Labels: what makes a repeated load happen once.

A label is committed in the transaction of its rows. It belongs to its database and lives as long:
one that is older than the database of its name belongs to a dropped one. StarRocks forgets labels
after three days or 1,000 transactions; here they are kept.
"""

import itertools
import threading
from dataclasses import dataclass, field

import duckdb

from local_warehouse.stream_load.errors import LoadError

SCHEMA = """
create table if not exists _warehouse.labels (
    database_name varchar, label varchar, transaction_id bigint, table_name varchar,
    loaded_rows bigint, filtered_rows bigint, committed_at timestamp
)
"""


class LabelExistsError(LoadError):
    """The label is taken.

    Args:
        label: The label.
        job_status: "RUNNING" or "FINISHED".
    """

    def __init__(self, label: str, job_status: str) -> None:
        super().__init__(f"Label [{label}] has already been used.")
        self.job_status = job_status


@dataclass(frozen=True)
class Transaction:
    """A load that has its label.

    Attributes:
        transaction_id: Unique in the process, and larger than those of earlier committed loads.
        database: Name of the database.
        table: Name of the table.
        label: The label.
    """

    transaction_id: int
    database: str
    table: str
    label: str


@dataclass
class Labels:
    """The labels of running and committed loads.

    Args:
        connection: Where committed labels are looked up.
    """

    connection: duckdb.DuckDBPyConnection
    _running: dict[tuple[str, str], Transaction] = field(default_factory=dict)
    _aborted: set[tuple[str, str]] = field(default_factory=set)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        row = self.connection.execute(
            "select max(transaction_id) from _warehouse.labels"
        ).fetchone()
        self._transaction_ids = itertools.count(1 + ((row and row[0]) or 0))

    def begin(self, database: str, table: str, label: str) -> Transaction:
        """Take a label.

        Raises:
            LabelExistsError: Another load has it.
        """
        key = (database, label)
        with self._mutex:
            if key in self._running:
                raise LabelExistsError(label, "RUNNING")
            transaction = Transaction(next(self._transaction_ids), database, table, label)
            self._running[key] = transaction
        # Looked up while it counts as running: a load that ends meanwhile leaves no gap.
        try:
            committed = self._is_committed(database, label)
        except BaseException:
            self.finish(transaction, committed=False)
            raise
        if committed:
            self.finish(transaction, committed=True)
            raise LabelExistsError(label, "FINISHED")
        return transaction

    def finish(self, transaction: Transaction, *, committed: bool) -> None:
        """Say how a load ended; the label of one that did not commit is free again."""
        key = (transaction.database, transaction.label)
        with self._mutex:
            self._running.pop(key, None)
            (self._aborted.discard if committed else self._aborted.add)(key)

    def record(
        self,
        cursor: duckdb.DuckDBPyConnection,
        transaction: Transaction,
        loaded_rows: int,
        filtered_rows: int,
    ) -> None:
        """Write the label into the transaction that writes the rows."""
        cursor.execute(
            "insert into _warehouse.labels values "
            "(?, ?, ?, ?, ?, ?, make_timestamp(epoch_us(now())))",
            [
                transaction.database,
                transaction.label,
                transaction.transaction_id,
                transaction.table,
                loaded_rows,
                filtered_rows,
            ],
        )

    def state(self, database: str, label: str) -> str:
        """Return PREPARE, VISIBLE, ABORTED or UNKNOWN."""
        with self._mutex:
            if (database, label) in self._running:
                return "PREPARE"
            aborted = (database, label) in self._aborted
        if self._is_committed(database, label):
            return "VISIBLE"
        return "ABORTED" if aborted else "UNKNOWN"

    def _is_committed(self, database: str, label: str) -> bool:
        found = self.connection.cursor().execute(
            "select 1 from _warehouse.labels join _warehouse.databases on name = database_name "
            "where name = ? and label = ? and committed_at >= created_at",
            [database, label],
        )
        return found.fetchone() is not None
