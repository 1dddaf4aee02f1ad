"""Everything that the Dagster code server offers."""

import os

import dagster as dg

from transformation_pipeline.defs.automation.sensors import define_automation_sensor
from transformation_pipeline.defs.dbt.assets import define_models
from transformation_pipeline.defs.raw.assets import raw_tables
from transformation_pipeline.defs.raw.jobs import check_sources_job, check_sources_schedule
from transformation_pipeline.defs.raw.sensors import raw_change_sensor
from transformation_pipeline.lib.dbt_cli import DBT_EXECUTABLE, LeanDbtCli
from transformation_pipeline.lib.dbt_project import find_project_dir
from transformation_pipeline.lib.settings import WarehouseSettings
from transformation_pipeline.lib.warehouse import StarRocks


@dg.definitions
def defs() -> dg.Definitions:
    """Returns the definitions.

    Raises:
        SettingError: If a STARROCKS_* variable cannot be used.
        ManifestMissingError: If the dbt project was not parsed yet.
    """
    settings = WarehouseSettings.from_environment(os.environ)
    project_dir = find_project_dir()
    models = define_models()
    return dg.Definitions(
        assets=[raw_tables, models],
        jobs=[check_sources_job],
        schedules=[check_sources_schedule],
        sensors=[raw_change_sensor, define_automation_sensor(models)],
        resources={
            "warehouse": StarRocks(settings),
            "dbt": LeanDbtCli(
                project_dir=str(project_dir),
                profiles_dir=str(project_dir),
                dbt_executable=DBT_EXECUTABLE,
            ),
        },
        # A run is one dbt process: a process per step would only import everything again (6 CPU s).
        executor=dg.in_process_executor,
    )
