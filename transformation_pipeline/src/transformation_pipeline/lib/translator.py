"""How a dbt node becomes a Dagster asset."""

import hashlib
from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from transformation_pipeline.lib.automation.condition import build_when_stale

OWNER = "team:data-platform"


class RetailTranslator(DagsterDbtTranslator):
    """Names assets as the warehouse does, so that dbt sources are the observed raw tables."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        super().__init__()
        self._macros = project_macros(manifest)

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Returns [database, table]."""
        name = dbt_resource_props.get("identifier") or dbt_resource_props["name"]
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Returns the database without the company's prefix: raw, staging or marts."""
        schema: str = dbt_resource_props["schema"]
        return schema.removeprefix("retail_")

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Returns the model's own description, without its SQL."""
        description: str = dbt_resource_props.get("description") or ""
        return description

    def get_code_version(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Returns a hash of the model's SQL and of all macros, any of which it may use."""
        code = f"{super().get_code_version(dbt_resource_props)}\n{self._macros}"
        return hashlib.sha256(code.encode()).hexdigest()

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Returns the one team that owns every model."""
        return [OWNER]

    def get_automation_condition(
        self,
        dbt_resource_props: Mapping[str, Any],  # noqa: ARG002
    ) -> dg.AutomationCondition[dg.AssetKey]:
        """Returns the one condition of every model."""
        return build_when_stale()


def project_macros(manifest: Mapping[str, Any]) -> str:
    """Returns the code of the project's own macros, whatever their order in the manifest."""
    project = manifest["metadata"]["project_name"]
    macros = manifest["macros"].values()
    return "\n".join(
        sorted(macro["macro_sql"] for macro in macros if macro["package_name"] == project)
    )
