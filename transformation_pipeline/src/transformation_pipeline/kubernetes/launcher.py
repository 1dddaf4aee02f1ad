"""The run launcher: a Kubernetes Job per run, and never two for the same work."""

import logging
import time
from collections.abc import Callable
from typing import Any

from dagster import DagsterRun, DagsterRunStatus
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster_k8s import K8sRunLauncher
from dagster_k8s.job import get_job_name_from_run_id
from kubernetes.client.exceptions import ApiException

from transformation_pipeline.kubernetes import leftovers, worker_health

# Below the daemon's Dagster logger, so that its lines are formatted like that one's.
_log = logging.getLogger("dagster.daemon.PatientK8sRunLauncher")

# A pod that is told to end has 60 s (the chart's terminationGracePeriodSeconds), dbt 25 of them.
# Less than the time a run has for starting, which counts meanwhile (start_timeout_seconds, 300).
PATIENCE_SECONDS = 120.0
RETRY_INTERVAL_SECONDS = 2.0

# Statuses in which run monitoring gives a run up while its pod may still begin or go on.
_GIVEN_UP_IN = frozenset(
    {DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING}
)


class LeftoverError(RuntimeError):
    """What an ended run left behind does not go away, so the next run may not start."""


class PatientK8sRunLauncher(K8sRunLauncher):
    """Launches runs as Kubernetes Jobs; takes no answer for no answer, and leaves no Job behind.

    Three differences from its base, whose configuration it shares:

    - `check_run_worker_health` says that a run has failed only when the API server says so. The
      base reports "unknown" after one refused connection, which run monitoring takes for a failure:
      the run is retried while its first pod goes on building.
    - `get_run_worker_debug_info` also deletes the Job of a run that does not start or end in time:
      run monitoring asks for it exactly when it gives a run up, and never deletes the Job.
    - `launch_run` first removes what runs left behind whose end did not end their pod, and waits
      until it is gone.
    """

    clock: Callable[[], float] = staticmethod(time.monotonic)
    sleep: Callable[[float], None] = staticmethod(time.sleep)

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Returns FAILED if the run's Job has ended or is gone, RUNNING otherwise.

        Args:
            run: A run that has started and not ended.
        """
        job, namespace = self._job_of(run)
        try:
            found = self._api_client.batch_api.read_namespaced_job_status(
                job, namespace, _request_timeout=leftovers.REQUEST_TIMEOUT_SECONDS
            )
        except (ApiException, *worker_health.NO_CONNECTION) as error:
            return self._health_despite(error, run, job, namespace)
        return worker_health.judge(found.status)

    def get_run_worker_debug_info(
        self, run: DagsterRun, include_container_logs: bool | None = True
    ) -> str | None:
        """Returns what the UI shows of a run that is given up, and deletes its Job.

        Only a Job whose pod may still begin or go on is deleted: that of a run whose pod has died
        keeps the pod's log until its TTL.
        """
        try:
            return super().get_run_worker_debug_info(run, include_container_logs)
        finally:
            if run.status in _GIVEN_UP_IN:
                self._give_up(run)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Launches a run, as soon as nothing is left of those that have ended.

        Raises:
            LeftoverError: If that takes longer than `PATIENCE_SECONDS`.
        """
        run = context.dagster_run
        self._wait_for_leftovers(run)
        now = self._instance.get_run_by_id(run.run_id)
        if now is None or now.is_finished:
            _log.info("Run %s ended before it was launched.", run.run_id)
            return
        super().launch_run(context)

    def _health_despite(
        self, error: Exception, run: DagsterRun, job: str, namespace: str
    ) -> CheckRunHealthResult:
        if isinstance(error, ApiException) and error.status == worker_health.NOT_FOUND:
            return worker_health.missing(job, namespace)
        if isinstance(error, ApiException) and error.status == worker_health.FORBIDDEN:
            message = worker_health.explain_forbidden("get", "batch jobs/status", namespace)
            _log.error("%s Run %s counts as running.", message, run.run_id)
        else:
            message = worker_health.explain(error)
            _log.warning("Run %s counts as running: %s.", run.run_id, message)
        return CheckRunHealthResult(WorkerStatus.RUNNING, message)

    def _give_up(self, run: DagsterRun) -> None:
        job, namespace = self._job_of(run)
        try:
            deleted = self._api_client.delete_job(job_name=job, namespace=namespace)
        except (ApiException, *worker_health.NO_CONNECTION) as error:
            # The next launch tries again, and activeDeadlineSeconds ends the Job at the latest.
            _log.warning("Job %s is left behind: %s.", job, worker_health.explain(error))
        else:
            if deleted:
                _log.info("Deleted Job %s of the run that is given up.", job)

    def _wait_for_leftovers(self, run: DagsterRun) -> None:
        _, namespace = self._job_of(run)
        deadline = self.clock() + PATIENCE_SECONDS
        told = False
        while obstacle := self._remove_leftovers(namespace):
            if not told:
                self._instance.report_engine_event(f"Waits: {obstacle}.", run, cls=type(self))
                told = True
            if self.clock() >= deadline:
                raise LeftoverError(f"Not launched after {PATIENCE_SECONDS:.0f} s: {obstacle}.")
            self.sleep(RETRY_INTERVAL_SECONDS)

    def _remove_leftovers(self, namespace: str) -> str | None:
        """Deletes what ended runs left behind; returns what is still in the way, if anything."""
        client: Any = self._api_client
        try:
            live = leftovers.live_workers(client.batch_api, client.core_api, namespace)
            found = leftovers.of_ended_runs(self._instance, live)
            for job in sorted({one.job_name for one in found if not one.being_deleted}):
                client.delete_job(job_name=job, namespace=namespace)
        except (ApiException, *worker_health.NO_CONNECTION) as error:
            if worker_health.is_unanswered(error):
                return worker_health.explain(error)
            raise
        if not found:
            return None
        names = ", ".join(f"{one.kind} {one.name}" for one in found)
        return (
            f"{names} of a run that has ended must be gone first (if its node is gone for good: "
            f"`kubectl delete pod -n {namespace} --force NAME`)"
        )

    def _job_of(self, run: DagsterRun) -> tuple[str, str]:
        attempt = self._get_resume_attempt_number(run)
        name: str = get_job_name_from_run_id(  # type: ignore[no-untyped-call]
            run.run_id, resume_attempt_number=attempt
        )
        return name, self.get_container_context_for_run(run).namespace or self.job_namespace
