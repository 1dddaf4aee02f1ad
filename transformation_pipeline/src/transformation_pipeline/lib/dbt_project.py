"""Where the dbt project lies, and its manifest."""

import os
from collections.abc import Mapping
from pathlib import Path

from transformation_pipeline.lib.settings import SettingError

PREPARE_COMMAND = "python -m transformation_pipeline.prepare"


class ManifestMissingError(RuntimeError):
    """The dbt project was not parsed yet; the message says how to do it."""


def find_project_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the dbt project's folder: DBT_PROJECT_DIR, else the one in this source tree.

    Raises:
        SettingError: If that folder holds no dbt_project.yml.
    """
    default = Path(__file__).parents[3] / "dbt"
    folder = Path(environment.get("DBT_PROJECT_DIR") or default).absolute()
    if not (folder / "dbt_project.yml").is_file():
        raise SettingError(f"DBT_PROJECT_DIR must be a folder with a dbt_project.yml, not {folder}")
    return folder


def target_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder of dbt's artifacts: DBT_TARGET_PATH, else `target` in the project."""
    return find_project_dir(environment) / (environment.get("DBT_TARGET_PATH") or "target")


def manifest_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the path of the parsed project's manifest.

    Raises:
        ManifestMissingError: If there is none.
    """
    path = target_path(environment) / "manifest.json"
    if not path.is_file():
        raise ManifestMissingError(f"{path} does not exist. Run `{PREPARE_COMMAND}` first.")
    return path
