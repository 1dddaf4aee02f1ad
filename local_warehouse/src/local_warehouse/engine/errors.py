"""Errors with the numbers and texts that StarRocks clients know."""

import re

import duckdb


class WarehouseError(Exception):
    """A statement failed.

    Attributes:
        code: the error number that the MySQL protocol carries, for example 1064.
        sqlstate: the five characters that go with it.
        message: one line for the user.
    """

    def __init__(self, code: int, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.sqlstate = sqlstate
        self.message = message


def syntax_error(detail: str) -> WarehouseError:
    """The text is not StarRocks SQL, or not a statement that this warehouse knows."""
    return WarehouseError(
        1064, "42000", f"Getting syntax error. Detail message: {detail.rstrip('.')}."
    )


def analysis_error(detail: str) -> WarehouseError:
    """The statement parses and makes no sense: an unknown function, a wrong clause."""
    return WarehouseError(
        1064, "HY000", f"Getting analyzing error. Detail message: {detail.rstrip('.')}."
    )


def unknown_database(name: str) -> WarehouseError:
    """StarRocks' `ERR_BAD_DB_ERROR`."""
    return WarehouseError(
        5501, "3F000", f"Getting analyzing error. Detail message: Unknown database '{name}'."
    )


def unknown_table(name: str) -> WarehouseError:
    """StarRocks' `ERR_BAD_TABLE_ERROR`."""
    return WarehouseError(
        5502, "42602", f"Getting analyzing error. Detail message: Unknown table '{name}'."
    )


def no_database_selected() -> WarehouseError:
    """StarRocks' `ERR_NO_DB_ERROR`."""
    return WarehouseError(1046, "3D000", "No database selected")


def table_exists(name: str) -> WarehouseError:
    """StarRocks' `ERR_TABLE_EXISTS_ERROR`."""
    return WarehouseError(1050, "42S01", f"Table '{name}' already exists")


def database_exists(name: str) -> WarehouseError:
    """StarRocks' `ERR_DB_CREATE_EXISTS`."""
    return WarehouseError(1007, "HY000", f"Can't create database '{name}'; database exists")


def access_denied(privilege: str, target: str) -> WarehouseError:
    """The user lacks a privilege."""
    return WarehouseError(
        5203,
        "42000",
        f"Access denied; you need (at least one of) the {privilege} privilege(s) "
        f"on {target} for this operation.",
    )


def backend_not_found() -> WarehouseError:
    """No backend is alive, and the statement needs one."""
    return WarehouseError(
        1064, "HY000", "Backend node not found. Check if any backend node is down."
    )


def load_error(detail: str) -> WarehouseError:
    """A row does not fit its table, so the whole write is refused."""
    return WarehouseError(1064, "HY000", f"Insert has filtered data: {detail}")


_UNKNOWN_FUNCTION = re.compile(r"Function with name (\S+) does not exist")
_UNKNOWN_COLUMN = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_UNKNOWN_SOURCE = re.compile(r'Referenced table "([^"]+)" not found')
_LINE = re.compile(r"\s*LINE \d+:.*", re.DOTALL)


def from_duckdb(error: duckdb.Error) -> WarehouseError:
    """Says what DuckDB refused in StarRocks' words where there are such words."""
    text = _LINE.sub("", str(error)).strip()
    text = re.sub(r"^(\w+ )+Error: ", "", text)
    if isinstance(error, duckdb.InterruptException):
        return WarehouseError(1317, "70100", "Query execution was interrupted")
    if match := _UNKNOWN_FUNCTION.search(text):
        return analysis_error(f"No matching function with signature: {match[1]}")
    if match := _UNKNOWN_COLUMN.search(text):
        return analysis_error(f"Column '{match[1]}' cannot be resolved")
    if match := _UNKNOWN_SOURCE.search(text):
        return analysis_error(f"Table '{match[1]}' cannot be resolved")
    first_line = " ".join(text.split("\n")[0].split())
    return analysis_error(first_line)
