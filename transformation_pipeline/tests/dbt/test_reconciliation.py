"""The reconciliation tests of the dbt project find what is wrong, and only that."""

from dataclasses import dataclass

import pytest
from retail_events import event_of, history, order
from retail_warehouse import RetailWarehouse

SOURCES = {
    "raw_customers": ("crm", "change_seq"),
    "raw_products": ("catalog", "unit_price"),
    "raw_orders": ("order_management", "total_amount"),
    "raw_fx_rates": ("rates_api", "rate"),
}


SETTLING = "2026-01-04 00:20:00"


@dataclass(frozen=True)
class Fault:
    """Something that went wrong.

    Attributes:
        table: Where.
        statement: SQL that makes it so.
        found_by: The tests that have to say so.
    """

    table: str
    statement: str
    found_by: set[str]


FAULTS = {
    "a raw order lost": Fault(
        "retail_raw.raw_orders",
        "delete from retail_raw.raw_orders where order_id = 301",
        {"raw_equals_manifest", "stg_orders_stages_every_event", "staging_equals_raw"},
    ),
    "a raw amount off by a cent": Fault(
        "retail_raw.raw_orders",
        "update retail_raw.raw_orders set total_amount = total_amount + 0.01 where order_id = 301",
        {"raw_equals_manifest", "staging_equals_raw"},
    ),
    "two raw amounts off by a cent that cancel each other out": Fault(
        "retail_raw.raw_orders",
        "update retail_raw.raw_orders set total_amount = total_amount "
        "+ case when order_id = 301 then 0.01 else -0.01 end where order_id in (301, 302)",
        {"staging_equals_raw"},
    ),
    "a raw event lost": Fault(
        "retail_raw.raw_customers",
        "delete from retail_raw.raw_customers where customer_id = 1 and change_seq = 2",
        {"raw_equals_manifest", "stg_customers_stages_every_event"},
    ),
    "a staged order lost": Fault(
        "retail_staging.stg_orders",
        "delete from retail_staging.stg_orders where order_id = 101",
        {"stg_orders_stages_every_event", "fact_orders_equals_staging"},
    ),
    "a staged line lost": Fault(
        "retail_staging.stg_order_items",
        "delete from retail_staging.stg_order_items where order_id = 101 and line_no = 2",
        {"staging_equals_raw", "fact_orders_equals_staging"},
    ),
    "an order lost in the marts": Fault(
        "retail_marts.fact_orders",
        "delete from retail_marts.fact_orders where order_id = 101",
        {"fact_orders_equals_staging", "fact_orders_equals_fact_order_items"},
    ),
    "a status that staging has not": Fault(
        "retail_marts.fact_orders",
        "update retail_marts.fact_orders set status = 'paid' where order_id = 101",
        {"fact_orders_equals_staging"},
    ),
    "a line off by a cent": Fault(
        "retail_marts.fact_order_items",
        "update retail_marts.fact_order_items set net_amount_eur = net_amount_eur + 0.01 "
        "where order_id = 302 and line_no = 1",
        {"fact_orders_equals_fact_order_items", "fact_daily_sales_equals_fact_order_items"},
    ),
    "a day off by a cent": Fault(
        "retail_marts.fact_daily_sales",
        "update retail_marts.fact_daily_sales set cancelled_eur = cancelled_eur + 0.01 "
        "where sales_date = '2026-01-01' and channel = 'app'",
        {"fact_daily_sales_equals_fact_order_items"},
    ),
    "a claim of rows that never came": Fault(
        "retail_raw.raw_load_manifest",
        "insert into retail_raw.raw_load_manifest (source, window_start, row_count, control_total) "
        "values ('crm', '2026-01-04 00:05:00', 1, 7)",
        {"raw_equals_manifest"},
    ),
    "rows without a claim for longer than a load takes": Fault(
        "retail_raw.raw_load_manifest",
        "delete from retail_raw.raw_load_manifest where source = 'rates_api'",
        {"raw_equals_manifest"},
    ),
}


@pytest.fixture(scope="module")
def built(server: RetailWarehouse) -> RetailWarehouse:
    """The history with its manifest, built; a later order settles what was loaded before."""
    server.start_over()
    later = order(401, "2026-01-04 00:15:00", [(1, 1, "1.05", "0.00")], loaded_at=SETTLING)
    for table, rows in history().items():
        server.load(table, *rows, *([later] if table == "raw_orders" else []))
        source, column = SOURCES[table]
        server.execute(
            "insert into retail_raw.raw_load_manifest "
            "(source, window_start, row_count, control_total) "
            f"select '{source}', _window_start, count(*), sum({column}) "
            f"from retail_raw.{table} group by _window_start"
        )
    server.run()
    return server


def reconcile(warehouse: RetailWarehouse) -> set[str]:
    """Names of the reconciliation tests that find something."""
    return warehouse.test("--select", "tag:reconciliation")


def test_nothing_is_found_where_all_is_equal(built: RetailWarehouse) -> None:
    assert reconcile(built) == set()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(built: RetailWarehouse, name: str) -> None:
    fault = FAULTS[name]
    built.execute(f"create table retail_raw.kept as select * from {fault.table}")
    try:
        built.execute(fault.statement)
        found = reconcile(built)
    finally:
        built.execute(f"truncate table {fault.table}")
        built.execute(f"insert into {fault.table} select * from retail_raw.kept")
        built.execute("drop table retail_raw.kept force")

    assert found == fault.found_by


def test_what_arrived_after_the_build_is_pending(warehouse: RetailWarehouse) -> None:
    warehouse.run()
    orders = {(row["order_id"], row["change_seq"]): row for row in history()["raw_orders"]}
    arrived = "2026-01-04 00:10:00"
    began_before_the_newest_load = "2026-01-03 23:50:00"
    warehouse.load(
        "raw_orders",
        event_of(orders[102, 1], 3, "shipped", "2026-01-04 00:02:00", arrived),
        event_of(orders[203, 1], 2, "paid", "2026-01-02 16:00:00", began_before_the_newest_load),
        order(401, "2026-01-04 00:01:00", [(1, 1, "1.05", "0.00")], loaded_at=arrived),
    )

    assert reconcile(warehouse) - {"raw_equals_manifest"} == set()

    warehouse.dbt("run", "--select", "stg_orders", "stg_order_items")
    assert reconcile(warehouse) - {"raw_equals_manifest"} == set()


def test_rows_of_a_window_that_is_being_loaded_need_no_claim_yet(
    warehouse: RetailWarehouse,
) -> None:
    warehouse.execute("update retail_raw.raw_orders set _loaded_at = utc_timestamp() where true")
    for table in ("raw_customers", "raw_products", "raw_fx_rates"):
        warehouse.execute(f"truncate table retail_raw.{table}")
    warehouse.run()

    assert reconcile(warehouse) == set()
