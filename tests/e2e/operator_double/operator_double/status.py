"""A component's status from its StatefulSet and pods, and the cluster's from its components."""

from operator_double.component import service_name, stateful_set_name
from operator_double.kinds import Kind
from operator_double.manifest import Manifest, SyncError

RUNNING, RECONCILING, FAILED = "running", "reconciling", "failed"


def component_status(
    kind: Kind, cluster: str, stateful_set: Manifest | None, pods: list[Manifest]
) -> Manifest:
    """A component's status.

    Raises:
        SyncError: The StatefulSet is updated by hand (OnDelete), of which no status can be told.
    """
    names: dict[str, list[str]] = {"running": [], "creating": [], "failed": []}
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"]["name"])):
        names[pod_state(pod)].append(pod["metadata"]["name"])
    phase, reason = _phase(names, stateful_set)
    return {
        "phase": phase,
        "reason": reason,
        "serviceName": service_name(cluster, kind),
        "resourceNames": [stateful_set_name(cluster, kind)],
        "runningInstances": names["running"],
        "creatingInstances": names["creating"],
        "failedInstances": names["failed"],
    }


def pod_state(pod: Manifest) -> str:
    """How a pod counts: a crash loop or an image that cannot be pulled is `creating`."""
    status: Manifest = pod.get("status", {})
    containers: list[Manifest] = status.get("containerStatuses", [])
    if containers and all(container.get("ready") for container in containers):
        return "running"
    return "creating" if status.get("phase") in ("Running", "Pending") else "failed"


def _phase(names: dict[str, list[str]], stateful_set: Manifest | None) -> tuple[str, str]:
    if stateful_set is None:
        return RECONCILING, "the StatefulSet does not exist yet"
    if stateful_set["spec"].get("updateStrategy", {}).get("type") == "OnDelete":
        raise SyncError("no rollout status can be told of the update strategy OnDelete")
    if names["failed"]:
        return FAILED, f"failed pods: {', '.join(names['failed'])}"
    if names["creating"]:
        return RECONCILING, f"pods that are not ready: {', '.join(names['creating'])}"
    reason = rollout_reason(stateful_set)
    return (RECONCILING, reason) if reason else (RUNNING, "")


def rollout_reason(stateful_set: Manifest) -> str:
    """Why a StatefulSet is not rolled out yet; empty when it is."""
    spec, status = stateful_set["spec"], stateful_set.get("status", {})
    wanted = spec.get("replicas", 1)
    partition = spec.get("updateStrategy", {}).get("rollingUpdate", {}).get("partition", 0)
    if status.get("observedGeneration", 0) < stateful_set["metadata"].get("generation", 0):
        return "the StatefulSet's change is not observed yet"
    if status.get("readyReplicas", 0) < wanted:
        return f"{status.get('readyReplicas', 0)} of {wanted} pods are ready"
    if status.get("updatedReplicas", 0) < wanted - partition:
        return f"{status.get('updatedReplicas', 0)} of {wanted - partition} pods are updated"
    return ""


def cluster_status(components: list[tuple[Kind, Manifest]]) -> Manifest:
    """The cluster's status: that of its first component which is not running."""
    late = next((status for _, status in components if status["phase"] != RUNNING), None)
    return {
        "phase": late["phase"] if late else RUNNING,
        "reason": late["reason"] if late else "",
        **{kind.status_key: status for kind, status in components},
    }


def failed(status: Manifest, title: str, error: Exception) -> Manifest:
    """The last known status, marked failed by a component's error."""
    return {
        **status,
        "phase": FAILED,
        "reason": f"error from {title} controller: {error}",
    }
