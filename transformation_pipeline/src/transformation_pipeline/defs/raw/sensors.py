"""Observation of the raw tables without a run."""

import json

import dagster as dg

from transformation_pipeline.defs.raw.assets import raw_key
from transformation_pipeline.lib.raw_tables import RawTablesMissingError, changed, read_versions
from transformation_pipeline.lib.warehouse import Warehouse, WarehouseUnreachableError

# Dagster's sensor loop comes round every 5 s, and that is the pace meant here. With an interval of
# 5 s many a loop would pass: sensors run one after the other in shuffled order, so one that went
# second last time and first this time finds 4.8 s gone and waits for the next loop.
SENSOR_INTERVAL_SECONDS = 3


@dg.sensor(
    name="raw_change_sensor",
    description="Reports an observation of each raw table whose data version changed.",
    minimum_interval_seconds=SENSOR_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def raw_change_sensor(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.SensorResult | dg.SkipReason:
    """Compares the tables' data versions with those in the cursor; one metadata query, no run.

    A refused user raises, and so fails the tick where people see it; an outage or tables that do
    not exist yet are reasons to skip it. Both keep the cursor.
    """
    before: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    try:
        now = read_versions(warehouse)
    except (WarehouseUnreachableError, RawTablesMissingError) as error:
        return dg.SkipReason(str(error))
    changes = changed(before, now)
    if not changes:
        return dg.SkipReason("No raw table changed.")
    return dg.SensorResult(
        asset_events=[
            dg.AssetObservation(raw_key(name), tags={"dagster/data_version": token})
            for name, token in changes.items()
        ],
        cursor=json.dumps(now),
    )
