from decimal import Decimal

import pytest

from transformation_pipeline.lib.raw_tables import (
    VERSIONS_STATEMENT,
    RawTablesMissingError,
    changed,
    read_versions,
    versions_of,
)

from .fake_warehouse import FakeWarehouse, version_rows


def test_versions_come_from_one_query_of_metadata() -> None:
    warehouse = FakeWarehouse(version_rows(raw_orders=7))
    assert read_versions(warehouse) == {
        "raw_customers": "1-100-1-100",
        "raw_products": "1-100-1-100",
        "raw_orders": "1-100-7-700",
        "raw_fx_rates": "1-100-1-100",
        "raw_load_manifest": "1-100-1-100",
        "raw_rejects": "1-100-1-100",
    }
    assert warehouse.statements == [VERSIONS_STATEMENT]


def test_other_tables_are_ignored_and_number_types_do_not_matter() -> None:
    rows = [("scratch", 1, 1, 1, 1), *version_rows()]
    rows[1] = ("raw_customers", 1, 100, Decimal(1), Decimal(100))
    assert versions_of(rows) == versions_of(version_rows())


def test_missing_tables_are_named_with_the_remedy() -> None:
    rows = [row for row in version_rows() if row[0] not in ("raw_orders", "raw_rejects")]
    with pytest.raises(RawTablesMissingError) as caught:
        versions_of(rows)
    assert str(caught.value) == (
        "retail_raw has no table raw_orders, raw_rejects: "
        "run `ingestion-simulator init` to create the raw tables."
    )


def test_changed_holds_what_differs_or_is_new() -> None:
    assert changed({"a": "1", "b": "1"}, {"a": "1", "b": "2", "c": "1"}) == {"b": "2", "c": "1"}
