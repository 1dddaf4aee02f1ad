"""SQL that turns the text of a field into a column's type, by StarRocks' rules.

Every field arrives as VARCHAR (JSON and nested columns as JSON). For each column there is one
expression for the value, NULL where the text does not convert, and a list of reasons to filter
the row. Source of the rules: StarRocks documentation, "STREAM LOAD" and "Strict mode".
"""

from dataclasses import dataclass

from local_warehouse.engine import Kind, TableColumn

_NUMBER = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_INTEGERS = (Kind.TINYINT, Kind.SMALLINT, Kind.INT, Kind.BIGINT, Kind.LARGEINT)
_ALWAYS_CONVERT = (Kind.CHAR, Kind.VARCHAR, Kind.VARBINARY)


@dataclass(frozen=True)
class Reason:
    """Why a row is filtered.

    Attributes:
        condition: SQL boolean, never NULL.
        message: SQL text.
    """

    condition: str
    message: str


def field_type(column: TableColumn) -> str:
    """Return the DuckDB type that a JSON field for this column is read as."""
    nested = column.type.nested is not None or column.type.kind is Kind.JSON
    return "JSON" if nested else "VARCHAR"


def value_expression(column: TableColumn, raw: str) -> str:
    """Return SQL for the typed value of a column from the SQL name of its field's text."""
    stored, kind = column.type.duckdb, column.type.kind
    cast = f"TRY_CAST({raw} AS {stored})"
    if kind in (Kind.CHAR, Kind.VARCHAR):
        return raw
    if kind in _INTEGERS:
        # Text that comes back unchanged is the common case; fractions are cut, not rounded.
        return (
            f"CASE WHEN CAST({cast} AS VARCHAR) = {raw} THEN {cast} "
            f"WHEN regexp_full_match(trim({raw}), '[+-]?[0-9]+') THEN {cast} "
            f"WHEN regexp_full_match(trim({raw}), {_NUMBER}) "
            f"THEN TRY_CAST(trunc(TRY_CAST({raw} AS DOUBLE)) AS {stored}) END"
        )
    if kind is Kind.DECIMAL:
        return f"CASE WHEN regexp_full_match(trim({raw}), {_NUMBER}) THEN {cast} END"
    if kind in (Kind.FLOAT, Kind.DOUBLE):
        return f"CASE WHEN isfinite({cast}) THEN {cast} END"
    if kind is Kind.BOOLEAN:
        return (
            f"CASE lower({raw}) WHEN 'true' THEN true WHEN 'false' THEN false "
            f"ELSE TRY_CAST({raw} AS DOUBLE) <> 0 END"
        )
    if kind in (Kind.DATE, Kind.DATETIME):
        return _moment(raw, stored)
    return f"encode({raw})" if kind is Kind.VARBINARY else cast


def _moment(raw: str, stored: str) -> str:
    """Return SQL for a DATE or DATETIME; zones are ignored, two-digit years turn at 70."""
    moment = f"TRY_CAST({raw} AS TIMESTAMP)"
    century = f"CASE WHEN year({moment}) < 70 THEN 2000 ELSE 1900 END"
    compact = f"COALESCE(try_strptime({raw}, '%Y%m%d%H%M%S'), try_strptime({raw}, '%Y%m%d'))"
    return (
        f"CAST(CASE WHEN {moment} BETWEEN '0100-01-01' AND '9999-12-31 23:59:59.999999' "
        f"THEN {moment} "
        f"WHEN {moment} BETWEEN '0001-01-01' AND '0099-12-31 23:59:59.999999' "
        f"THEN {moment} + to_years({century}) "
        f"WHEN {moment} IS NULL THEN {compact} END AS {stored})"
    )


def reasons(column: TableColumn, raw: str, value: str, *, strict: bool) -> list[Reason]:
    """Return why a row may be filtered because of this column, the first reason first.

    Args:
        column: The column.
        raw: SQL name of the field's text.
        value: SQL name of the typed value.
        strict: Whether a value that does not convert filters the row, or becomes NULL.
    """
    name = column.name.replace("'", "''")
    type_name = str(column.type).upper().replace("'", "''")
    text = f"CAST({raw} AS VARCHAR)"
    found: list[Reason] = []
    if column.type.length is not None:
        found.append(
            Reason(
                f"COALESCE(strlen({raw}) > {column.type.length}, false)",
                f"'String ''' || left({raw}, 100) || '''(length=' || strlen({raw}) || ') is too "
                f"long. The max length of ''{name}'' is {column.type.length}'",
            )
        )
    if column.type.kind is Kind.DECIMAL:
        is_number = f"COALESCE(regexp_full_match(trim({raw}), {_NUMBER}), false)"
        found.append(
            Reason(
                f"({value} IS NULL AND {is_number})",
                f"'Decimal ''' || {text} || ''' is out of range. "
                f"The type of ''{name}'' is {type_name}'",
            )
        )
    if strict and column.type.kind not in _ALWAYS_CONVERT:
        found.append(
            Reason(
                f"({value} IS NULL AND {raw} IS NOT NULL)",
                f"'Value ''' || {text} || ''' is out of range. "
                f"The type of ''{name}'' is {type_name}'",
            )
        )
    if not column.nullable:
        found.append(
            Reason(f"({value} IS NULL)", f"'NULL value in non-nullable column ''{name}'''")
        )
    return found
