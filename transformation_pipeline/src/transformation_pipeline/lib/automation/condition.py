"""The level-triggered automation condition of every dbt asset.

`AutomationCondition.eager()` reacts to edges: a change that arrives in the tick of a request or
during a run is cleared along with it, and a failed run loses its update. This condition asks each
time what *is* instead of what happened, so that nothing needs to be remembered between ticks.
"""

from collections.abc import Callable

import dagster as dg

from transformation_pipeline.lib.automation.view import TickView, view_of


class Question(dg.AutomationCondition[dg.AssetKey]):
    """A yes or no about an unpartitioned asset, answered by what the tick knows."""

    def __init__(self, name: str, answer: Callable[[TickView, dg.AssetKey], bool]) -> None:
        self._name = name
        self._answer = answer

    @property
    def name(self) -> str:
        """Returns the name that the UI shows."""
        return self._name

    def evaluate(
        self, context: dg.AutomationContext[dg.AssetKey]
    ) -> dg.AutomationResult[dg.AssetKey]:
        """Returns the asset if the answer is yes, else nothing."""
        holds = not context.candidate_subset.is_empty and self._answer(
            view_of(context.asset_graph_view), context.key
        )
        subset = context.candidate_subset if holds else context.get_empty_subset()
        return dg.AutomationResult(context, true_subset=subset)


def build_when_stale() -> dg.AutomationCondition[dg.AssetKey]:
    """Returns the condition: build what is stale, and all that lies downstream of it, in one run.

    An asset is requested when

    - no run of any model is queued or under way, and every raw table was observed;
    - it needs a build that was not already tried, or a dependency is requested in this tick;
    - each dependency exists and did not fail a blocking check, or is requested itself.

    A blocking check that never ran does not hold anything back: it would until its asset changes,
    which may be never.
    """
    busy = Question("graph_busy", lambda view, _: view.busy)
    sources_observed = Question("sources_observed", lambda view, _: view.sources_observed)
    needs_build = Question("needs_build", TickView.needs_build)
    already_tried = Question("already_tried", TickView.already_tried)

    requested = dg.AutomationCondition.will_be_requested()
    unsound = dg.AutomationCondition.any_checks_match(
        dg.AutomationCondition.check_failed() | dg.AutomationCondition.execution_failed(),
        blocking_only=True,
    ).with_label("any_blocking_check_failed")
    any_dep = dg.AutomationCondition.any_deps_match
    return (
        ~busy
        & sources_observed
        & ((needs_build & ~already_tried) | any_dep(requested))
        & ~dg.AutomationCondition.any_deps_missing()
        & ~any_dep(unsound & ~requested)
    ).with_label("build_when_stale")
