"""How staged rows get into a table: checked, deduplicated, merged, with new partition versions.

DuckDB's own PRIMARY KEY is never used: MERGE into a table with that constraint runs at 3.4k rows/s
at a million rows, and at 350k rows/s and more without it.
"""

# ruff: noqa: S608 - the names in the SQL come from the catalog, never from a client's text

from collections.abc import Sequence

import duckdb

from local_warehouse.engine import partitions
from local_warehouse.engine.catalog import CURRENT_TIMESTAMP, Table, TableColumn
from local_warehouse.engine.errors import load_error

OPERATION = "__op"
"""Staged column: 0 = upsert, 1 = delete."""

SEQUENCE = "__seq"
"""Staged column: the order of the rows; of rows with one key the last wins."""


def apply(
    cursor: duckdb.DuckDBPyConnection, table: Table, staged: str, *, partial: bool = False
) -> int:
    """Writes staged rows and gives every touched partition its next version.

    Args:
        cursor: the cursor of a write transaction.
        table: where the rows go.
        staged: a DuckDB temporary table whose columns have the table's names and types; columns
            that it lacks get their default. Optional columns: `__op` and `__seq`; without `__seq`
            the rows' order in the temporary table counts.
        partial: leave the columns that `staged` lacks unchanged in rows that are there already
            (Primary Key tables only).

    Returns:
        The number of staged rows.

    Raises:
        WarehouseError: a row does not fit the table (1064).
    """
    columns = _staged_columns(cursor, staged)
    check_rows(cursor, table, staged, partial=partial)
    values = partitions.touched(cursor, table, staged)
    if table.model == "primary":
        _merge(cursor, table, staged, columns, partial=partial)
    else:
        insert(cursor, table, staged)
    partitions.commit_version(cursor, table, values)
    return count_rows(cursor, staged)


def insert(cursor: duckdb.DuckDBPyConnection, table: Table, staged: str) -> None:
    """Appends staged rows without versions, of rows with one primary key the last."""
    columns = _staged_columns(cursor, staged)
    names = ", ".join(_quote(column.name) for column in table.columns)
    cursor.execute(
        f"insert into {table.storage} ({names}) "
        f"select {_source_columns(table, columns)} from {staged} as s {_last_wins(table, columns)}"
    )


def count_rows(cursor: duckdb.DuckDBPyConnection, relation: str) -> int:
    """The number of rows of a DuckDB relation."""
    rows = cursor.execute(f"select count(*) from {relation}").fetchall()
    return int(rows[0][0])


def check_rows(
    cursor: duckdb.DuckDBPyConnection, table: Table, staged: str, *, partial: bool = False
) -> None:
    """Refuses NULL in NOT NULL columns and text longer than its column, in bytes.

    Args:
        cursor: the transaction's cursor.
        table: where the rows go.
        staged: the rows.
        partial: a row that the table has already keeps its values of columns `staged` lacks.

    Raises:
        WarehouseError: with the first column that does not fit (1064).
    """
    columns = _staged_columns(cursor, staged)
    upsert = f"coalesce(s.{OPERATION}, 0) = 0" if OPERATION in columns else "true"
    checks: list[tuple[str, str]] = []
    for column in table.columns:
        if column.name.lower() not in columns:
            if not column.nullable and column.default is None:
                where = f"not exists ({_same_key(table)})" if partial else "true"
                checks.append(
                    (
                        f"count(*) filter ({where})",
                        f"Column has no default value. column: {column.name}",
                    )
                )
            continue
        quoted = f"s.{_quote(column.name)}"
        if not column.nullable:
            # A delete carries its key alone.
            where = "true" if column.is_key else upsert
            checks.append(
                (
                    f"count(*) filter ({quoted} is null and {where})",
                    f"NULL value in non-nullable column '{column.name}'",
                )
            )
        if column.type.is_text:
            checks.append(
                (
                    f"count(*) filter (strlen({quoted}) > {column.type.length})",
                    f"String is too long. The max length of '{column.name}' is "
                    f"{column.type.length}",
                )
            )
    if not checks:
        return
    aggregates = ", ".join(aggregate for aggregate, _ in checks)
    row = cursor.execute(f"select {aggregates} from {staged} as s").fetchone() or ()
    for bad_rows, (_, message) in zip(row, checks, strict=True):
        if bad_rows:
            raise load_error(f"{message} ({bad_rows} rows)")


def default_value(column: TableColumn) -> str:
    """The DuckDB expression of a column's default, or NULL."""
    if column.default is None:
        return f"cast(null as {column.type.duckdb})"
    if column.default == CURRENT_TIMESTAMP:
        return "date_trunc('second', make_timestamp(epoch_us(now())))"
    literal = column.default.replace("'", "''")
    return f"cast('{literal}' as {column.type.duckdb})"


def _same_key(table: Table) -> str:
    join = " and ".join(f"t.{_quote(key)} = s.{_quote(key)}" for key in table.keys)
    return f"select 1 from {table.storage} as t where {join}"


def _merge(
    cursor: duckdb.DuckDBPyConnection,
    table: Table,
    staged: str,
    columns: Sequence[str],
    *,
    partial: bool,
) -> None:
    keys = {key.lower() for key in table.keys}
    names = [column.name for column in table.columns]
    values = [
        name
        for name in names
        if name.lower() not in keys and (not partial or name.lower() in columns)
    ]
    operation = f"s.{OPERATION}" if OPERATION in columns else "0"
    operation = f"coalesce({operation}, 0) as {OPERATION}"
    source = (
        f"select {_source_columns(table, columns)}, {operation} "
        f"from {staged} as s {_last_wins(table, columns)}"
    )
    join = " and ".join(f"t.{_quote(key)} = s.{_quote(key)}" for key in table.keys)
    update = ", ".join(f"{_quote(name)} = s.{_quote(name)}" for name in values)
    matched = f"when matched then update set {update}" if update else ""
    delete = f"when matched and s.{OPERATION} = 1 then delete" if OPERATION in columns else ""
    insert_columns = ", ".join(_quote(name) for name in names)
    insert_values = ", ".join(f"s.{_quote(name)}" for name in names)
    cursor.execute(
        f"merge into {table.storage} as t using ({source}) as s on {join} {delete} {matched} "
        f"when not matched and s.{OPERATION} = 0 "
        f"then insert ({insert_columns}) values ({insert_values})"
    )


def _staged_columns(cursor: duckdb.DuckDBPyConnection, staged: str) -> list[str]:
    description = cursor.execute(f"select * from {staged} limit 0").description or []
    return [entry[0].lower() for entry in description]


def _source_columns(table: Table, staged_columns: Sequence[str]) -> str:
    return ", ".join(
        f"s.{_quote(column.name)}"
        if column.name.lower() in staged_columns
        else f"{default_value(column)} as {_quote(column.name)}"
        for column in table.columns
    )


def _last_wins(table: Table, staged_columns: Sequence[str]) -> str:
    if table.model != "primary":
        return ""
    keys = ", ".join(f"s.{_quote(key)}" for key in table.keys)
    order = SEQUENCE if SEQUENCE in staged_columns else "rowid"
    return f"qualify row_number() over (partition by {keys} order by s.{order} desc) = 1"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
