"""Converts the rows of a load outside of the write lock, in a temporary table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.plan import OPERATION, REJECTED, LoadPlan
from local_warehouse.stream_load.source import Source

RELATION = "staged_rows"
ERROR_LINES = 50
"""StarRocks keeps about as many messages of one load."""


@dataclass(frozen=True)
class StagedRows:
    """Rows that are ready to be written: the typed columns of the accepted rows, in order.

    Attributes:
        cursor: The connection whose temporary table `staged_rows` they are.
        total: Rows in the body.
        rejected: Rows that were filtered out.
        error_lines: What was wrong with the first rejected rows.
    """

    cursor: duckdb.DuckDBPyConnection
    total: int
    rejected: int
    error_lines: list[str]


@contextmanager
def staged_rows(
    connection: duckdb.DuckDBPyConnection, plan: LoadPlan, source: Source
) -> Iterator[StagedRows]:
    """Read a body into a table that lasts as long as the context.

    Raises:
        LoadError: The body cannot be parsed.
    """
    cursor = connection.cursor()
    try:
        yield _staged(cursor, plan, source)
    finally:
        cursor.close()


def _staged(cursor: duckdb.DuckDBPyConnection, plan: LoadPlan, source: Source) -> StagedRows:
    reading = _read(cursor, plan, source)
    counts = cursor.execute(
        f"select count(*), count(*) filter (where {REJECTED}) from {RELATION}"  # noqa: S608
    ).fetchone()
    total, rejected = counts or (0, 0)
    error_lines: list[str] = []
    if rejected:
        found = cursor.execute(
            plan.error_sql(reading, source.reasons, source.row_text, ERROR_LINES)
        ).fetchall()
        error_lines = [f"Error: {message}. Row: {row}" for message, row in found]
        cursor.execute(f"delete from {RELATION} where {REJECTED}")  # noqa: S608
    if plan.operation and not _has_deletes(cursor):
        # Upserts alone spare the merge a branch per row.
        cursor.execute(f"alter table {RELATION} drop column {OPERATION}")
    return StagedRows(cursor, total, rejected, error_lines)


def _read(cursor: duckdb.DuckDBPyConnection, plan: LoadPlan, source: Source) -> str:
    """Fill the table and return the reading that could parse the body."""
    for reading in source.readings:
        try:
            cursor.execute(
                f"create temp table {RELATION} as {plan.staging_sql(reading, source.reasons)}"
            )
        except duckdb.InvalidInputException as error:
            message = str(error).split("\n")[0]
        else:
            return reading
    raise LoadError(f"Failed to parse json as document stream: {_without_path(message)}")


def _has_deletes(cursor: duckdb.DuckDBPyConnection) -> bool:
    found = cursor.execute(f"select 1 from {RELATION} where {OPERATION} = 1 limit 1").fetchone()  # noqa: S608
    return found is not None


def _without_path(message: str) -> str:
    """Cut the spool file's name out of a message: `… in file "<path>", at byte …`."""
    before, quoted, after = message.partition(' in file "')
    return before + after.partition('"')[2] if quoted else message
