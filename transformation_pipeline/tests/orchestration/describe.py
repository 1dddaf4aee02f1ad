"""The definitions as plain data.

`python tests/orchestration/describe.py > tests/orchestration/definitions.json` renews the snapshot.
"""

import json
import sys
from typing import Any

import dagster as dg

from transformation_pipeline.definitions import defs


def describe(definitions: dg.Definitions) -> dict[str, Any]:
    """Returns every asset, job, schedule and sensor with what people rely on."""
    graph = definitions.resolve_asset_graph()
    repository = definitions.get_repository_def()
    return {
        "assets": {
            key.to_user_string(): _asset(graph.get(key))
            for key in sorted(graph.get_all_asset_keys())
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs()),
        "schedules": {
            schedule.name: [schedule.cron_schedule, schedule.default_status.value]
            for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: [sensor.minimum_interval_seconds, sensor.default_status.value]
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
    }


def _asset(node: Any) -> dict[str, Any]:
    condition = node.automation_condition
    return {
        "condition": condition.get_label() if condition else None,
        "dependencies": sorted(key.to_user_string() for key in node.parent_keys),
        "group": node.group_name,
        "kinds": sorted(node.kinds),
        "observable": node.is_observable,
        "owners": sorted(node.owners),
    }


if __name__ == "__main__":
    json.dump(describe(defs()), sys.stdout, indent=2)
    print()  # noqa: T201
