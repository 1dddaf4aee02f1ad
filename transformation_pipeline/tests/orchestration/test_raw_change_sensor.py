import json

import dagster as dg
import pytest
from dagster import SensorEvaluationContext

from transformation_pipeline.defs.raw.sensors import raw_change_sensor
from transformation_pipeline.lib.warehouse import (
    WarehouseRefusedError,
    WarehouseUnreachableError,
)

from .fake_warehouse import FakeWarehouse, version_rows


def tick(
    warehouse: FakeWarehouse, cursor: str | None = None
) -> tuple[dict[str, str], str | None, str | None]:
    """Returns the observed versions by table, the cursor afterwards, and the reason to skip."""
    context: SensorEvaluationContext
    with dg.build_sensor_context(cursor=cursor, resources={"warehouse": warehouse}) as context:
        data = raw_change_sensor.evaluate_tick(context)
    assert data.run_requests == []
    observed = {
        "/".join(event.asset_key.path): event.tags["dagster/data_version"]
        for event in data.asset_events
        if isinstance(event, dg.AssetObservation)
    }
    return observed, data.cursor, data.skip_message


def test_first_tick_reports_every_table_and_launches_nothing() -> None:
    observed, cursor, _ = tick(FakeWarehouse(version_rows()))
    assert observed == {
        f"retail_raw/{table}": "1-100-1-100"
        for table in (
            "raw_customers",
            "raw_products",
            "raw_orders",
            "raw_fx_rates",
            "raw_load_manifest",
            "raw_rejects",
        )
    }
    assert cursor is not None


def test_only_changed_tables_are_reported() -> None:
    _, cursor, _ = tick(FakeWarehouse(version_rows()))
    observed, after, _ = tick(FakeWarehouse(version_rows(raw_orders=2)), cursor)
    assert observed == {"retail_raw/raw_orders": "1-100-2-200"}
    assert json.loads(after or "")["raw_orders"] == "1-100-2-200"


def test_unchanged_tables_are_a_reason_to_skip() -> None:
    _, cursor, _ = tick(FakeWarehouse(version_rows()))
    assert tick(FakeWarehouse(version_rows()), cursor) == ({}, cursor, "No raw table changed.")


def test_outage_keeps_the_cursor_so_that_no_change_is_lost() -> None:
    _, cursor, _ = tick(FakeWarehouse(version_rows()))
    outage = WarehouseUnreachableError("The warehouse at fe:9030 cannot answer.")
    assert tick(FakeWarehouse(outage), cursor) == ({}, cursor, str(outage))
    observed, _, _ = tick(FakeWarehouse(version_rows(raw_orders=2)), cursor)
    assert observed == {"retail_raw/raw_orders": "1-100-2-200"}


def test_missing_tables_are_a_reason_to_skip() -> None:
    observed, cursor, skipped = tick(FakeWarehouse([]))
    assert (observed, cursor) == ({}, None)
    assert "run `ingestion-simulator init`" in (skipped or "")


def test_refused_user_fails_the_tick() -> None:
    with pytest.raises(WarehouseRefusedError, match="refuses user 'root'"):
        tick(FakeWarehouse(WarehouseRefusedError("refuses user 'root'")))
