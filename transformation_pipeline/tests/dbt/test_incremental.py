"""An incremental build gives what a full refresh gives, and touches what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from retail_events import Row, customer, erasure, event_of, history, order, product, rate
from retail_warehouse import RetailWarehouse, Versions

LATER = "2026-01-04 00:10:00"
ORDERS = {(row["order_id"], row["change_seq"]): row for row in history()["raw_orders"]}
FACTS = {"fact_order_items", "fact_orders", "fact_daily_sales"}


@dataclass(frozen=True)
class Change:
    """Raw rows that arrive after a build.

    Attributes:
        rows: The rows by raw table.
        days: Days whose facts have to change, all others having to stay as they are.
    """

    rows: Mapping[str, list[Row]]
    days: set[str] = field(default_factory=set)


CHANGES = {
    "a new order": Change(
        {"raw_orders": [order(401, "2026-01-04 00:01:00", [(1, 1, "1.05", "0")], loaded_at=LATER)]},
        {"20260104"},
    ),
    "an order event days after its order": Change(
        {
            "raw_orders": [
                event_of(ORDERS[102, 1], 3, "shipped", "2026-01-04 00:02:00", LATER),
            ]
        },
        {"20260101"},
    ),
    "an older status after a newer one": Change(
        {"raw_orders": [event_of(ORDERS[202, 1], 3, "shipped", "2026-01-03 08:00:00", LATER)]},
        {"20260102"},
    ),
    "the gap before a newer status": Change(
        {"raw_orders": [event_of(ORDERS[202, 1], 2, "paid", "2026-01-02 12:10:00", LATER)]},
        {"20260102"},
    ),
    "an event whose load began before the newest one staged": Change(
        {
            "raw_orders": [
                event_of(
                    ORDERS[203, 1], 2, "cancelled", "2026-01-02 16:00:00", "2026-01-03 23:50:00"
                )
            ]
        },
        {"20260102"},
    ),
    "an order before its customer and product": Change(
        {
            "raw_orders": [
                order(
                    402,
                    "2026-01-03 22:00:00",
                    [(9, 1, "5.00", "0.00")],
                    customer_id=9,
                    loaded_at=LATER,
                )
            ]
        },
        {"20260103"},
    ),
    "a customer version in between, for past orders": Change(
        {"raw_customers": [customer(2, 2, "2026-01-02 00:00:00", "Nice", LATER)]},
        {"20260102", "20260103"},
    ),
    "a price change that came late": Change(
        {"raw_products": [product(3, 2, "2026-01-03 09:00:00", "1.05", "0.30", LATER)]},
        {"20260103"},
    ),
    "a corrected rate": Change(
        {"raw_fx_rates": [rate("2026-01-02", "USD", "0.99000000", 2, LATER)]}, {"20260102"}
    ),
    "a rate where the one before stood in": Change(
        {"raw_fx_rates": [rate("2026-01-02", "GBP", "1.17000000", 1, LATER)]}, {"20260102"}
    ),
    "an older address after the erasure": Change(
        {
            "raw_customers": [
                erasure(3, 3, "2026-01-04 00:00:00", LATER),
                customer(3, 2, "2026-01-01 12:00:00", "Bern", LATER),
            ]
        },
        {"20260102"},
    ),
    "changes that concern no order": Change(
        {
            "raw_customers": [
                customer(1, 3, "2026-01-04 01:00:00", "Ulm", LATER),
                erasure(2, 3, "2026-01-04 00:00:00", LATER),
            ],
            "raw_products": [product(1, 2, "2026-01-04 01:00:00", "1.15", "0.45", LATER)],
            "raw_fx_rates": [rate("2026-01-05", "USD", "0.94000000", 1, LATER)],
        }
    ),
    "the same events again": Change(
        {
            "raw_orders": [ORDERS[301, 1] | {"_loaded_at": LATER}, ORDERS[101, 5]],
            "raw_customers": [customer(1, 2, "2026-01-02 06:00:00", "Kiel", LATER)],
            "raw_products": [product(1, 1, "2025-12-01 00:00:00", "1.05", "0.40", LATER)],
            "raw_fx_rates": [rate("2026-01-03", "USD", "0.93000000", 1, LATER)],
        }
    ),
}


@pytest.fixture(scope="module")
def built(server: RetailWarehouse) -> RetailWarehouse:
    """The history, built once; each change below comes on top of those before it."""
    server.start_over()
    for table, rows in history().items():
        server.load(table, *rows)
    server.run()
    return server


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reaches_the_facts_of_its_days_and_no_others(
    built: RetailWarehouse, name: str
) -> None:
    change = CHANGES[name]
    before = built.partition_versions()
    for table, rows in change.rows.items():
        built.load(table, *rows)

    built.run()

    assert moved_days(before, built.partition_versions()) == change.days


def test_nothing_new_is_written_nowhere(built: RetailWarehouse) -> None:
    marts, staging = built.partition_versions(), built.partition_versions("retail_staging")

    built.run()

    assert built.partition_versions() == marts
    assert built.partition_versions("retail_staging") == staging


def test_all_changes_together_give_what_a_full_refresh_gives(built: RetailWarehouse) -> None:
    incremental = built.content()
    assert built.test() == set()

    built.run("--full-refresh")

    assert incremental == built.content()


def moved_days(before: Versions, after: Versions) -> set[str]:
    """Days of the facts' partitions that are new or have another version."""
    return {
        partition.removeprefix("p")
        for (table, partition), version in after.items()
        if table in FACTS and before.get((table, partition)) != version
    }
