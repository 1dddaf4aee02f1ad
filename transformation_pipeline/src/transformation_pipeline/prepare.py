"""`python -m transformation_pipeline.prepare`: parses the dbt project for the Dagster definitions.

Writes manifest.json and partial_parse.msgpack to DBT_TARGET_PATH and connects to nothing. Needs
the STARROCKS_* variables that the runs will have: when a variable of the profile differs, dbt
throws its partial parse away and parses every file again in each run.
"""

import os
import sys

from dbt.cli.main import dbtRunner

from transformation_pipeline.lib.dbt_project import find_project_dir, target_path
from transformation_pipeline.lib.settings import SettingError, WarehouseSettings


def main() -> int:
    """Parses the project; returns the process's exit status."""
    try:
        WarehouseSettings.from_environment(os.environ)
        project, target = find_project_dir(), target_path()
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    # By environment rather than by flags, exactly as dagster-dbt starts the build.
    os.environ["DBT_PROJECT_DIR"] = os.environ["DBT_PROFILES_DIR"] = str(project)
    os.environ["DBT_TARGET_PATH"] = os.environ["DBT_LOG_PATH"] = str(target)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    return 0 if dbtRunner().invoke(["--quiet", "parse"]).success else 1


if __name__ == "__main__":
    sys.exit(main())
