"""Passes over a cluster: order, what is written when, what becomes of errors."""

import pytest
from example_clusters import cluster
from fake_kubernetes import FakeKubernetes
from operator_double.manifest import Manifest
from operator_double.reconcile import reconcile

FE_OBJECTS = [
    "create StatefulSet shop-fe",
    "create Service shop-fe-search",
    "create Service shop-fe-service",
]
BE_OBJECTS = [each.replace("-fe", "-be") for each in FE_OBJECTS]


@pytest.fixture
def kubernetes() -> FakeKubernetes:
    return FakeKubernetes()


def phases(status: Manifest) -> tuple[str, ...]:
    parts = ("starRocksFeStatus", "starRocksBeStatus")
    return (status["phase"], *(status[part]["phase"] for part in parts if part in status))


def bring_up(kubernetes: FakeKubernetes, resource: Manifest) -> None:
    reconcile(kubernetes, resource)
    kubernetes.settle("shop-fe")
    kubernetes.serve("shop-fe-service")
    if "starRocksBeSpec" in resource["spec"]:
        reconcile(kubernetes, resource)
        kubernetes.settle("shop-be")
    status, failed = reconcile(kubernetes, resource)
    assert (status["phase"], failed) == ("running", False)
    kubernetes.took()


def test_back_end_waits_for_the_front_ends_endpoints(kubernetes: FakeKubernetes) -> None:
    resource = cluster(be={})
    status, _ = reconcile(kubernetes, resource)
    assert kubernetes.took() == FE_OBJECTS
    assert phases(status) == ("reconciling", "reconciling", "reconciling")

    kubernetes.settle("shop-fe")
    kubernetes.add("Endpoints", "shop-fe-service", subsets=[{"notReadyAddresses": [{}]}])
    status, _ = reconcile(kubernetes, resource)
    assert kubernetes.took() == []
    assert phases(status) == ("reconciling", "running", "reconciling")

    kubernetes.serve("shop-fe-service")
    status, _ = reconcile(kubernetes, resource)
    assert kubernetes.took() == BE_OBJECTS
    assert phases(status) == ("reconciling", "running", "reconciling")

    kubernetes.settle("shop-be")
    status, _ = reconcile(kubernetes, resource)
    assert kubernetes.took() == []
    assert phases(status) == ("running", "running", "running")


def test_full_rollout_is_waited_for_when_asked(kubernetes: FakeKubernetes) -> None:
    resource = cluster(be={}, waitForFullRollout=True)
    reconcile(kubernetes, resource)
    kubernetes.serve("shop-fe-service")
    kubernetes.took()
    reconcile(kubernetes, resource)
    assert kubernetes.took() == []

    kubernetes.settle("shop-fe")
    kubernetes.objects[("StatefulSet", "shop-fe")]["status"]["currentRevision"] = "r0"
    reconcile(kubernetes, resource)
    assert kubernetes.took() == []

    kubernetes.settle("shop-fe")
    reconcile(kubernetes, resource)
    assert kubernetes.took() == BE_OBJECTS


def test_only_what_changed_is_replaced(kubernetes: FakeKubernetes) -> None:
    bring_up(kubernetes, cluster(be={}))
    reconcile(kubernetes, cluster(be={"image": "be:4.0.1"}))
    assert kubernetes.took() == ["replace StatefulSet shop-be"]


def test_hand_edits_survive_until_the_next_change(kubernetes: FakeKubernetes) -> None:
    resource = cluster()
    bring_up(kubernetes, resource)
    edited = kubernetes.objects[("StatefulSet", "shop-fe")]
    edited["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1
    edited["metadata"]["annotations"]["mine"] = "kept"

    reconcile(kubernetes, resource)
    assert kubernetes.took() == []

    reconcile(kubernetes, cluster({"terminationGracePeriodSeconds": 90}))
    found = kubernetes.objects[("StatefulSet", "shop-fe")]
    assert found["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 90
    assert found["metadata"]["annotations"]["mine"] == "kept"


def test_missing_object_is_made_again(kubernetes: FakeKubernetes) -> None:
    resource = cluster()
    bring_up(kubernetes, resource)
    del kubernetes.objects[("Service", "shop-fe-service")]
    reconcile(kubernetes, resource)
    assert kubernetes.took() == ["create Service shop-fe-service"]


def test_back_end_that_is_taken_out_of_the_spec(kubernetes: FakeKubernetes) -> None:
    bring_up(kubernetes, cluster(be={}))
    status, _ = reconcile(kubernetes, cluster())
    assert kubernetes.took() == [
        "delete StatefulSet shop-be",
        "delete Service shop-be-search",
        "delete Service shop-be-service",
    ]
    assert phases(status) == ("running", "running")


def test_foreign_objects_are_left_alone(kubernetes: FakeKubernetes) -> None:
    kubernetes.add("StatefulSet", "shop-be", spec={"replicas": 1})
    bring_up(kubernetes, cluster())
    assert ("StatefulSet", "shop-be") in kubernetes.objects

    status, failed = reconcile(kubernetes, cluster(be={}))
    assert failed
    assert status["reason"] == (
        "error from BE controller: StatefulSet retail/shop-be exists and belongs to something else"
    )


def test_ports_of_both_confs(kubernetes: FakeKubernetes) -> None:
    kubernetes.add("ConfigMap", "fe", data={"fe.conf": "http_port = 1\nquery_port = 2"})
    kubernetes.add("ConfigMap", "be", data={"be.conf": "be_http_port = 3"})
    bring_up(
        kubernetes,
        cluster(
            {"configMapInfo": {"configMapName": "fe", "resolveKey": "fe.conf"}},
            {"configMapInfo": {"configMapName": "be", "resolveKey": "be.conf"}},
        ),
    )
    front, back = (
        kubernetes.objects[("StatefulSet", name)]["spec"]["template"]["spec"]["containers"][0]
        for name in ("shop-fe", "shop-be")
    )
    assert front["readinessProbe"]["httpGet"]["port"] == 1
    assert back["readinessProbe"]["httpGet"]["port"] == 3
    assert {"name": "FE_QUERY_PORT", "value": "2"} in back["env"]


def test_missing_conf_means_the_default_ports(kubernetes: FakeKubernetes) -> None:
    bring_up(
        kubernetes, cluster({"configMapInfo": {"configMapName": "no", "resolveKey": "fe.conf"}})
    )
    assert ("Service", "shop-fe-service") in kubernetes.objects


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (
            cluster({"replicas": 3}),
            cluster({"replicas": 1}),
            "error from FE controller: a front end of more than one can not be scaled to 1",
        ),
        (
            cluster(),
            cluster({"updateStrategy": {"type": "OnDelete"}}),
            "error from FE controller: no rollout status can be told of the update strategy"
            " OnDelete",
        ),
        (
            cluster(be={}),
            cluster(
                be={"storageVolumes": [{"name": "x", "storageSize": "1Gi", "mountPath": "/x"}]}
            ),
            "error from BE controller: Forbidden: updates to volumeClaimTemplates",
        ),
        (
            cluster(),
            cluster(starRocksCnSpec={"image": "cn"}),
            "error from CN controller: this test double knows no compute nodes;"
            " remove starRocksCnSpec",
        ),
    ],
)
def test_errors_become_reasons(
    kubernetes: FakeKubernetes, before: Manifest, after: Manifest, reason: str
) -> None:
    bring_up(kubernetes, before)
    status, failed = reconcile(kubernetes, after)
    assert (status["phase"], status["reason"], failed) == ("failed", reason, True)


def test_malformed_conf(kubernetes: FakeKubernetes) -> None:
    kubernetes.add("ConfigMap", "fe", data={"fe.conf": "a = ${open"})
    resource = cluster({"configMapInfo": {"configMapName": "fe", "resolveKey": "fe.conf"}})
    status, failed = reconcile(kubernetes, resource)
    assert failed
    assert status["reason"] == (
        "error from FE controller: malformed expression in the value of 'a'"
    )


def test_front_end_may_scale_between_odd_numbers(kubernetes: FakeKubernetes) -> None:
    bring_up(kubernetes, cluster({"replicas": 5}))
    _, failed = reconcile(kubernetes, cluster({"replicas": 3}))
    assert not failed
