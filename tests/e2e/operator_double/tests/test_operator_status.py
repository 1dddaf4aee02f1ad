"""Phases from pods and StatefulSets."""

import pytest
from operator_double.kinds import BACK_END, FRONT_END
from operator_double.manifest import Manifest, SyncError
from operator_double.status import cluster_status, component_status, failed, rollout_reason


def pod(name: str, phase: str = "Running", *ready: bool) -> Manifest:
    return {
        "metadata": {"name": name},
        "status": {"phase": phase, "containerStatuses": [{"ready": each} for each in ready]},
    }


def stateful_set(wanted: int = 1, **status: int) -> Manifest:
    counts = {"observedGeneration": 1, "readyReplicas": wanted, "updatedReplicas": wanted}
    return {
        "metadata": {"generation": 1},
        "spec": {"replicas": wanted},
        "status": counts | status,
    }


def test_running() -> None:
    found = component_status(FRONT_END, "shop", stateful_set(), [pod("shop-fe-0", "Running", True)])
    assert found == {
        "phase": "running",
        "reason": "",
        "serviceName": "shop-fe-service",
        "resourceNames": ["shop-fe"],
        "runningInstances": ["shop-fe-0"],
        "creatingInstances": [],
        "failedInstances": [],
    }


def test_every_kind_of_pod() -> None:
    pods = [
        pod("d", "Failed", False),
        pod("c", "Pending"),
        pod("b", "Running", True, False),
        pod("a", "Running", True, True),
        pod("e", "Unknown"),
    ]
    found = component_status(BACK_END, "shop", stateful_set(5), pods)
    assert found == {
        "phase": "failed",
        "reason": "failed pods: d, e",
        "serviceName": "shop-be-service",
        "resourceNames": ["shop-be"],
        "runningInstances": ["a"],
        "creatingInstances": ["b", "c"],
        "failedInstances": ["d", "e"],
    }


def test_crash_loop_and_missing_image_are_not_failures() -> None:
    # such a pod is Running or Pending all the while
    found = component_status(
        BACK_END, "shop", stateful_set(2), [pod("a", "Running", False), pod("b", "Pending", False)]
    )
    assert (found["phase"], found["reason"]) == ("reconciling", "pods that are not ready: a, b")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (stateful_set(2), ""),
        (stateful_set(0), ""),
        (stateful_set(1, observedGeneration=0), "the StatefulSet's change is not observed yet"),
        (stateful_set(2, readyReplicas=1), "1 of 2 pods are ready"),
        (stateful_set(2, updatedReplicas=1), "1 of 2 pods are updated"),
    ],
)
def test_rollout(found: Manifest, reason: str) -> None:
    assert rollout_reason(found) == reason
    status = component_status(FRONT_END, "shop", found, [])
    assert (status["phase"], status["reason"]) == ("reconciling" if reason else "running", reason)


def test_partition_is_left_out_of_the_rollout() -> None:
    found = stateful_set(3, updatedReplicas=1)
    found["spec"]["updateStrategy"] = {"rollingUpdate": {"partition": 2}}
    assert rollout_reason(found) == ""


def test_stateful_set_that_is_not_there() -> None:
    found = component_status(BACK_END, "shop", None, [])
    assert (found["phase"], found["reason"]) == (
        "reconciling",
        "the StatefulSet does not exist yet",
    )


def test_update_strategy_on_delete() -> None:
    found = stateful_set()
    found["spec"]["updateStrategy"] = {"type": "OnDelete"}
    with pytest.raises(SyncError, match="OnDelete"):
        component_status(FRONT_END, "shop", found, [])


def test_cluster_is_as_its_first_component_that_does_not_run() -> None:
    def status(phase: str) -> Manifest:
        return {"phase": phase, "reason": phase.upper() if phase != "running" else ""}

    running, late, broken = (status(each) for each in ("running", "reconciling", "failed"))
    assert cluster_status([(FRONT_END, running), (BACK_END, running)]) == {
        "phase": "running",
        "reason": "",
        "starRocksFeStatus": running,
        "starRocksBeStatus": running,
    }
    assert cluster_status([(FRONT_END, late), (BACK_END, broken)])["phase"] == "reconciling"
    assert cluster_status([(FRONT_END, running), (BACK_END, broken)])["reason"] == "FAILED"


def test_error_keeps_what_was_known() -> None:
    before = {"phase": "running", "reason": "", "starRocksFeStatus": {"phase": "running"}}
    assert failed(before, "BE", SyncError("no")) == {
        "phase": "failed",
        "reason": "error from BE controller: no",
        "starRocksFeStatus": {"phase": "running"},
    }
