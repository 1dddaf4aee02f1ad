"""Every dbt model, built by one dbt process per run."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from transformation_pipeline.lib.dbt_cli import LeanDbtCli
from transformation_pipeline.lib.dbt_project import manifest_path
from transformation_pipeline.lib.translator import RetailTranslator
from transformation_pipeline.lib.warehouse import Warehouse, wait_until_answering

# Unit tests prove the SQL, not the data: they belong to CI, not to each run.
BUILD = ["build", "--exclude-resource-type", "unit_test"]

# Two builds at once would write the same tables. An instance whose storage is Postgres limits this
# pool to one run (`concurrency.pools` in dagster.yaml), whoever asked for it; SQLite has no pools.
BUILD_POOL = "warehouse_build"


def define_models() -> dg.AssetsDefinition:
    """Returns the asset definition of all models of the parsed dbt project.

    Raises:
        ManifestMissingError: If the project was not parsed yet.
    """
    manifest = json.loads(manifest_path().read_bytes())

    translator = RetailTranslator(manifest)

    @dbt_assets(
        manifest=manifest, name="dbt_models", dagster_dbt_translator=translator, pool=BUILD_POOL
    )
    def dbt_models(
        context: dg.AssetExecutionContext, dbt: LeanDbtCli, warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[Any]:
        """Builds and tests the selected models with one `dbt build`."""
        waited = wait_until_answering(warehouse)
        context.log.info(f"The warehouse answers after {waited:.1f} s.")
        # A folder that goes away again: each command leaves megabytes of artifacts behind.
        with tempfile.TemporaryDirectory(prefix="dbt-") as target:
            command = dbt.cli(BUILD, context=context, target_path=Path(target))
            for event in command.stream():
                # dbt also runs tests that touch a selected model but belong to one that is not.
                # dagster-dbt reports these as observations of every table involved; without a data
                # version, that of a raw table would make all that lies downstream look stale.
                if not isinstance(event, dg.AssetObservation):
                    yield event

    return dbt_models
