"""A test double of the Kubernetes API: Jobs and pods of one namespace, kept in memory.

It stands for `BatchV1Api` and `CoreV1Api` at once, with the calls that the launcher makes and no
others. Its objects are the client's own models.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from kubernetes.client import (
    V1Job,
    V1JobCondition,
    V1JobStatus,
    V1ObjectMeta,
    V1Pod,
    V1PodSpec,
    V1PodStatus,
)
from kubernetes.client.exceptions import ApiException

NAMESPACE = "retail"
START = datetime(2026, 11, 24, tzinfo=UTC)


class Items(list[Any]):
    @property
    def items(self) -> Any:
        return list(self)


class FakeApi:
    """The double.

    Attributes:
        jobs: The Jobs, by name.
        pods: The pods, by name.
        calls: Verb, resource and name of each call, in order.
        answers: Errors to raise instead of an answer, by verb and resource; called once per call.
        stubborn: Names of pods that stay when they are deleted, as those of a dead node do.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, V1Job] = {}
        self.pods: dict[str, V1Pod] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.answers: dict[tuple[str, str], Callable[[], Exception | None]] = {}
        self.stubborn: set[str] = set()

    def add(
        self, run_id: str, phase: str = "Running", job: bool = True, **counts: int
    ) -> tuple[str, str]:
        """Adds a run's Job and its pod; returns their names."""
        job_name, pod_name = f"dagster-run-{run_id}", f"dagster-run-{run_id}-abcde"
        labels = {"dagster/run-id": run_id, "job-name": job_name}
        if job:
            self.jobs[job_name] = V1Job(
                metadata=V1ObjectMeta(name=job_name, labels=labels),
                status=V1JobStatus(start_time=START, **(counts or {"active": 1})),
            )
        self.pods[pod_name] = V1Pod(
            metadata=V1ObjectMeta(name=pod_name, labels=labels),
            spec=V1PodSpec(containers=[]),
            status=V1PodStatus(phase=phase),
        )
        return job_name, pod_name

    # BatchV1Api

    def create_namespaced_job(self, body: V1Job, namespace: str, **_: Any) -> None:
        self._called("create", "jobs", body.metadata.name, namespace)
        if body.metadata.name in self.jobs:
            raise ApiException(409, "Conflict")
        body.status = V1JobStatus(start_time=START, active=1)
        self.jobs[body.metadata.name] = body

    def read_namespaced_job_status(self, name: str, namespace: str, **_: Any) -> V1Job:
        self._called("get", "jobs/status", name, namespace)
        return self._found(self.jobs, name)

    def list_namespaced_job(self, namespace: str, **selectors: str) -> Items:
        self._called("list", "jobs", "", namespace)
        return _selected(self.jobs, **selectors)

    def delete_namespaced_job(self, name: str, namespace: str, **_: Any) -> None:
        self._called("delete", "jobs", name, namespace)
        # Its pods stay, as on the real API when no propagation policy is given.
        del self.jobs[self._found(self.jobs, name).metadata.name]

    # CoreV1Api

    def list_namespaced_pod(self, namespace: str, **selectors: str) -> Items:
        self._called("list", "pods", "", namespace)
        return _selected(self.pods, **selectors)

    def delete_namespaced_pod(self, name: str, namespace: str, **_: Any) -> None:
        self._called("delete", "pods", name, namespace)
        pod = self._found(self.pods, name)
        pod.metadata.deletion_timestamp = START
        if name not in self.stubborn:
            del self.pods[name]

    def list_namespaced_event(self, namespace: str, **_: Any) -> Items:
        self._called("list", "events", "", namespace)
        return Items()

    def _called(self, verb: str, resource: str, name: str, namespace: str) -> None:
        assert namespace == NAMESPACE
        self.calls.append((verb, resource, name))
        error = self.answers.get((verb, resource), lambda: None)()
        if error:
            raise error

    @staticmethod
    def _found(kept: dict[str, Any], name: str) -> Any:
        if name not in kept:
            raise ApiException(404, "Not Found")
        return kept[name]


def deadline_exceeded() -> V1JobStatus:
    """The status of a Job that activeDeadlineSeconds has ended."""
    condition = V1JobCondition(
        type="Failed",
        status="True",
        reason="DeadlineExceeded",
        message="Job was active longer than specified deadline",
    )
    return V1JobStatus(conditions=[condition])


def _selected(
    kept: dict[str, Any],
    label_selector: str = "",
    field_selector: str = "",
    _request_timeout: Any = None,
) -> Items:
    label, _, value = label_selector.partition("=")
    field, _, name = field_selector.partition("=")
    assert field in {"", "metadata.name"}
    return Items(
        one
        for one in kept.values()
        if (not field or one.metadata.name == name)
        and (not label or label in one.metadata.labels)
        and (not value or one.metadata.labels[label] == value)
    )
