"""Observation of all raw tables by a run: on demand, and now and then by itself."""

import dagster as dg

from transformation_pipeline.defs.raw.assets import raw_tables

check_sources_job = dg.define_asset_job(
    "check_sources_job",
    selection=dg.AssetSelection.assets(raw_tables),
    description="Observes every raw table, whatever the sensor saw last.",
)

# The sensor alone keeps the assets up to date; this finds what it may have lost, should a tick be
# killed between storing its cursor and its events. Each run is a pod on Kubernetes, so four a day
# rather than one a minute.
check_sources_schedule = dg.ScheduleDefinition(
    name="check_sources_schedule",
    job=check_sources_job,
    cron_schedule="23 */6 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
