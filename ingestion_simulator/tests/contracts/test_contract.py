from collections.abc import Callable
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
import yaml

from ingestion_simulator.contracts import ALL_TABLES, ContractError, load_contract
from ingestion_simulator.contracts.contract import RULE_NAMES, parse_contract
from ingestion_simulator.contracts.rules import TABLE_RULES


def document(table: str) -> Any:
    return yaml.safe_load((files("ingestion_simulator.contracts") / f"{table}.yaml").read_text())


def test_the_contract_says_who_publishes_the_table_and_what_is_summed() -> None:
    published = [(c.source, c.table, c.control_total) for c in ALL_TABLES if c.source]
    assert published == [
        ("crm", "raw_customers", "change_seq"),
        ("catalog", "raw_products", "unit_price"),
        ("order_management", "raw_orders", "total_amount"),
        ("rates_api", "raw_fx_rates", "rate"),
    ]


def test_a_source_sends_neither_label_nor_time_of_loading() -> None:
    contract = load_contract("raw_fx_rates")
    assert [column.name for column in contract.sent_columns] == [
        *("rate_date", "base_currency", "quote_currency", "change_seq", "changed_at", "op", "rate"),
        "_window_start",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d["schema"][0]["properties"][0].update(unique=True),
            "orders.order_id: unique is not part of the understood subset",
        ),
        (
            lambda d: d["schema"][0]["properties"][0]["logicalTypeOptions"].update(multipleOf=5),
            "orders.order_id: multipleOf is not part of the understood subset",
        ),
        (
            lambda d: d["schema"][0]["properties"][4]["quality"].append(
                {"metric": "duplicateValues", "mustBe": 0}
            ),
            "orders.customer_id: duplicateValues is not part of the understood subset",
        ),
        (
            lambda d: d["schema"][0]["properties"][4]["quality"][0].update(mustBe=5),
            "orders.customer_id: nullValues is understood with mustBe: 0 only",
        ),
        (
            lambda d: d["schema"][0]["quality"].append({"type": "sql", "query": "SELECT 1"}),
            "orders: a rule of a table is custom, for ingestion_simulator",
        ),
        (
            lambda d: d["schema"][0].update(relationships=[]),
            "orders: relationships is not part of the understood subset",
        ),
        (
            lambda d: d["schema"][0]["customProperties"].pop(),
            "orders: buckets is a whole number from 1 on, not None",
        ),
        (
            lambda d: d["schema"][0]["customProperties"][-1].update(value=0),
            "orders: buckets is a whole number from 1 on, not 0",
        ),
        (
            lambda d: d["schema"][0]["quality"][1]["implementation"].update(rule="sums_up"),
            "orders: sums_up is not one of the known rules",
        ),
    ],
)
def test_what_nothing_would_hold_may_not_be_written(
    change: Callable[[Any], None], message: str
) -> None:
    changed = deepcopy(document("raw_orders"))
    change(changed)
    with pytest.raises(ContractError) as error:
        parse_contract(changed)
    assert str(error.value) == message


def test_every_rule_is_used_and_has_its_expression() -> None:
    assert set(TABLE_RULES) == RULE_NAMES
    assert {name for contract in ALL_TABLES for name, _, _ in contract.rules} == set(TABLE_RULES)
