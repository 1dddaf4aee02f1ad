"""Every interleaving that once lost or repeated a build, against Dagster's own event log."""

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.storage.tags import WILL_RETRY_TAG

from .automation_platform import ALL, Platform


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def platform(instance: dg.DagsterInstance) -> Platform:
    """A platform whose raw tables were observed and whose models are built."""
    platform = Platform(instance)
    platform.tick()
    platform.observe(raw_orders="o1", raw_rates="r1")
    assert platform.settle() == [ALL]
    return platform


def test_nothing_is_built_before_every_raw_table_was_observed(
    instance: dg.DagsterInstance,
) -> None:
    platform = Platform(instance)
    assert platform.requested() == []
    platform.observe(raw_orders="o1")
    assert platform.requested() == []
    platform.observe(raw_rates="r1")
    assert platform.requested() == [ALL]


def test_unchanged_asks_for_nothing(platform: Platform) -> None:
    platform.observe(raw_orders="o1", raw_rates="r1")
    assert [platform.requested() for _ in range(3)] == [[], [], []]


def test_change_builds_everything_downstream_in_one_run(platform: Platform) -> None:
    platform.observe(raw_rates="r2")
    assert platform.settle() == [{"stg_rates", "fact_orders", "daily_sales"}]


def test_burst_of_changes_is_one_run(platform: Platform) -> None:
    platform.observe(raw_orders="o2")
    platform.observe(raw_orders="o3", raw_rates="r2")
    platform.observe(raw_orders="o4")
    assert platform.settle() == [ALL - {"dim_date"}]


def test_change_between_request_and_run_is_in_that_run(platform: Platform) -> None:
    platform.observe(raw_orders="o2")
    [request] = platform.tick()
    platform.observe(raw_orders="o3")
    assert platform.run(request)
    assert platform.requested() == []


@pytest.mark.parametrize("being_built", ["stg_orders", "fact_orders"])
def test_change_during_a_run_is_one_more_run(platform: Platform, being_built: str) -> None:
    def change() -> None:
        platform.observe(raw_orders="o3")
        assert platform.requested() == [], "asked while a run is under way"

    platform.observe(raw_orders="o2")
    [request] = platform.tick()
    platform.behaviour.on_build = {being_built: change}
    assert platform.run(request)
    platform.behaviour.on_build = {}
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]


def test_change_during_a_run_that_fails_is_not_lost(platform: Platform) -> None:
    platform.observe(raw_orders="o2")
    [request] = platform.tick()
    platform.behaviour.on_build = {"stg_orders": lambda: platform.observe(raw_orders="o3")}
    platform.behaviour.fails = {"stg_orders"}
    assert not platform.run(request)
    platform.behaviour.on_build, platform.behaviour.fails = {}, set()
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]


def test_observed_before_the_first_tick_builds(instance: dg.DagsterInstance) -> None:
    platform = Platform(instance)
    platform.observe(raw_orders="o1", raw_rates="r1")
    assert platform.settle() == [ALL]


def test_lost_cursor_changes_nothing(platform: Platform) -> None:
    platform.cursor = None
    assert platform.requested() == []
    platform.observe(raw_orders="o2")
    platform.cursor = None
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]


def test_failed_run_is_not_asked_again_for_the_same_inputs(platform: Platform) -> None:
    platform.behaviour.fails = {"stg_orders"}
    platform.observe(raw_orders="o2")
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]
    platform.observe(raw_orders="o2", raw_rates="r1")
    platform.cursor = None
    assert [platform.requested() for _ in range(3)] == [[], [], []]


def test_next_version_heals_a_failure(platform: Platform) -> None:
    platform.behaviour.fails = {"stg_orders"}
    platform.observe(raw_orders="o2")
    platform.settle()
    platform.behaviour.fails = set()
    platform.observe(raw_orders="o3")
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]
    assert platform.requested() == []


def test_run_by_hand_heals_a_failure_and_the_rest_follows(platform: Platform) -> None:
    platform.behaviour.fails = {"fact_orders"}
    platform.observe(raw_orders="o2")
    platform.settle()
    platform.behaviour.fails = set()
    assert platform.materialize({"fact_orders"})
    assert platform.settle() == [{"daily_sales"}]


def test_partial_failure_is_asked_once_and_healed_by_any_input(platform: Platform) -> None:
    platform.behaviour.fails = {"fact_orders"}
    platform.observe(raw_orders="o2")
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]
    platform.behaviour.fails = set()
    assert platform.requested() == []
    platform.observe(raw_rates="r2")
    assert platform.settle() == [{"stg_rates", "fact_orders", "daily_sales"}]
    assert platform.requested() == []


def test_new_code_is_built_once_even_after_a_failure(platform: Platform) -> None:
    platform.behaviour.fails = {"fact_orders"}
    platform.observe(raw_orders="o2")
    platform.settle()
    platform.code = "2"
    assert platform.settle() == [ALL]
    platform.behaviour.fails = set()
    platform.code = "3"
    assert platform.settle() == [ALL]


def test_nothing_is_asked_while_a_retry_is_due(platform: Platform) -> None:
    def change_and_retry() -> None:
        platform.observe(raw_orders="o3")
        [run] = platform.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        platform.instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "true"})

    platform.observe(raw_orders="o2")
    [request] = platform.tick()
    platform.behaviour.on_start = change_and_retry
    platform.behaviour.fails = {"stg_orders"}
    assert not platform.run(request)
    assert platform.requested() == []
    platform.behaviour.on_start, platform.behaviour.fails = lambda: None, set()
    assert platform.run(request)
    assert platform.requested() == []


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        (None, True),
        (dg.DagsterEventType.RUN_ENQUEUED, False),
        (dg.DagsterEventType.RUN_STARTING, False),
        (dg.DagsterEventType.RUN_START, False),
        (dg.DagsterEventType.RUN_CANCELING, False),
        (dg.DagsterEventType.RUN_CANCELED, True),
    ],
)
def test_run_of_a_model_holds_automation_back(
    platform: Platform, event: dg.DagsterEventType | None, asked: bool
) -> None:
    platform.create_run({"daily_sales"}, event)
    platform.observe(raw_orders="o2")
    assert bool(platform.requested()) is asked


def test_run_that_only_observes_does_not_hold_automation_back(platform: Platform) -> None:
    platform.create_run({"raw_orders"}, dg.DagsterEventType.RUN_START)
    platform.observe(raw_orders="o2")
    assert platform.requested() == [{"stg_orders", "fact_orders", "daily_sales"}]


def test_failed_blocking_check_is_repaired_by_the_next_change_of_anything(
    platform: Platform,
) -> None:
    platform.behaviour.failing_checks = {"stg_orders"}
    platform.observe(raw_orders="o2")
    assert platform.settle() == [{"stg_orders", "fact_orders", "daily_sales"}]
    platform.behaviour.failing_checks = set()
    platform.observe(raw_rates="r2")
    assert platform.settle() == [ALL - {"dim_date"}]


def test_failure_is_repaired_by_a_change_that_does_not_concern_it(platform: Platform) -> None:
    platform.behaviour.fails = {"stg_orders"}
    platform.observe(raw_orders="o2")
    platform.settle()
    platform.behaviour.fails = set()
    platform.observe(raw_rates="r2")
    assert platform.settle() == [ALL - {"dim_date"}]


def test_run_names_what_triggered_it_and_the_code(platform: Platform) -> None:
    platform.observe(raw_orders="o2")
    [request] = platform.tick()
    tags = {key: value for key, value in request.tags.items() if not key.startswith("dagster/")}
    assert tags == {
        "transformation_pipeline/trigger": "automation",
        "transformation_pipeline/code_version": "2f541ac94ad15d3d",
    }
