"""The raw tables: what they hold, and how a change of one is seen without reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transformation_pipeline.lib.warehouse import Warehouse

RAW_DATABASE = "retail_raw"


@dataclass(frozen=True)
class RawTable:
    """A table that the ingestion side writes.

    Attributes:
        name: Name of the table in the raw database.
        source: Which system's data it holds.
        description: What one row is.
    """

    name: str
    source: str
    description: str


RAW_TABLES = (
    RawTable(
        "raw_customers", "crm", "One row per change of a customer, erasure requests included."
    ),
    RawTable("raw_products", "catalog", "One row per change of a product: price, cost, activity."),
    RawTable(
        "raw_orders", "order_management", "One row per status change of an order, lines in it."
    ),
    RawTable("raw_fx_rates", "rates_api", "One row per published or corrected exchange rate."),
    RawTable(
        "raw_load_manifest", "loader", "One row per source and window: what the loader wrote."
    ),
    RawTable("raw_rejects", "loader", "One row per source row that broke its contract, and why."),
)

# One statement for all tables: StarRocks does not push a table's name down into partitions_meta, so
# asking per table would cost a pass over the whole database each time. The join tells an empty
# table from a missing one. Columns: "partitions_meta" in StarRocks' information schema reference.
VERSIONS_STATEMENT = f"""
SELECT t.TABLE_NAME,
       count(p.PARTITION_ID),
       coalesce(max(p.PARTITION_ID), 0),
       coalesce(sum(p.DATA_VERSION), 0),
       coalesce(sum(p.PARTITION_ID * p.DATA_VERSION), 0)
FROM information_schema.tables AS t
LEFT JOIN information_schema.partitions_meta AS p
  ON p.DB_NAME = '{RAW_DATABASE}' AND p.TABLE_NAME = t.TABLE_NAME AND p.IS_TEMP = 0
WHERE t.TABLE_SCHEMA = '{RAW_DATABASE}'
GROUP BY t.TABLE_NAME
"""  # noqa: S608


class RawTablesMissingError(RuntimeError):
    """Raw tables do not exist yet; the message names them."""


def read_versions(warehouse: Warehouse) -> dict[str, str]:
    """Reads the data version of every raw table from metadata alone.

    DATA_VERSION counts the committed writes of a partition and compaction leaves it alone; a
    truncated, replaced or swapped partition gets another PARTITION_ID. Equal tokens mean that the
    table surely did not change; tokens have no order.

    Args:
        warehouse: The warehouse to ask; one query.

    Returns:
        A token per raw table's name, in the order of `RAW_TABLES`.

    Raises:
        RawTablesMissingError: If a raw table does not exist.
        WarehouseUnreachableError: If the warehouse does not answer.
    """
    return versions_of(warehouse.fetch(VERSIONS_STATEMENT))


def versions_of(rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """Turns the rows of `VERSIONS_STATEMENT` into a token per raw table.

    Args:
        rows: Table name, partition count, highest partition id, sum of data versions, and sum of
            partition id times data version.

    Raises:
        RawTablesMissingError: If a raw table has no row.
    """
    found = {name: "-".join(str(int(number)) for number in numbers) for name, *numbers in rows}
    missing = [table.name for table in RAW_TABLES if table.name not in found]
    if missing:
        raise RawTablesMissingError(
            f"{RAW_DATABASE} has no table {', '.join(missing)}: "
            "run `ingestion-simulator init` to create the raw tables."
        )
    return {table.name: found[table.name] for table in RAW_TABLES}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Returns the tables of `now` whose token differs from the one in `before`."""
    return {name: token for name, token in now.items() if before.get(name) != token}
