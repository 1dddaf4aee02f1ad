"""A run that ends between any two models loses nothing: the next one makes up for it."""

import pytest
from retail_events import customer, erasure, event_of, history, order, product, rate
from retail_warehouse import RetailWarehouse

LATER = "2026-01-04 00:10:00"

# What a first run got done before it ended, or was asked to do: not always all that lies before it.
DONE = [
    "stg_orders",
    "stg_orders fact_order_items fact_orders fact_daily_sales",
    "+dim_customer +stg_order_items +dim_product +stg_fx_rates",
    "+fact_order_items",
]


def load_changes(warehouse: RetailWarehouse, number: int) -> None:
    """Changes of every source that all touch facts that are there; each number brings others."""
    loaded_at = f"2026-01-04 {number:02}:10:00"
    moment = f"2026-01-0{1 + 5 * number // 24} {5 * number % 24:02}:00:00"
    order_302 = next(row for row in history()["raw_orders"] if row["order_id"] == 302)
    warehouse.load(
        "raw_orders",
        event_of(order_302, 1 + number, "paid", f"2026-01-04 {number:02}:00:00", loaded_at),
        order(400 + number, moment, [(2, 1, "19.99", "1.00")], loaded_at=loaded_at),
    )
    warehouse.load("raw_customers", customer(3, 1 + number, moment, f"City {number}", loaded_at))
    warehouse.load("raw_products", product(3, 1 + number, moment, "1.09", f"0.{number}", loaded_at))
    warehouse.load("raw_fx_rates", rate(moment[:10], "USD", f"0.9{number}", 1 + number, loaded_at))


@pytest.fixture(scope="module")
def built(server: RetailWarehouse) -> RetailWarehouse:
    """The history, built once; what happens below comes on top of it."""
    server.start_over()
    for table, rows in history().items():
        server.load(table, *rows)
    server.run()
    return server


@pytest.mark.parametrize("number", range(1, 2 * len(DONE), 2))
def test_the_next_run_makes_up_for_a_run_that_ended_early(
    built: RetailWarehouse, number: int
) -> None:
    load_changes(built, number)
    built.run("--select", *DONE[number // 2].split())
    load_changes(built, number + 1)

    built.run()

    assert built.test("--select", "tag:reconciliation", "--exclude", "raw_equals_manifest") == set()


def test_runs_that_ended_early_and_those_after_them_give_what_a_full_refresh_gives(
    built: RetailWarehouse,
) -> None:
    incremental = built.content()

    built.run("--full-refresh")

    assert incremental == built.content()


def test_a_table_that_was_created_but_never_filled_is_filled(built: RetailWarehouse) -> None:
    complete = built.content()
    for table in ("retail_staging.stg_orders", "retail_marts.fact_daily_sales"):
        built.execute(f"truncate table {table}")

    built.run()

    assert built.content() == complete


def test_a_full_refresh_of_one_model_reaches_those_after_it(built: RetailWarehouse) -> None:
    complete = built.content()
    built.execute("update retail_marts.fact_orders set status = 'paid' where order_id = 203")

    built.run("--select", "stg_orders", "--full-refresh")
    built.run()

    assert built.content() == complete


def test_a_build_of_empty_raw_tables_is_followed_by_one_of_full_ones(
    server: RetailWarehouse,
) -> None:
    server.start_over()
    server.run()
    assert server.content()["retail_marts.fact_orders"] == []
    for table, rows in history().items():
        server.load(table, *rows)
    server.run()
    incremental = server.content()

    server.run("--full-refresh")

    assert len(incremental["retail_marts.fact_orders"]) == 8
    assert incremental == server.content()


def test_no_trace_of_an_erased_customer_stays(warehouse: RetailWarehouse) -> None:
    warehouse.run()
    assert "Customer 2" in str(warehouse.content())

    warehouse.load("raw_customers", erasure(2, 2, "2026-01-04 00:00:00", LATER))
    warehouse.run()
    assert "Customer 2" not in str(warehouse.content())
    assert "customer2@" not in str(warehouse.content())

    warehouse.run("--full-refresh")
    assert "Customer 2" not in str(warehouse.content())
