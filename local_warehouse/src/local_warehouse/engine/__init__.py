"""StarRocks SQL on DuckDB: databases, tables, users and the statements that work on them."""

from local_warehouse.engine.catalog import Table, TableColumn
from local_warehouse.engine.errors import WarehouseError
from local_warehouse.engine.passwords import hash_password
from local_warehouse.engine.results import Column, Result
from local_warehouse.engine.session import Session
from local_warehouse.engine.types import Kind, Type, duckdb_type
from local_warehouse.engine.variables import MYSQL_VERSION, VERSION
from local_warehouse.engine.warehouse import Warehouse

__all__ = [
    "MYSQL_VERSION",
    "VERSION",
    "Column",
    "Kind",
    "Result",
    "Session",
    "Table",
    "TableColumn",
    "Type",
    "Warehouse",
    "WarehouseError",
    "duckdb_type",
    "hash_password",
]
