"""A run that ends between any two models loses nothing: the next one makes up for it."""

import pytest
from retail_events import customer, erasure, event_of, history, order, product, rate
from retail_warehouse import RetailWarehouse

LATER = "2026-01-04 00:10:00"
EVEN_LATER = "2026-01-04 00:20:00"

# What a first run got done before it ended. dbt skips whatever depends on a model that failed, so a
# set of models together with everything before it is what can have been done.
DONE = [
    "stg_orders",
    "stg_orders stg_order_items stg_customers int_customer_versions",
    "stg_fx_rates stg_products int_product_versions dim_product",
    "+dim_customer +stg_order_items +dim_product +stg_fx_rates",
    "+fact_order_items",
    "+fact_orders",
    "+fact_daily_sales",
]


def load_changes(warehouse: RetailWarehouse, loaded_at: str, change_seq: int) -> None:
    """Changes of every source that all touch facts that are there."""
    orders = {row["order_id"]: row for row in history()["raw_orders"] if row["change_seq"] == 1}
    day = f"2026-01-0{change_seq}"
    warehouse.load(
        "raw_orders",
        event_of(orders[302], change_seq, "paid", f"{day} 18:05:00", loaded_at),
        order(400 + change_seq, f"{day} 19:00:00", [(2, 1, "19.99", "1.00")], loaded_at=loaded_at),
    )
    warehouse.load("raw_customers", customer(3, change_seq, f"{day} 00:00:00", day, loaded_at))
    warehouse.load(
        "raw_products", product(3, change_seq, f"{day} 00:00:00", "1.09", "0.31", loaded_at)
    )
    warehouse.load("raw_fx_rates", rate(day, "USD", f"0.9{change_seq}500000", 2, loaded_at))


@pytest.mark.parametrize("done", DONE)
def test_the_next_run_makes_up_for_a_run_that_ended_early(
    warehouse: RetailWarehouse, done: str
) -> None:
    warehouse.build()
    load_changes(warehouse, LATER, 2)
    outcome = warehouse.dbt("run", "--select", *done.split())
    assert outcome.statuses, outcome.error
    load_changes(warehouse, EVEN_LATER, 3)
    warehouse.build()
    incremental = warehouse.content()

    warehouse.build("--full-refresh")

    assert incremental == warehouse.content()


def test_a_table_that_was_created_but_never_filled_is_filled(warehouse: RetailWarehouse) -> None:
    warehouse.build()
    complete = warehouse.content()
    for table in ("retail_staging.stg_orders", "retail_marts.fact_daily_sales"):
        warehouse.execute(f"truncate table {table}")

    warehouse.build()

    assert warehouse.content() == complete


def test_a_full_refresh_of_one_model_reaches_those_after_it(warehouse: RetailWarehouse) -> None:
    warehouse.build()
    complete = warehouse.content()
    warehouse.execute("update retail_marts.fact_orders set status = 'paid' where order_id = 203")

    warehouse.dbt("run", "--select", "stg_orders", "--full-refresh")
    warehouse.build()

    assert warehouse.content() == complete


def test_a_build_of_empty_raw_tables_is_followed_by_one_of_full_ones(
    server: RetailWarehouse,
) -> None:
    server.start_over()
    server.build()
    assert server.content()["retail_marts.fact_orders"] == []
    for table, rows in history().items():
        server.load(table, *rows)
    server.build()
    incremental = server.content()

    server.build("--full-refresh")

    assert len(incremental["retail_marts.fact_orders"]) == 8
    assert incremental == server.content()


def test_no_trace_of_an_erased_customer_stays(warehouse: RetailWarehouse) -> None:
    warehouse.build()
    assert "Customer 2" in str(warehouse.content())

    warehouse.load("raw_customers", erasure(2, 2, "2026-01-04 00:00:00", LATER))
    warehouse.build()
    assert "Customer 2" not in str(warehouse.content())
    assert "customer2@" not in str(warehouse.content())

    warehouse.build("--full-refresh")
    assert "Customer 2" not in str(warehouse.content())
