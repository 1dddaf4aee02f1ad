"""What the API server says of a run's Job, and what follows from it."""

from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from kubernetes.client import V1JobStatus
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

# No answer, as the Kubernetes client reports it. An ApiException is an answer, if not always one
# about the Job.
NO_CONNECTION = (HTTPError, OSError)

NOT_FOUND = 404
FORBIDDEN = 403

_ENDED = frozenset({"Complete", "Failed"})


def judge(job: V1JobStatus) -> CheckRunHealthResult:
    """Judges the Job of a run that has not ended.

    A pod that is being stopped counts as running: it still reports its end itself, and a retry must
    not start beside it.

    Args:
        job: The Job's status.
    """
    if job.active or job.terminating:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    ended = [condition for condition in job.conditions or [] if condition.type in _ENDED]
    if not (ended or job.failed or job.succeeded):
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    why = "".join(f" {end.reason}: {end.message}." for end in ended if end.reason and end.message)
    return CheckRunHealthResult(
        WorkerStatus.FAILED, f"The run's pod ended without reporting the run's end.{why}"
    )


def missing(job_name: str, namespace: str) -> CheckRunHealthResult:
    """Judges a run whose Job does not exist."""
    return CheckRunHealthResult(
        WorkerStatus.FAILED,
        f"Job {job_name} does not exist in namespace {namespace}: it was deleted.",
    )


def is_unanswered(error: Exception) -> bool:
    """Says whether asking again may bring an answer: no connection, overload, a server's error.

    401 is one: some clusters answer it for moments while they renew their keys.
    """
    if isinstance(error, ApiException):
        return error.status in {None, 0, 401, 408, 429} or error.status >= 500
    return isinstance(error, NO_CONNECTION)


def explain(error: Exception) -> str:
    """Says in one line what went wrong; the client's own texts are pages of headers."""
    if isinstance(error, ApiException):
        return f"the API server answers {error.status} {error.reason}"
    return f"no answer from the API server ({type(error).__name__})"


def explain_forbidden(verb: str, resource: str, namespace: str) -> str:
    """Names the rule that is missing from the ServiceAccount's Role."""
    group, _, name = resource.rpartition(" ")
    return (
        f"The API server forbids `{verb}` on {name} in namespace {namespace}. Give the daemon's "
        f'ServiceAccount a Role with apiGroups: ["{group}"], resources: ["{name}"], '
        f'verbs: ["{verb}"].'
    )
