"""What one automation tick knows of the instance: read once, shared by all conditions."""

import hashlib
import time
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import dagster as dg
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.data_version import (
    CachingStaleStatusResolver,
    StaleStatus,
    extract_data_version_from_entry,
)
from dagster._core.event_api import EventLogRecord

from transformation_pipeline.lib.automation.attempts import CODE_VERSION_TAG, Input, repeats

# A run that is created but not yet queued (NOT_STARTED) is left out on purpose: the tick that
# creates one also queues it, and one left behind by a crash would block automation for ever.
_BUSY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

# Dagster launches an automatic retry within its daemon's 5 s loop. The wait for it is bounded, so
# that a retry that never comes does not hold the asset back.
_RETRY_GRACE_SECONDS = 60.0


def code_version(versions: Iterable[tuple[dg.AssetKey, str | None]]) -> str:
    """Returns one hash over the code versions of many assets, whatever their order."""
    lines = sorted(f"{key.to_user_string()}={version}" for key, version in versions)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class TickView:
    """One tick's view of the asset graph and the event log.

    Attributes:
        instance: The Dagster instance.
        graph: The asset graph of this code location.
    """

    def __init__(self, view: AssetGraphView) -> None:
        self.instance: dg.DagsterInstance = view.instance
        self.graph: BaseAssetGraph[Any] = view.asset_graph
        # No public call answers "is this asset stale"; this is the resolver behind the UI's badge.
        self._resolver = CachingStaleStatusResolver(view.instance, view.asset_graph, view)

    @cached_property
    def busy(self) -> bool:
        """Whether a run that writes an asset of this graph waits or is under way."""
        built = self.graph.materializable_asset_keys
        runs = self.instance.get_runs(dg.RunsFilter(statuses=_BUSY))
        return any(run.asset_selection is None or run.asset_selection & built for run in runs)

    @cached_property
    def sources_observed(self) -> bool:
        """Whether every table that this graph observes was observed at least once."""
        return all(
            self.instance.get_latest_data_version_record(key, is_source=True)
            for key in self.graph.observable_asset_keys
        )

    @cached_property
    def code_version(self) -> str:
        """Hash of the code versions of all assets that can be built."""
        keys = self.graph.materializable_asset_keys
        return code_version((key, self.graph.get(key).code_version) for key in keys)

    @cached_property
    def news(self) -> bool:
        """Whether any asset needs a build that was not already tried with its present inputs."""
        return any(
            self.needs_build(key) and not self.already_tried(key)
            for key in self.graph.materializable_asset_keys
        )

    def needs_build(self, key: dg.AssetKey) -> bool:
        """Whether the asset was never built, or its inputs or its code changed since."""
        return self._resolver.get_status(key) in (StaleStatus.MISSING, StaleStatus.STALE)

    def already_tried(self, key: dg.AssetKey) -> bool:
        """Whether the latest run that was to build the asset saw today's inputs and code."""
        planned = self.instance.event_log_storage.get_latest_planned_materialization_info(key)
        if planned is None:
            return False
        record = self.instance.get_run_record_by_id(planned.run_id)
        if record is None:
            return False
        run = record.dagster_run
        return repeats(
            attempted_code=run.tags.get(CODE_VERSION_TAG),
            current_code=self.code_version,
            inputs=[
                self._input(dependency, planned.storage_id, run.run_id)
                for dependency in sorted(self.graph.get(key).parent_keys)
            ],
            waits_for_retry=run.is_complete_and_waiting_to_retry
            and time.time() - (record.end_time or 0) < _RETRY_GRACE_SECONDS,
        )

    def _input(self, key: dg.AssetKey, planned_id: int, run_id: str) -> Input:
        external = self.graph.get(key).is_external
        now = self.instance.get_latest_data_version_record(key, is_source=external)
        before = self.instance.get_latest_data_version_record(
            key, is_source=external, before_cursor=planned_id
        )
        return Input(
            version_at_attempt=_version(before),
            version_now=_version(now),
            written_by_attempt=now is not None and now.run_id == run_id and not external,
        )


def _version(record: EventLogRecord | None) -> str | None:
    version = extract_data_version_from_entry(record.event_log_entry) if record else None
    return version.value if version else None


_views: "WeakKeyDictionary[AssetGraphView, TickView]" = WeakKeyDictionary()


def view_of(view: AssetGraphView) -> TickView:
    """Returns the tick's view; Dagster makes one `AssetGraphView` per tick."""
    if view not in _views:
        _views[view] = TickView(view)
    return _views[view]
