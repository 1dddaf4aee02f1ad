"""`python -m transformation_pipeline.prepare`: what Dagster's processes need before they start.

Parses the dbt project: writes manifest.json and partial_parse.msgpack to DBT_TARGET_PATH, connects
to nothing. Needs the STARROCKS_* variables that the runs will have: when a variable of the profile
differs, dbt throws its partial parse away and parses every file again in each run.

Creates Dagster's storage, if DAGSTER_HOME is set: webserver and daemon may not start at once on an
empty DAGSTER_HOME, since both would create the same SQLite tables and one of them fail.
"""

import os
import sys
from pathlib import Path

import dagster as dg
from dbt.cli.main import dbtRunner

from transformation_pipeline.lib.dbt_project import find_project_dir, target_path
from transformation_pipeline.lib.settings import SettingError, WarehouseSettings


def main() -> int:
    """Prepares; returns the process's exit status."""
    try:
        WarehouseSettings.from_environment(os.environ)
        project, target = find_project_dir(), target_path()
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    if os.environ.get("DAGSTER_HOME"):
        create_storage()
    return 0 if parse(project, target) else 1


def create_storage() -> None:
    """Opens each of the instance's databases once, which creates what is missing."""
    with dg.DagsterInstance.get() as instance:
        instance.get_runs_count()
        instance.get_asset_keys(limit=1)
        instance.all_instigator_state()


def parse(project: Path, target: Path) -> bool:
    """Parses the dbt project in this process; returns whether that succeeded."""
    # By environment rather than by flags, exactly as dagster-dbt starts the build.
    os.environ["DBT_PROJECT_DIR"] = os.environ["DBT_PROFILES_DIR"] = str(project)
    os.environ["DBT_TARGET_PATH"] = os.environ["DBT_LOG_PATH"] = str(target)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    return dbtRunner().invoke(["--quiet", "parse"]).success


if __name__ == "__main__":
    sys.exit(main())
