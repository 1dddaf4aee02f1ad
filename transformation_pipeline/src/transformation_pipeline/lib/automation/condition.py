"""The level-triggered automation condition of every dbt asset.

`AutomationCondition.eager()` reacts to edges: a change that arrives in the tick of a request or during a
run is cleared along with it, and a failed run loses its update. This condition asks each time what *is*
instead of what happened, so that nothing needs to be remembered between ticks.
"""

import dagster as dg

from transformation_pipeline.lib.automation.view import TickView, view_of


class _GraphCondition(dg.AutomationCondition[dg.AssetKey]):
    """A yes or no about one unpartitioned asset, answered by the tick's view."""

    def answer(self, view: TickView, key: dg.AssetKey) -> bool:
        raise NotImplementedError

    def evaluate(
        self, context: dg.AutomationContext[dg.AssetKey]
    ) -> dg.AutomationResult[dg.AssetKey]:
        holds = not context.candidate_subset.is_empty and self.answer(
            view_of(context.asset_graph_view), context.key
        )
        subset = context.candidate_subset if holds else context.get_empty_subset()
        return dg.AutomationResult(context, true_subset=subset)


class NeedsBuild(_GraphCondition):
    """True for an asset that is missing, or whose inputs or code changed since its last build."""

    @property
    def name(self) -> str:
        return "needs_build"

    def answer(self, view: TickView, key: dg.AssetKey) -> bool:
        return view.needs_build(key)


class AlreadyTried(_GraphCondition):
    """True for an asset whose latest attempt used the same inputs and code as a new one would."""

    @property
    def name(self) -> str:
        return "already_tried"

    def answer(self, view: TickView, key: dg.AssetKey) -> bool:
        return view.already_tried(key)


class GraphBusy(_GraphCondition):
    """True while a run that writes any asset of the graph waits or is under way."""

    @property
    def name(self) -> str:
        return "graph_busy"

    def answer(self, view: TickView, key: dg.AssetKey) -> bool:  # noqa: ARG002
        return view.busy


def build_when_stale() -> dg.AutomationCondition[dg.AssetKey]:
    """Returns the condition: build what is stale, and all that lies downstream of it, in one run.

    An asset is requested when no run is under way, and it needs a build that was not already tried or
    a dependency is requested in this tick, and each dependency exists and its blocking checks did not
    fail, or is requested itself. A blocking check that never ran does not hold anything back: it would
    until its asset changes, which may be never.
    """
    requested = dg.AutomationCondition.will_be_requested()
    check_not_passed = (
        dg.AutomationCondition.check_failed() | dg.AutomationCondition.execution_failed()
    )
    blocked = dg.AutomationCondition.any_deps_match(
        dg.AutomationCondition.any_checks_match(check_not_passed, blocking_only=True) & ~requested
    )
    due = (NeedsBuild() & ~AlreadyTried()) | dg.AutomationCondition.any_deps_match(requested)
    condition = (
        ~GraphBusy()
        & due
        & ~dg.AutomationCondition.any_deps_missing()
        & ~blocked.with_label("any_deps_blocking_checks_failed")
    )
    return condition.with_label("build_when_stale")
