"""The project's workarounds of what dbt-starrocks does wrong, and that contracts hold."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from retail_warehouse import PROJECT, RetailWarehouse

MARTS = sorted(PROJECT.glob("models/marts/[a-z]*.yml"))


def test_a_full_refresh_leaves_no_copy_behind(warehouse: RetailWarehouse) -> None:
    warehouse.run()
    warehouse.run("--full-refresh")

    tables = warehouse.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('retail_staging', 'retail_marts')"
    )
    assert sorted(tables) == [
        ("retail_marts", "dim_customer"),
        ("retail_marts", "dim_date"),
        ("retail_marts", "dim_product"),
        ("retail_marts", "fact_daily_sales"),
        ("retail_marts", "fact_order_items"),
        ("retail_marts", "fact_orders"),
        ("retail_staging", "int_customer_versions"),
        ("retail_staging", "int_product_versions"),
        ("retail_staging", "stg_customers"),
        ("retail_staging", "stg_fx_rates"),
        ("retail_staging", "stg_order_items"),
        ("retail_staging", "stg_orders"),
        ("retail_staging", "stg_products"),
    ]


def test_every_table_has_few_buckets_whatever_the_size_of_the_cluster(
    built: RetailWarehouse,
) -> None:
    tables = built.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in ('retail_staging', 'retail_marts') order by table_name"
    )
    clauses = {
        table: re.findall(
            r"BUCKETS \d+", built.execute(f"show create table {database}.{table}")[0][1]
        )
        for database, table in tables
    }
    orders = ("stg_orders", "stg_order_items", "fact_orders", "fact_order_items")
    assert clauses == {
        table: ["BUCKETS 2" if table in orders else "BUCKETS 1"] for _, table in tables
    }
    assert len(clauses) == 13


def test_overwriting_with_no_rows_replaces_nothing(warehouse: RetailWarehouse) -> None:
    warehouse.run()
    before = warehouse.content(), warehouse.partition_versions()

    warehouse.dbt("run", "--select", "fact_daily_sales")

    assert (warehouse.content(), warehouse.partition_versions()) == before


@pytest.mark.parametrize("contract", MARTS, ids=lambda path: path.stem)
def test_a_mart_has_the_columns_and_types_of_its_contract(
    built: RetailWarehouse, contract: Path
) -> None:
    (model,) = yaml.safe_load(contract.read_text())["models"]
    promised = {column["name"]: column["data_type"] for column in model["columns"]}

    columns = built.execute(f"desc retail_marts.{model['name']}")

    assert {name: without_length(kind) for name, kind, *_ in columns} == promised


def test_the_unit_tests_pass(built: RetailWarehouse) -> None:
    outcome = built.dbt("test", "--select", "test_type:unit")

    assert len(outcome.statuses) == 10
    assert set(outcome.statuses.values()) == {"pass"}, outcome.error


def test_a_model_that_breaks_its_contract_is_not_built(
    warehouse: RetailWarehouse, tmp_path: Path
) -> None:
    project = tmp_path / "dbt"
    shutil.copytree(PROJECT, project)
    contract = project / "models/marts/dim_date.yml"
    contract.write_text(contract.read_text().replace("name: calendar_year", "name: year"))

    # A target of its own: what dbt keeps of this parse must not reach the next test.
    target = ["--target-path", str(tmp_path / "target")]
    outcome = warehouse.dbt("run", "--select", "dim_date", *target, project=project)

    assert outcome.failed == {"dim_date"}
    assert "contract" in outcome.error


@pytest.fixture(scope="module")
def built(server: RetailWarehouse) -> RetailWarehouse:
    """Every table, empty."""
    server.start_over()
    server.run()
    return server


def without_length(kind: str) -> str:
    """The type as contracts write it: no length of strings, no width of integers."""
    kind = kind.lower().replace(" ", "")
    return kind if kind.startswith("decimal") else re.sub(r"\(.*\)", "", kind)
