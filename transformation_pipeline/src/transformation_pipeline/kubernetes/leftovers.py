"""Jobs and pods of runs that have ended: given up, while their pod was pending or still at work.

Dagster marks a run as failed or canceled without making sure that its pod is gone: when the pod
does not start in time (dagster-io/dagster#16535, #14833), or when the API server could not be
reached to delete it. A retry would then build beside it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from dagster import DagsterInstance, RunsFilter

RUN_ID_LABEL = "dagster/run-id"
REQUEST_TIMEOUT_SECONDS = (5, 15)

_ENDED_CONDITIONS = frozenset({"Complete", "Failed"})
_ENDED_PHASES = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True)
class Worker:
    """A Job that has not ended, or a pod that has not.

    Attributes:
        run_id: The run it works for.
        kind: `Job` or `Pod`.
        name: Its name.
        job_name: The Job's name, which for a pod may be one that is gone.
        being_deleted: Whether it was already told to end.
    """

    run_id: str
    kind: str
    name: str
    job_name: str
    being_deleted: bool


def live_workers(batch_api: Any, core_api: Any, namespace: str) -> list[Worker]:
    """Returns what works, or may still begin to, for any run in a namespace."""
    # The label alone, any value: pods of a deleted Job included.
    jobs = batch_api.list_namespaced_job(
        namespace, label_selector=RUN_ID_LABEL, _request_timeout=REQUEST_TIMEOUT_SECONDS
    ).items
    pods = core_api.list_namespaced_pod(
        namespace, label_selector=RUN_ID_LABEL, _request_timeout=REQUEST_TIMEOUT_SECONDS
    ).items
    return [
        *(_worker("Job", job, job.metadata.name) for job in jobs if not _job_ended(job)),
        *(
            _worker("Pod", pod, pod.metadata.labels.get("job-name", ""))
            for pod in pods
            if pod.status.phase not in _ENDED_PHASES
        ),
    ]


def of_ended_runs(instance: DagsterInstance, workers: Iterable[Worker]) -> list[Worker]:
    """Returns the workers whose runs this instance knows and has seen end.

    Another instance may share the namespace: what works for a run that is unknown here is not ours.
    """
    workers = list(workers)
    ended = _ended(instance, {worker.run_id for worker in workers})
    return [worker for worker in workers if worker.run_id in ended]


def _ended(instance: DagsterInstance, run_ids: Collection[str]) -> set[str]:
    if not run_ids:
        return set()
    runs = instance.get_runs(RunsFilter(run_ids=list(run_ids)))
    return {run.run_id for run in runs if run.is_finished}


def _job_ended(job: Any) -> bool:
    conditions = job.status.conditions or []
    return any(one.type in _ENDED_CONDITIONS and one.status == "True" for one in conditions)


def _worker(kind: str, found: Any, job_name: str) -> Worker:
    return Worker(
        run_id=found.metadata.labels[RUN_ID_LABEL],
        kind=kind,
        name=found.metadata.name,
        job_name=job_name,
        being_deleted=found.metadata.deletion_timestamp is not None,
    )
