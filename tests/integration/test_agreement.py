"""What the two halves say about the raw tables, each in its own words, is the same."""

import re
from pathlib import Path

import yaml
from real_processes import Site

from ingestion_simulator.contracts import ALL_TABLES, create_table_sql
from transformation_pipeline.lib.raw_tables import RAW_TABLES

PIPELINE = Path(__file__).parents[2] / "transformation_pipeline"


def without_layout(statement: str) -> str:
    """Lower case, without white space: how a statement is laid out says nothing."""
    return re.sub(r"\s+", "", statement.lower().replace("if not exists", ""))


def test_the_dbt_sources_list_the_columns_of_the_contracts() -> None:
    sources = yaml.safe_load((PIPELINE / "dbt/models/_sources.yml").read_text())
    [raw] = sources["sources"]
    described = {
        table["name"]: [column["name"] for column in table["columns"]] for table in raw["tables"]
    }
    promised = {table.table: [column.name for column in table.columns] for table in ALL_TABLES}
    assert described == {name: promised[name] for name in described}
    assert "raw_orders" in described


def test_the_pipeline_observes_every_raw_table() -> None:
    assert {table.name for table in RAW_TABLES} == {table.table for table in ALL_TABLES}


def test_the_dbt_tests_use_the_tables_of_the_contracts() -> None:
    statements = (PIPELINE / "tests/dbt/support/raw_tables.sql").read_text().split(";")
    used = {without_layout(statement) for statement in statements if statement.strip()}
    assert used <= {without_layout(create_table_sql(table)) for table in ALL_TABLES}
    assert len(used) >= 5


def test_the_warehouse_has_the_columns_of_the_contracts(site: Site) -> None:
    rows = site.warehouse.query(
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'retail_raw' order by table_name, ordinal_position"
    )
    assert rows == [
        (table.table, column.name)
        for table in sorted(ALL_TABLES, key=lambda table: table.table)
        for column in table.columns
    ]
