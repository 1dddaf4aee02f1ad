"""The run launcher on a test double of the Kubernetes API, under Dagster's real run monitoring."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest
import urllib3.exceptions
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher.base import LaunchRunContext, WorkerStatus
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.monitoring.run_monitoring import (
    monitor_canceling_run,
    monitor_started_run,
    monitor_starting_run,
)
from dagster_k8s.client import DagsterKubernetesClient
from kubernetes.client.exceptions import ApiException

from transformation_pipeline.kubernetes.launcher import (
    PATIENCE_SECONDS,
    LeftoverError,
    PatientK8sRunLauncher,
)

from .fake_api import NAMESPACE, FakeApi, deadline_exceeded

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: nobody, user: {}}]
"""

LOG = logging.getLogger("dagster.daemon.test")

CODE = JobPythonOrigin(
    job_name="build",
    repository_origin=RepositoryPythonOrigin(
        executable_path="python",
        code_pointer=ModuleCodePointer("transformation_pipeline.definitions", "defs", None),
        container_image="retail-analytics/pipeline:0.1.0",
        entry_point=["dagster"],
        container_context={},
    ),
)

# What the client raises when nobody answers.
NO_ANSWERS = {
    "refused": urllib3.exceptions.MaxRetryError(
        cast("Any", None), "/", ConnectionRefusedError(111, "Connection refused")
    ),
    "slow": urllib3.exceptions.ReadTimeoutError(cast("Any", None), "/", "read timed out"),
    "cut": urllib3.exceptions.ProtocolError("Connection aborted."),
    "no name": OSError("Name or service not known"),
    "too many requests": ApiException(429, "Too Many Requests"),
    "internal error": ApiException(500, "Internal Server Error"),
    "unavailable": ApiException(503, "Service Unavailable"),
    "gateway": ApiException(504, "Gateway Timeout"),
    "keys renewed": ApiException(401, "Unauthorized"),
}


@dataclass
class Platform:
    """An instance with the launcher in it, and the API's double.

    Attributes:
        waited: What the launcher slept, all in all.
    """

    instance: dg.DagsterInstance
    launcher: PatientK8sRunLauncher
    api: FakeApi
    waited: float = 0.0

    def run(self, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED) -> dg.DagsterRun:
        """Creates a run and brings it to a status by its events, as a real one comes there."""
        run = create_run_for_test(self.instance, job_name="build", job_code_origin=CODE)
        starting = dg.DagsterEvent("PIPELINE_STARTING", run.job_name)
        started = dg.DagsterEvent("PIPELINE_START", run.job_name)
        canceling = dg.DagsterEvent("PIPELINE_CANCELING", run.job_name)
        events = {
            dg.DagsterRunStatus.STARTING: [starting],
            dg.DagsterRunStatus.STARTED: [starting, started],
            dg.DagsterRunStatus.CANCELING: [starting, started, canceling],
        }
        for event in events[status]:
            self.instance.report_dagster_event(event, run.run_id)
        return self.reloaded(run)

    def reloaded(self, run: dg.DagsterRun) -> dg.DagsterRun:
        found = self.instance.get_run_by_id(run.run_id)
        assert found
        return found

    def record(self, run: dg.DagsterRun) -> Any:
        return self.instance.get_run_record_by_id(run.run_id)

    def launch(self, run: dg.DagsterRun) -> None:
        self.launcher.launch_run(LaunchRunContext(run, workspace=None))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(KUBECONFIG)
    config = {
        "job_namespace": NAMESPACE,
        "service_account_name": "retail-run",
        "instance_config_map": "retail-dagster",
        "load_incluster_config": False,
        "kubeconfig_file": str(kubeconfig),
    }
    overrides = {
        "run_launcher": {
            "module": "transformation_pipeline.kubernetes.launcher",
            "class": "PatientK8sRunLauncher",
            "config": config,
        },
        # Each monitoring step gives up at once: the tests call the step that they are about.
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": 0,
            "cancel_timeout_seconds": 0,
        },
    }
    with dg.instance_for_test(overrides=overrides) as instance:
        launcher = instance.run_launcher
        assert isinstance(launcher, PatientK8sRunLauncher)
        platform = Platform(instance, launcher, FakeApi())
        launcher._api_client = DagsterKubernetesClient.production_client(  # type: ignore[no-untyped-call]
            platform.api, platform.api
        )

        def sleep(seconds: float) -> None:
            platform.waited += seconds

        launcher.sleep = sleep
        launcher.clock = lambda: platform.waited
        yield platform


class TestHealth:
    @pytest.mark.parametrize("error", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
    def test_no_answer_is_no_failure(
        self, platform: Platform, error: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        run = platform.run()
        platform.api.add(run.run_id)
        platform.api.answers["get", "jobs/status"] = lambda: error
        assert platform.launcher.check_run_worker_health(run).status == WorkerStatus.RUNNING
        # One call: the base asks four times, 10 s apart, while the other runs wait for their turn.
        assert [call[:2] for call in platform.api.calls] == [("get", "jobs/status")]
        assert platform.waited == 0
        (line,) = [record.getMessage() for record in caplog.records]
        assert line.startswith(f"Run {run.run_id} counts as running: ")
        assert "\n" not in line

    def test_forbidden_is_an_error_that_names_the_missing_rule(
        self, platform: Platform, caplog: pytest.LogCaptureFixture
    ) -> None:
        run = platform.run()
        platform.api.answers["get", "jobs/status"] = lambda: ApiException(403, "Forbidden")
        assert platform.launcher.check_run_worker_health(run).status == WorkerStatus.RUNNING
        (record,) = caplog.records
        assert (record.levelno, record.getMessage()) == (
            logging.ERROR,
            "The API server forbids `get` on jobs/status in namespace retail. Give the daemon's "
            'ServiceAccount a Role with apiGroups: ["batch"], resources: ["jobs/status"], '
            f'verbs: ["get"]. Run {run.run_id} counts as running.',
        )

    def test_job_that_does_not_exist(self, platform: Platform) -> None:
        run = platform.run()
        health = platform.launcher.check_run_worker_health(run)
        assert health.status == WorkerStatus.FAILED
        assert health.msg == (
            f"Job dagster-run-{run.run_id} does not exist in namespace retail: it was deleted."
        )

    @pytest.mark.parametrize(
        "status",
        [
            {"active": 1},
            {"active": 0},  # its pod is not created yet
            {"failed": 1, "terminating": 1},  # its pod is being stopped, and reports that itself
        ],
        ids=["works", "has no pod yet", "ends"],
    )
    def test_job_at_work(self, platform: Platform, status: dict[str, int]) -> None:
        run = platform.run()
        platform.api.add(run.run_id, phase="Running", job=True, **status)
        assert platform.launcher.check_run_worker_health(run).status == WorkerStatus.RUNNING

    @pytest.mark.parametrize("status", [{"failed": 1}, {"succeeded": 1}])
    def test_pod_that_ended_without_a_word(
        self, platform: Platform, status: dict[str, int]
    ) -> None:
        run = platform.run()
        platform.api.add(run.run_id, phase="Running", job=True, **status)
        health = platform.launcher.check_run_worker_health(run)
        assert health.status == WorkerStatus.FAILED
        assert health.msg == "The run's pod ended without reporting the run's end."

    def test_job_that_was_ended_by_its_deadline(self, platform: Platform) -> None:
        run = platform.run()
        job, _ = platform.api.add(run.run_id)
        platform.api.jobs[job].status = deadline_exceeded()
        health = platform.launcher.check_run_worker_health(run)
        assert (health.status, health.msg) == (
            WorkerStatus.FAILED,
            "The run's pod ended without reporting the run's end. DeadlineExceeded: Job was active "
            "longer than specified deadline.",
        )

    def test_an_outage_of_the_api_server_fails_no_run(self, platform: Platform) -> None:
        run = platform.run()
        platform.api.answers["get", "jobs/status"] = lambda: NO_ANSWERS["refused"]
        monitor_started_run(platform.instance, cast("Any", None), platform.record(run), LOG)
        assert platform.reloaded(run).status == dg.DagsterRunStatus.STARTED

    def test_a_dead_pod_fails_its_run_and_keeps_its_log(self, platform: Platform) -> None:
        run = platform.run()
        job, pod = platform.api.add(run.run_id, phase="Failed", failed=1)
        monitor_started_run(platform.instance, cast("Any", None), platform.record(run), LOG)
        assert platform.reloaded(run).status == dg.DagsterRunStatus.FAILURE
        assert (list(platform.api.jobs), list(platform.api.pods)) == ([job], [pod])


class TestGivingUp:
    def test_run_that_does_not_start_leaves_no_job(self, platform: Platform) -> None:
        run = platform.run(dg.DagsterRunStatus.STARTING)
        platform.api.add(run.run_id, phase="Pending")
        monitor_starting_run(platform.instance, platform.record(run), LOG)
        assert platform.reloaded(run).status == dg.DagsterRunStatus.FAILURE
        assert (platform.api.jobs, platform.api.pods) == ({}, {})
        # What the pod waited for was read before.
        message = platform.instance.all_logs(run.run_id)[-1].message
        assert f"dagster-run-{run.run_id}-abcde:\n\nPod status: Pending" in message

    def test_run_that_does_not_end_leaves_no_job(self, platform: Platform) -> None:
        run = platform.run(dg.DagsterRunStatus.CANCELING)
        platform.api.add(run.run_id)
        monitor_canceling_run(platform.instance, platform.record(run), LOG)
        assert platform.reloaded(run).status == dg.DagsterRunStatus.CANCELED
        assert (platform.api.jobs, platform.api.pods) == ({}, {})

    def test_run_is_given_up_even_if_its_job_cannot_be_deleted(
        self, platform: Platform, caplog: pytest.LogCaptureFixture
    ) -> None:
        run = platform.run(dg.DagsterRunStatus.STARTING)
        job, _ = platform.api.add(run.run_id, phase="Pending")
        platform.api.answers["delete", "jobs"] = lambda: NO_ANSWERS["refused"]
        monitor_starting_run(platform.instance, platform.record(run), LOG)
        assert platform.reloaded(run).status == dg.DagsterRunStatus.FAILURE
        assert f"Job {job} is left behind: no answer from the API server (MaxRetryError)." in [
            record.getMessage() for record in caplog.records
        ]


class TestLaunching:
    def test_nothing_in_the_way(self, platform: Platform) -> None:
        run = platform.run(dg.DagsterRunStatus.STARTING)
        platform.launch(run)
        assert list(platform.api.jobs) == [f"dagster-run-{run.run_id}"]
        assert platform.waited == 0

    def test_what_ended_runs_left_is_gone_before_the_next_starts(self, platform: Platform) -> None:
        with_job = platform.run()
        platform.api.add(with_job.run_id)
        pod_alone = platform.run()
        platform.api.add(pod_alone.run_id, job=False)
        for run in (with_job, pod_alone):
            platform.instance.report_run_failed(run)
        retry = platform.run(dg.DagsterRunStatus.STARTING)
        platform.launch(retry)
        assert list(platform.api.jobs) == [f"dagster-run-{retry.run_id}"]
        assert platform.api.pods == {}
        # Only after a look that found nothing.
        assert [call[0] for call in platform.api.calls if call[1] != "events"][-3:] == [
            "list",
            "list",
            "create",
        ]

    def test_other_runs_are_left_alone(self, platform: Platform) -> None:
        """Those at work, those whose pod has ended, and those of another instance."""
        platform.api.add(platform.run().run_id)
        ended = platform.run()
        platform.api.add(ended.run_id, phase="Failed", failed=1)
        platform.instance.report_run_failed(ended)
        job, _ = platform.api.add(ended.run_id, phase="Failed")
        platform.api.jobs[job].status = deadline_exceeded()
        platform.api.add("00000000-0000-0000-0000-000000000000")
        before = {*platform.api.jobs, *platform.api.pods}
        platform.launch(platform.run(dg.DagsterRunStatus.STARTING))
        assert before < {*platform.api.jobs, *platform.api.pods}
        assert "delete" not in {call[0] for call in platform.api.calls}

    def test_waits_for_a_pod_that_is_still_ending(self, platform: Platform) -> None:
        ended = platform.run()
        _, pod = platform.api.add(ended.run_id)
        platform.instance.report_run_failed(ended)
        platform.api.stubborn.add(pod)

        def end_after_a_while() -> None:
            if platform.waited > 30:
                platform.api.pods.pop(pod, None)

        platform.api.answers["list", "pods"] = end_after_a_while
        run = platform.run(dg.DagsterRunStatus.STARTING)
        platform.launch(run)
        assert 30 < platform.waited < 35
        assert list(platform.api.jobs) == [f"dagster-run-{run.run_id}"]
        # The UI shows why it does not start yet, once.
        said = [
            entry.get_dagster_event().message for entry in platform.instance.all_logs(run.run_id)
        ]
        assert len([message for message in said if f"Pod {pod} of a run" in (message or "")]) == 1

    def test_never_starts_beside_a_pod_that_does_not_end(self, platform: Platform) -> None:
        ended = platform.run()
        _, pod = platform.api.add(ended.run_id)
        platform.instance.report_run_failed(ended)
        platform.api.stubborn.add(pod)
        with pytest.raises(LeftoverError) as caught:
            platform.launch(platform.run(dg.DagsterRunStatus.STARTING))
        assert str(caught.value) == (
            f"Not launched after 120 s: Pod {pod} of a run that has ended must be gone first (if "
            "its node is gone for good: `kubectl delete pod -n retail --force NAME`)."
        )
        assert platform.api.jobs == {}

    def test_waits_out_an_outage_of_the_api_server(self, platform: Platform) -> None:
        platform.api.answers["list", "jobs"] = lambda: (
            NO_ANSWERS["refused"] if platform.waited < 60 else None
        )
        run = platform.run(dg.DagsterRunStatus.STARTING)
        platform.launch(run)
        assert platform.waited == 60
        assert list(platform.api.jobs) == [f"dagster-run-{run.run_id}"]

    def test_gives_up_after_its_patience(self, platform: Platform) -> None:
        platform.api.answers["list", "jobs"] = lambda: NO_ANSWERS["unavailable"]
        with pytest.raises(LeftoverError, match=r"the API server answers 503 Service Unavailable"):
            platform.launch(platform.run(dg.DagsterRunStatus.STARTING))
        assert platform.waited == PATIENCE_SECONDS

    def test_run_that_ended_while_it_waited_is_not_launched(self, platform: Platform) -> None:
        run = platform.run(dg.DagsterRunStatus.STARTING)
        platform.instance.report_run_canceled(run)
        platform.launch(run)
        assert platform.api.jobs == {}

    def test_forbidden_fails_at_once(self, platform: Platform) -> None:
        platform.api.answers["list", "jobs"] = lambda: ApiException(403, "Forbidden")
        with pytest.raises(ApiException, match="Forbidden"):
            platform.launch(platform.run(dg.DagsterRunStatus.STARTING))
        assert platform.waited == 0
