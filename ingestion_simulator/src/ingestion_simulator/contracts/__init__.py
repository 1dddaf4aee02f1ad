"""The contracts that the sources publish, and what holds them.

Each raw table has one YAML file, in a subset of the Open Data Contract Standard v3.1
(bitol-io/open-data-contract-standard). What is understood of it:

- table: `physicalName`, `properties`, `quality` of type `custom` with engine `ingestion_simulator`
  (see `rules.py`), `customProperties` `source`, `controlTotal` and `buckets`;
- property: `name`, `physicalType` (StarRocks), `required` (NOT NULL, and rejected when missing),
  `primaryKey`/`primaryKeyPosition`, `partitioned` (by day), `logicalTypeOptions` (`minimum`,
  `exclusiveMinimum`, `pattern`, `minLength`, `minItems`, `maxItems`), `items.properties`,
  `customProperties` `default`, and `quality` with the metrics `nullValues` (rejected when missing,
  though the column is nullable) and `invalidValues` with `validValues`, both of `mustBe: 0`.

Anything else in a file is an error when it is read, so that no rule is written down and not held.
"""

from ingestion_simulator.contracts.contract import (
    ALL_TABLES,
    DATABASE,
    RAW_LOAD_MANIFEST,
    RAW_REJECTS,
    Column,
    Contract,
    ContractError,
    load_contract,
)
from ingestion_simulator.contracts.ddl import create_table_sql
from ingestion_simulator.contracts.enforcement import (
    Enforced,
    WindowTotals,
    control_totals,
    enforce,
)
from ingestion_simulator.contracts.files import to_ndjson, to_parquet

__all__ = [
    "ALL_TABLES",
    "DATABASE",
    "RAW_LOAD_MANIFEST",
    "RAW_REJECTS",
    "Column",
    "Contract",
    "ContractError",
    "Enforced",
    "WindowTotals",
    "control_totals",
    "create_table_sql",
    "enforce",
    "load_contract",
    "to_ndjson",
    "to_parquet",
]
