"""A small platform around the real condition and sensor: two raw tables and five models."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteRepositoryOrigin

from transformation_pipeline.defs.automation.sensors import define_automation_sensor
from transformation_pipeline.lib.automation.condition import build_when_stale

DEPENDENCIES: dict[str, list[str]] = {
    "dim_date": [],
    "stg_orders": ["raw_orders"],
    "stg_rates": ["raw_rates"],
    "fact_orders": ["stg_orders", "stg_rates"],
    "daily_sales": ["fact_orders", "dim_date"],
}
ALL = set(DEPENDENCIES)

# Only a run that says from where it can be launched may be queued.
SERVER = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="test")
ORIGIN = RemoteRepositoryOrigin(SERVER, "__repository__").get_job_origin("__ASSET_JOB")


@dataclass
class Behaviour:
    """What happens to the models of the next runs."""

    fails: set[str] = field(default_factory=set)
    failing_checks: set[str] = field(default_factory=set)
    on_start: Callable[[], None] = lambda: None
    on_build: dict[str, Callable[[], None]] = field(default_factory=dict)


def definitions(behaviour: Behaviour, code: str = "1") -> dg.Definitions:
    @dg.multi_observable_source_asset(  # type: ignore[untyped-decorator]
        specs=[dg.AssetSpec("raw_orders"), dg.AssetSpec("raw_rates")], can_subset=True
    )
    def raw_tables() -> Iterator[dg.ObserveResult]:
        yield from ()

    @dg.multi_asset(
        name="models",
        can_subset=True,
        specs=[
            dg.AssetSpec(
                name,
                deps=deps,
                skippable=True,
                code_version=code,
                automation_condition=build_when_stale(),
            )
            for name, deps in DEPENDENCIES.items()
        ],
        check_specs=[dg.AssetCheckSpec("complete", asset="stg_orders", blocking=True)],
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        behaviour.on_start()
        for name in DEPENDENCIES:
            if dg.AssetKey(name) not in context.selected_asset_keys:
                continue
            behaviour.on_build.get(name, lambda: None)()
            if name in behaviour.fails:
                raise RuntimeError(f"{name} failed")
            yield dg.Output(None, output_name=name)
            if name == "stg_orders":
                passed = name not in behaviour.failing_checks
                yield dg.AssetCheckResult(asset_key=name, check_name="complete", passed=passed)
                if not passed:
                    raise RuntimeError("dbt build exits with 1")

    return dg.Definitions(
        assets=[raw_tables, models],
        sensors=[define_automation_sensor(models)],
        executor=dg.in_process_executor,
    )


@dataclass
class Platform:
    """Ticks the automation sensor by hand and runs what it requests."""

    instance: dg.DagsterInstance
    behaviour: Behaviour = field(default_factory=Behaviour)
    code: str = "1"
    cursor: str | None = None

    @property
    def defs(self) -> dg.Definitions:
        return definitions(self.behaviour, self.code)

    def observe(self, **versions: str) -> None:
        for table, version in versions.items():
            self.instance.report_runless_asset_event(
                dg.AssetObservation(table, tags={"dagster/data_version": version})
            )

    def tick(self) -> list[dg.RunRequest]:
        repository = self.defs.get_repository_def()
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, repository_def=repository
        )
        data = repository.get_sensor_def("build_stale_models").evaluate_tick(context)
        self.cursor = data.cursor
        return list(data.run_requests or [])

    def requested(self) -> list[set[str]]:
        return [names(request) for request in self.tick()]

    def run(self, request: dg.RunRequest) -> bool:
        return self.materialize(names(request), dict(request.tags))

    def materialize(self, models: set[str], tags: dict[str, str] | None = None) -> bool:
        job = self.defs.resolve_job_def("__ASSET_JOB")
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in models],
            tags=tags or {},
            raise_on_error=False,
        ).success

    def settle(self, limit: int = 10) -> list[set[str]]:
        """Ticks and runs until a tick requests nothing; returns what was requested, run by run."""
        runs: list[set[str]] = []
        while requests := self.tick():
            assert len(requests) == 1, "more than one run in a tick"
            runs.append(names(requests[0]))
            assert len(runs) <= limit, f"does not settle: {runs}"
            self.run(requests[0])
        return runs

    def create_run(self, assets: set[str], event: dg.DagsterEventType | None) -> None:
        """Leaves a run of someone else in the state that an event of its life brings it to."""
        job = self.defs.resolve_job_def("__ASSET_JOB")
        selection = frozenset(dg.AssetKey(name) for name in assets)
        run = self.instance.create_run_for_job(
            job, asset_selection=selection, remote_job_origin=ORIGIN
        )
        if event:
            self.instance.report_dagster_event(
                dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name), run.run_id
            )


def names(request: dg.RunRequest) -> set[str]:
    return {key.to_user_string() for key in request.asset_selection or []}
