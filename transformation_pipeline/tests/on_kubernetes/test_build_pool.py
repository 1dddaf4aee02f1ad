"""Two builds never run at once, whoever asks for them: Dagster's own queue, on a real Postgres."""

import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.test_utils import MockedRunLauncher, create_test_daemon_workspace_context
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from transformation_pipeline.defs.dbt.assets import BUILD_POOL

CODE = JobPythonOrigin(
    job_name="any",
    repository_origin=RepositoryPythonOrigin(
        executable_path="python",
        code_pointer=ModuleCodePointer("transformation_pipeline.definitions", "defs", None),
        entry_point=["dagster"],
        container_context={},
    ),
)


@dg.op(pool=BUILD_POOL)
def build() -> None: ...


@dg.op
def look() -> None: ...


@dg.job
def building() -> None:
    build()


@dg.job
def looking() -> None:
    look()


def test_a_second_build_waits_in_the_queue(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = MockedRunLauncher()
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        monkeypatch.setattr(instance, "_run_launcher", launcher)
        launcher.register_instance(instance)
        # The very first look at the queue makes the pool known; its limit holds from the second on.
        known = queue(instance, building)
        dequeue(instance)
        end(instance, known)
        launcher.queue().clear()  # type: ignore[no-untyped-call]

        first, second, other = (queue(instance, job) for job in (building, building, looking))
        dequeue(instance)
        assert launched(launcher) == [first, other]
        end(instance, first)
        dequeue(instance)
        assert launched(launcher) == [first, other, second]


def end(instance: dg.DagsterInstance, run_id: str) -> None:
    run = instance.get_run_by_id(run_id)
    assert run
    instance.report_run_failed(run)


def queue(instance: dg.DagsterInstance, job: dg.JobDefinition) -> str:
    location = RegisteredCodeLocationOrigin("transformation_pipeline")
    run = instance.create_run_for_job(
        job,
        status=dg.DagsterRunStatus.NOT_STARTED,
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "repository"), job.name),
        job_code_origin=CODE,
    )
    instance.report_dagster_event(dg.DagsterEvent.job_enqueue(run), run.run_id)
    return run.run_id


def dequeue(instance: dg.DagsterInstance) -> None:
    with create_test_daemon_workspace_context(EmptyWorkspaceTarget(), instance) as workspace:
        list(QueuedRunCoordinatorDaemon(interval_seconds=1).run_iteration(workspace))


def launched(launcher: MockedRunLauncher) -> list[str]:
    return [run.run_id for run in launcher.queue()]  # type: ignore[no-untyped-call]
