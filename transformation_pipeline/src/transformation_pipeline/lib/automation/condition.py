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
    """Returns the condition: build what is not as it should be, and all that lies downstream.

    All of it goes into one run, and an asset is in it when

    - no run of any model is queued or under way, and every raw table was observed;
    - there is news: some asset needs a build that was not already tried with its present inputs;
    - it needs a build itself, failed a blocking check, or has a dependency in this run.

    Asking ends: the asset that is the news is itself in the run, and tried from then on. A failure
    is not repeated by itself, but whatever failed is built along with the next news from anywhere:
    an asset whose own inputs change once a week would else stay broken for as long, and all that
    lies downstream with it. And nothing is built on a missing or unsound dependency, as that one is
    in the run too, where dbt stops behind it if it fails again.

    A blocking check that never ran does not count as failed: it would until its asset changes.
    """
    busy = Question("graph_busy", lambda view, _: view.busy)
    sources_observed = Question("sources_observed", lambda view, _: view.sources_observed)
    news = Question("any_untried_build", lambda view, _: view.news)
    needs_build = Question("needs_build", TickView.needs_build)
    unsound = dg.AutomationCondition.any_checks_match(
        dg.AutomationCondition.check_failed() | dg.AutomationCondition.execution_failed(),
        blocking_only=True,
    ).with_label("any_blocking_check_failed")
    upstream = dg.AutomationCondition.any_deps_match(dg.AutomationCondition.will_be_requested())
    return (~busy & sources_observed & news & (needs_build | unsound | upstream)).with_label(
        "build_when_stale"
    )
