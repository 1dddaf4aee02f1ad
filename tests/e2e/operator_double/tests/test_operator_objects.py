"""Whole objects, held against what operator v1.11.5 creates (names, labels, ports, env, probes)."""

import json

import pytest
from example_clusters import FULL, OWNER, component
from operator_double.kinds import BACK_END, FRONT_END
from operator_double.manifest import Manifest, SyncError
from operator_double.objects import objects, search_service, service, stateful_set


def health(port: int, threshold: int) -> Manifest:
    return {
        "httpGet": {"path": "/api/health", "port": port},
        "periodSeconds": 5,
        "failureThreshold": threshold,
    }


def field(name: str, path: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


POD_FIELDS = [
    field("POD_NAME", "metadata.name"),
    field("POD_IP", "status.podIP"),
    field("HOST_IP", "status.hostIP"),
    field("POD_NAMESPACE", "metadata.namespace"),
]


def metadata(name: str, kind: str) -> Manifest:
    return {
        "name": name,
        "namespace": "retail",
        "labels": {
            "app.kubernetes.io/component": kind,
            "app.starrocks.ownerreference/name": "shop",
        },
        "ownerReferences": [OWNER],
    }


def pod_labels(kind: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/component": kind,
        "app.starrocks.ownerreference/name": f"shop-{kind}",
    }


def test_smallest_front_end() -> None:
    assert stateful_set(component(FRONT_END)) == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata("shop-fe", "fe"),
        "spec": {
            "replicas": 1,
            "serviceName": "shop-fe-search",
            "podManagementPolicy": "Parallel",
            "updateStrategy": {"type": "RollingUpdate"},
            "selector": {"matchLabels": pod_labels("fe")},
            "template": {
                "metadata": {"labels": pod_labels("fe")},
                "spec": {
                    "automountServiceAccountToken": False,
                    "terminationGracePeriodSeconds": 120,
                    "securityContext": {"fsGroupChangePolicy": "OnRootMismatch"},
                    "volumes": [
                        {"name": "fe-meta", "emptyDir": {}},
                        {"name": "fe-log", "emptyDir": {}},
                    ],
                    "containers": [
                        {
                            "name": "fe",
                            "image": "starrocks/fe-ubuntu:4.0.0",
                            "imagePullPolicy": "IfNotPresent",
                            "command": ["/opt/starrocks/fe_entrypoint.sh"],
                            "args": ["$(FE_SERVICE_NAME)"],
                            "env": [
                                *POD_FIELDS,
                                {"name": "HOST_TYPE", "value": "FQDN"},
                                {"name": "COMPONENT_NAME", "value": "fe"},
                                {"name": "FE_SERVICE_NAME", "value": "shop-fe-service.retail"},
                            ],
                            "ports": [
                                {"name": "http-port", "containerPort": 8030},
                                {"name": "rpc-port", "containerPort": 9020},
                                {"name": "query-port", "containerPort": 9030},
                            ],
                            "resources": {},
                            "volumeMounts": [
                                {"name": "fe-meta", "mountPath": "/opt/starrocks/fe/meta"},
                                {"name": "fe-log", "mountPath": "/opt/starrocks/fe/log"},
                            ],
                            "securityContext": {"allowPrivilegeEscalation": False},
                            "lifecycle": {
                                "preStop": {
                                    "exec": {
                                        "command": [
                                            "/bin/bash",
                                            "-c",
                                            "/opt/starrocks/fe/bin/stop_fe.sh -g",
                                        ]
                                    }
                                }
                            },
                            "startupProbe": health(8030, 60),
                            "livenessProbe": health(8030, 3),
                            "readinessProbe": health(8030, 3),
                        }
                    ],
                },
            },
        },
    }


def test_smallest_back_end() -> None:
    found = stateful_set(component(BACK_END))
    assert found["metadata"] == metadata("shop-be", "be")
    assert found["spec"]["serviceName"] == "shop-be-search"
    assert found["spec"]["selector"] == {"matchLabels": pod_labels("be")}
    pod = found["spec"]["template"]["spec"]
    assert pod["volumes"] == [
        {"name": "be-storage", "emptyDir": {}},
        {"name": "be-log", "emptyDir": {}},
    ]
    assert pod["containers"] == [
        {
            "name": "be",
            "image": "starrocks/be-ubuntu:4.0.0",
            "imagePullPolicy": "IfNotPresent",
            "command": ["/opt/starrocks/be_entrypoint.sh"],
            "args": ["$(FE_SERVICE_NAME)"],
            "env": [
                *POD_FIELDS,
                {"name": "HOST_TYPE", "value": "FQDN"},
                {"name": "COMPONENT_NAME", "value": "be"},
                {"name": "FE_SERVICE_NAME", "value": "shop-fe-service"},
                {"name": "FE_QUERY_PORT", "value": "9030"},
            ],
            "ports": [
                {"name": "be-port", "containerPort": 9060},
                {"name": "webserver-port", "containerPort": 8040},
                {"name": "heartbeat-port", "containerPort": 9050},
                {"name": "brpc-port", "containerPort": 8060},
            ],
            "resources": {},
            "volumeMounts": [
                {"name": "be-storage", "mountPath": "/opt/starrocks/be/storage"},
                {"name": "be-log", "mountPath": "/opt/starrocks/be/log"},
            ],
            "securityContext": {"allowPrivilegeEscalation": False},
            "lifecycle": {
                "preStop": {
                    "exec": {"command": ["/bin/bash", "-c", "/opt/starrocks/be/bin/stop_be.sh -g"]}
                }
            },
            "startupProbe": health(8040, 60),
            "livenessProbe": health(8040, 3),
            "readinessProbe": health(8040, 3),
        }
    ]


def test_front_end_that_says_everything() -> None:
    found = stateful_set(component(FRONT_END, FULL, http_port="18030"))["spec"]
    volumes = found["template"]["spec"].pop("volumes")
    mounts = found["template"]["spec"]["containers"][0].pop("volumeMounts")
    conf, scripts, certificate = (volume["name"] for volume in volumes[1:])
    assert [name[:-5] for name in (conf, scripts, certificate)] == [
        "shop-fe-conf",
        "scripts",
        "certificate",
    ]
    assert volumes == [
        {"name": "logs", "emptyDir": {}},
        {"name": conf, "configMap": {"name": "shop-fe-conf"}},
        {"name": scripts, "configMap": {"name": "scripts"}},
        {"name": certificate, "secret": {"secretName": "certificate"}},
    ]
    assert mounts == [
        {"name": "fe-meta", "mountPath": "/opt/starrocks/fe/meta"},
        {"name": "logs", "mountPath": "/opt/starrocks/fe/log", "subPath": "fe"},
        {"name": "extra", "mountPath": "/extra", "subPath": "x"},
        {"name": conf, "mountPath": "/etc/starrocks/fe/conf"},
        {"name": scripts, "mountPath": "/scripts/a.sh", "subPath": "a.sh"},
        {"name": certificate, "mountPath": "/certificate"},
    ]
    assert found == {
        "replicas": 3,
        "serviceName": "shop-fe-search",
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
        "minReadySeconds": 5,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"},
        "selector": {"matchLabels": pod_labels("fe")},
        "volumeClaimTemplates": [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "fe-meta"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "10Gi"}},
                },
            },
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "extra"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "storageClassName": "fast",
                    "resources": {"requests": {"storage": "5Gi"}},
                },
            },
        ],
        "template": {
            "metadata": {
                "labels": {"team": "shop", **pod_labels("fe")},
                "annotations": {"checksum/conf": "abc"},
            },
            "spec": {
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 60,
                "securityContext": {
                    "fsGroup": 1000,
                    "fsGroupChangePolicy": "OnRootMismatch",
                    "sysctls": FULL["sysctls"],
                },
                "initContainers": FULL["initContainers"],
                "serviceAccountName": "warehouse",
                "imagePullSecrets": [{"name": "pull"}],
                "nodeSelector": {"disk": "ssd"},
                "affinity": {"podAntiAffinity": {}},
                "tolerations": FULL["tolerations"],
                "topologySpreadConstraints": [{"maxSkew": 1}],
                "schedulerName": "other",
                "hostAliases": FULL["hostAliases"],
                "shareProcessNamespace": True,
                "containers": [
                    {
                        "name": "fe",
                        "image": "registry.example.com/starrocks/fe:4.0.0",
                        "imagePullPolicy": "Always",
                        "command": ["/bin/start"],
                        "args": ["--now"],
                        "env": [
                            *FULL["feEnvVars"],
                            *POD_FIELDS,
                            {"name": "COMPONENT_NAME", "value": "fe"},
                            {"name": "FE_SERVICE_NAME", "value": "shop-fe-service.retail"},
                            {"name": "CONFIGMAP_MOUNT_PATH", "value": "/etc/starrocks/fe/conf"},
                        ],
                        "ports": [
                            {"name": "http-port", "containerPort": 18030},
                            {"name": "rpc-port", "containerPort": 9020},
                            {"name": "query-port", "containerPort": 9030},
                        ],
                        "resources": {
                            "requests": {"cpu": "1", "memory": "2Gi"},
                            "limits": {"memory": "2Gi"},
                        },
                        "securityContext": {
                            "runAsNonRoot": True,
                            "runAsUser": 1000,
                            "runAsGroup": 1000,
                            "allowPrivilegeEscalation": False,
                            "readOnlyRootFilesystem": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                        "lifecycle": {
                            "preStop": {
                                "exec": {
                                    "command": [
                                        "/bin/bash",
                                        "-c",
                                        "/opt/starrocks/fe/bin/stop_fe.sh -g",
                                    ]
                                }
                            },
                            "postStart": {"exec": {"command": ["true"]}},
                        },
                        "startupProbe": health(18030, 121),
                        "readinessProbe": health(18030, 4),
                    },
                    {"name": "sidecar", "image": "sidecar:1"},
                ],
            },
        },
    }


def test_services_of_the_front_end() -> None:
    front_end = component(FRONT_END)
    assert search_service(front_end) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata("shop-fe-search", "fe"),
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": pod_labels("fe"),
            "ports": [{"name": "query-port", "port": 9030, "targetPort": 9030}],
        },
    }
    assert service(front_end) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata("shop-fe-service", "fe"),
        "spec": {
            "type": "ClusterIP",
            "selector": pod_labels("fe"),
            "ports": [
                {"name": "http", "port": 8030, "targetPort": 8030},
                {"name": "rpc", "port": 9020, "targetPort": 9020},
                {"name": "query", "port": 9030, "targetPort": 9030, "appProtocol": "mysql"},
                {"name": "edit-log", "port": 9010, "targetPort": 9010},
            ],
        },
    }


def test_services_of_the_back_end() -> None:
    back_end = component(BACK_END, {}, be_http_port="18040")
    assert search_service(back_end)["spec"] == {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": pod_labels("be"),
        "ports": [{"name": "heartbeat", "port": 9050, "targetPort": 9050}],
    }
    assert service(back_end)["spec"] == {
        "type": "ClusterIP",
        "selector": pod_labels("be"),
        "ports": [
            {"name": "be", "port": 9060, "targetPort": 9060},
            {"name": "webserver", "port": 18040, "targetPort": 18040},
            {"name": "heartbeat", "port": 9050, "targetPort": 9050},
            {"name": "brpc", "port": 8060, "targetPort": 8060},
        ],
    }


def test_service_as_the_user_wishes() -> None:
    found = service(component(FRONT_END, FULL))
    assert found["metadata"] == {
        **metadata("shop-fe-service", "fe"),
        "labels": {"l": "1", **metadata("", "fe")["labels"]},
        "annotations": {"a": "1"},
    }
    assert found["spec"] == {
        "type": "NodePort",
        "selector": pod_labels("fe"),
        "loadBalancerIP": "192.0.2.1",
        "loadBalancerSourceRanges": ["192.0.2.0/24"],
        "ports": [
            {"name": "http", "port": 80, "targetPort": 8030},
            {"name": "rpc", "port": 9020, "targetPort": 9020},
            {
                "name": "query",
                "port": 3306,
                "targetPort": 9030,
                "nodePort": 30030,
                "appProtocol": "mysql",
            },
            {"name": "edit-log", "port": 9010, "targetPort": 9010},
        ],
    }


def test_arrow_flight_exists_where_it_is_configured() -> None:
    back_end = component(BACK_END, {}, arrow_flight_port="9419")
    flight = {"name": "arrow-flight", "port": 9419, "targetPort": 9419}
    assert flight in search_service(back_end)["spec"]["ports"]
    assert flight in service(back_end)["spec"]["ports"]


def test_storage_that_counts_as_a_default_folder() -> None:
    by_name = {"name": "my-meta", "storageSize": "1Gi", "mountPath": "/elsewhere"}
    by_path = {"name": "x", "storageSize": "1Gi", "mountPath": "/opt/starrocks/fe/log"}
    found = stateful_set(component(FRONT_END, {"storageVolumes": [by_name, by_path]}))["spec"]
    assert "volumes" not in found["template"]["spec"]


def test_claim_without_a_size() -> None:
    entry = {"name": "fe-meta", "mountPath": "/opt/starrocks/fe/meta"}
    with pytest.raises(SyncError, match=r"'fe-meta' has no storageSize"):
        stateful_set(component(FRONT_END, {"storageVolumes": [entry]}))


def test_half_of_config_map_info_counts_for_nothing() -> None:
    for half in ({"configMapName": "conf"}, {"resolveKey": "fe.conf"}):
        assert stateful_set(component(FRONT_END, {"configMapInfo": half})) == stateful_set(
            component(FRONT_END)
        )


def test_root_moves_every_path() -> None:
    variables = [{"name": "STARROCKS_ROOT", "value": "/data/sr"}]
    pod = stateful_set(component(BACK_END, {"beEnvVars": variables}))["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["workingDir"] == "/data/sr"
    assert container["command"] == ["/data/sr/be_entrypoint.sh"]
    assert container["lifecycle"]["preStop"]["exec"]["command"][-1] == (
        "/data/sr/be/bin/stop_be.sh -g"
    )
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [
        "/data/sr/be/storage",
        "/data/sr/be/log",
    ]


@pytest.mark.parametrize(
    ("image", "flag"),
    [
        ("be:3.3.18", ""),
        ("be:3.3.19", " -g"),
        ("be:3.4.7", ""),
        ("be:3.4.8", " -g"),
        ("be:3.5.5", ""),
        ("be:3.5.6", " -g"),
        ("be:v3.5.5-rc01", ""),
        ("be:3.2.1", " -g"),
        ("be:4.0.0", " -g"),
        ("retail-analytics/warehouse:0.1.0", " -g"),
        ("localhost:5000/be:3.5.5", ""),
        ("localhost:5000/be", " -g"),
        ("be:latest", " -g"),
        ("be:3.5.5@sha256:0", " -g"),
    ],
)
def test_stop_hook_of_a_back_end(image: str, flag: str) -> None:
    found = stateful_set(component(BACK_END, {"image": image}))
    (container,) = found["spec"]["template"]["spec"]["containers"]
    hook = container["lifecycle"]["preStop"]["exec"]["command"]
    assert hook == ["/bin/bash", "-c", f"/opt/starrocks/be/bin/stop_be.sh{flag}"]


def test_own_stop_hook_replaces_the_default_one() -> None:
    mine = {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    found = stateful_set(component(FRONT_END, {"lifecycle": mine}))
    assert found["spec"]["template"]["spec"]["containers"][0]["lifecycle"] == mine


def test_annotations_that_show_a_change() -> None:
    first, again, changed = (
        objects(component(FRONT_END, spec))[0] for spec in ({}, {}, {"replicas": 3})
    )
    assert first == again
    annotations = first["metadata"]["annotations"]
    assert sorted(annotations) == [
        "app.starrocks.components/hash",
        "starrocks.kubernetes.operator/last-applied-configuration",
    ]
    assert changed["metadata"]["annotations"] != annotations
    applied = annotations["starrocks.kubernetes.operator/last-applied-configuration"]
    assert json.loads(applied) == stateful_set(component(FRONT_END))


def test_order_of_objects() -> None:
    assert [each["metadata"]["name"] for each in objects(component(FRONT_END))] == [
        "shop-fe",
        "shop-fe-search",
        "shop-fe-service",
    ]
