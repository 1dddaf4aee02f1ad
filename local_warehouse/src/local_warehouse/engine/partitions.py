"""Partitions and their versions: the metadata by which a client sees that a table changed.

There is one partition per distinct value of the partition expressions, created by the first row
that falls into it. A fresh partition has version 1 and every transaction that touches it adds 1;
INSERT OVERWRITE, TRUNCATE and SWAP give it another id (StarRocks documentation, "partitions_meta").
"""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

import re
from collections.abc import Sequence

import duckdb

from local_warehouse.engine.catalog import Table
from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.transpile import scalar_to_duckdb

_NOW = "date_trunc('second', make_timestamp(epoch_us(now())))"


def partition_value(table: Table) -> str:
    """The DuckDB expression, as text, that tells which partition a row of the table lies in."""
    return _value([scalar_to_duckdb(text) for text in table.partition_by])


def touched(
    cursor: duckdb.DuckDBPyConnection, table: Table, source: str, condition: str = "true"
) -> list[str]:
    """The values of the partitions that the rows of `source` fall into.

    Args:
        cursor: the transaction's cursor.
        table: the table whose partition expressions count.
        source: a DuckDB relation with the partition columns.
        condition: a DuckDB predicate on it.
    """
    return sorted(_row_counts(cursor, table, source, condition))


def commit_version(
    cursor: duckdb.DuckDBPyConnection,
    table: Table,
    values: Sequence[str],
    *,
    replaced: bool = False,
) -> None:
    """Gives the touched partitions their next version, after their rows have been written.

    Args:
        cursor: the transaction's cursor.
        table: the table as it is after the write.
        values: the touched partitions' values.
        replaced: whether the write put new partitions in their place.
    """
    if not values:
        return
    known = {
        value
        for (value,) in cursor.execute(
            "select value from _warehouse.partitions where relation_id = ?", [table.relation_id]
        ).fetchall()
    }
    fresh = [value for value in values if value not in known]
    if fresh:
        create(cursor, table, fresh)
    if replaced:
        renew(cursor, table, [value for value in values if value in known])
    rows = _row_counts(cursor, table, table.storage, _range(table, values))
    cursor.executemany(
        f"update _warehouse.partitions set version = version + 1, visible_at = {_NOW}, "
        "row_count = ? where relation_id = ? and value = ?",
        [[rows.get(value, 0), table.relation_id, value] for value in values],
    )


def create(cursor: duckdb.DuckDBPyConnection, table: Table, values: Sequence[str]) -> None:
    """Adds empty partitions."""
    cursor.executemany(
        "insert into _warehouse.partitions "
        f"select ?, nextval('_warehouse.identifier'), ?, ?, 1, {_NOW}, 0",
        [[table.relation_id, _partition_name(table, value), value] for value in values],
    )


def renew(
    cursor: duckdb.DuckDBPyConnection, table: Table, values: Sequence[str] | None = None
) -> None:
    """Puts fresh, empty partitions in the place of some partitions, or of all."""
    condition = "" if values is None else "and list_contains(?, value)"
    parameters: list[object] = [table.relation_id]
    if values is not None:
        parameters.append(list(values))
    cursor.execute(
        "update _warehouse.partitions set partition_id = nextval('_warehouse.identifier'), "
        f"version = 1, visible_at = {_NOW}, row_count = 0 where relation_id = ? {condition}",
        parameters,
    )


def _partition_name(table: Table, value: str) -> str:
    if not table.partition_by:
        return table.name
    if value == "NULL":
        return "pNULL"
    digits = re.sub(r"\W", "", value)
    unit = _date_trunc_unit(table)
    length = {"year": 4, "month": 6, "day": 8, "hour": 10, "minute": 12}.get(unit or "")
    return f"p{digits[:length]}" if length else f"p{digits}"


def _date_trunc_unit(table: Table) -> str | None:
    if len(table.partition_by) != 1:
        return None
    match = re.match(r"date_trunc\s*\(\s*'(\w+)'", table.partition_by[0], re.IGNORECASE)
    return match[1].lower() if match else None


def _value(expressions: Sequence[str]) -> str:
    parts = [f"coalesce(cast({expression} as varchar), 'NULL')" for expression in expressions]
    return f"concat_ws(',', {', '.join(parts)})" if parts else "''"


def _row_counts(
    cursor: duckdb.DuckDBPyConnection, table: Table, source: str, condition: str
) -> dict[str, int]:
    expressions = [scalar_to_duckdb(text) for text in table.partition_by]
    names = [f"p{index}" for index in range(len(expressions))]
    # Grouped first, written as text after: casting a million timestamps to text costs 0.3 s.
    inner = "".join(
        f"{expression} as {name}, " for expression, name in zip(expressions, names, strict=True)
    )
    return dict(
        cursor.execute(
            f"select {_value(names)}, n from (select {inner} count(*) as n from {source} "
            f"where {condition} group by all) where n > 0"
        ).fetchall()
    )


def _range(table: Table, values: Sequence[str]) -> str:
    """A predicate on the plain column, by which DuckDB skips the row groups of untouched days."""
    unit = _date_trunc_unit(table)
    if unit is None or "NULL" in values:
        return "true"
    column = scalar_to_duckdb(table.partition_by[0].split(",", 1)[1].rsplit(")", 1)[0].strip())
    return (
        f"{column} >= timestamp '{min(values)}' "
        f"and {column} < timestamp '{max(values)}' + interval 1 {unit}"
    )


def values_of(
    cursor: duckdb.DuckDBPyConnection, table: Table, partition_names: Sequence[str]
) -> list[str]:
    """The values of partitions that a statement names.

    Raises:
        WarehouseError: the table has no such partition (1064).
    """
    known = dict(
        cursor.execute(
            "select lower(name), value from _warehouse.partitions where relation_id = ?",
            [table.relation_id],
        ).fetchall()
    )
    for name in partition_names:
        if name.lower() not in known:
            raise analysis_error(f"Unknown partition '{name}' in table '{table.name}'")
    return [known[name.lower()] for name in partition_names]
