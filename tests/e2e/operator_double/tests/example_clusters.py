"""StarRocksClusters that the tests turn into objects."""

import copy
from typing import Any

from operator_double.component import Component
from operator_double.kinds import BACK_END, FRONT_END, Kind
from operator_double.manifest import Manifest

OWNER = {
    "apiVersion": "starrocks.com/v1",
    "kind": "StarRocksCluster",
    "name": "shop",
    "uid": "u-1",
    "controller": True,
    "blockOwnerDeletion": True,
}


def cluster(fe: Manifest | None = None, be: Manifest | None = None, **top: Any) -> Manifest:
    """The cluster `shop` in namespace `retail`; `be=None` leaves the back end out."""
    spec: Manifest = {
        "starRocksFeSpec": {"image": "starrocks/fe-ubuntu:4.0.0", **(fe or {})},
        **top,
    }
    if be is not None:
        spec["starRocksBeSpec"] = {"image": "starrocks/be-ubuntu:4.0.0", **be}
    return {
        "apiVersion": "starrocks.com/v1",
        "kind": "StarRocksCluster",
        "metadata": {
            "name": "shop",
            "namespace": "retail",
            "uid": "u-1",
            "resourceVersion": "1",
        },
        "spec": spec,
    }


def component(kind: Kind, spec: Manifest | None = None, **settings: str) -> Component:
    """A component of that cluster, with settings of its conf file."""
    whole = cluster(spec if kind is FRONT_END else {}, spec or {} if kind is BACK_END else None)
    return Component(kind, whole, settings)


FULL: Manifest = {
    "image": "registry.example.com/starrocks/fe:4.0.0",
    "imagePullPolicy": "Always",
    "imagePullSecrets": [{"name": "pull"}],
    "replicas": 3,
    "requests": {"cpu": "1", "memory": "2Gi"},
    "limits": {"memory": "2Gi"},
    "storageVolumes": [
        {"name": "fe-meta", "storageSize": "10Gi", "mountPath": "/opt/starrocks/fe/meta"},
        {
            "name": "logs",
            "storageClassName": "emptyDir",
            "storageSize": "1Gi",
            "mountPath": "/opt/starrocks/fe/log",
            "subPath": "fe",
        },
        {
            "name": "extra",
            "storageClassName": "fast",
            "storageSize": "5Gi",
            "mountPath": "/extra",
            "subPath": "x",
        },
        {"name": "none", "storageSize": "0Gi", "mountPath": "/none"},
    ],
    "configMapInfo": {"configMapName": "shop-fe-conf", "resolveKey": "fe.conf"},
    "configMaps": [{"name": "scripts", "mountPath": "/scripts/a.sh", "subPath": "a.sh"}],
    "secrets": [{"name": "certificate", "mountPath": "/certificate"}],
    "service": {
        "type": "NodePort",
        "annotations": {"a": "1"},
        "labels": {"l": "1"},
        "loadBalancerIP": "192.0.2.1",
        "loadBalancerSourceRanges": ["192.0.2.0/24"],
        "ports": [
            {"name": "query", "port": 3306, "nodePort": 30030},
            {"containerPort": 8030, "port": 80},
        ],
    },
    "startupProbeFailureSeconds": 601,
    "livenessProbeFailureSeconds": 0,
    "readinessProbeFailureSeconds": 20,
    "feEnvVars": [
        {"name": "TZ", "value": "UTC"},
        {"name": "HOST_TYPE", "value": "IP"},
        {
            "name": "MYSQL_PWD",
            "valueFrom": {"secretKeyRef": {"name": "shop-warehouse", "key": "admin-password"}},
        },
    ],
    "command": ["/bin/start"],
    "args": ["--now"],
    "lifecycle": {"postStart": {"exec": {"command": ["true"]}}},
    "sidecars": [{"name": "sidecar", "image": "sidecar:1"}],
    "initContainers": [{"name": "init", "image": "init:1"}],
    "shareProcessNamespace": True,
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "sysctls": [{"name": "net.core.somaxconn", "value": "1024"}],
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
    "podManagementPolicy": "OrderedReady",
    "terminationGracePeriodSeconds": 60,
    "minReadySeconds": 5,
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Delete"},
    "nodeSelector": {"disk": "ssd"},
    "affinity": {"podAntiAffinity": {}},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "topologySpreadConstraints": [{"maxSkew": 1}],
    "schedulerName": "other",
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}],
    "serviceAccount": "warehouse",
    "podLabels": {"team": "shop"},
    "annotations": {"checksum/conf": "abc"},
}
"""A front end that says something in every field."""


def without(spec: Manifest, *names: str) -> Manifest:
    """A deep copy of a spec without some fields."""
    return {name: value for name, value in copy.deepcopy(spec).items() if name not in names}
