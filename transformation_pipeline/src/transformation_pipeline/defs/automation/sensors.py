"""The sensor that requests runs."""

import dagster as dg

from transformation_pipeline.defs.raw.sensors import SENSOR_INTERVAL_SECONDS
from transformation_pipeline.lib.automation.attempts import CODE_VERSION_TAG
from transformation_pipeline.lib.automation.view import code_version

# dagster.yaml allows one run at a time with this tag.
TRIGGER_TAG = {"transformation_pipeline/trigger": "automation"}


def define_automation_sensor(models: dg.AssetsDefinition) -> dg.AutomationConditionSensorDefinition:
    """Returns the sensor that builds the models as soon as they are stale.

    It is evaluated in the code server, because the condition's own operands exist only there.

    Args:
        models: The assets whose conditions it evaluates.
    """
    code = code_version((spec.key, spec.code_version) for spec in models.specs)
    return dg.AutomationConditionSensorDefinition(
        name="build_stale_models",
        description="Requests one run of all models that are stale or lie downstream of one.",
        target=dg.AssetSelection.assets(models),
        use_user_code_server=True,
        minimum_interval_seconds=SENSOR_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        run_tags={**TRIGGER_TAG, CODE_VERSION_TAG: code},
    )
