"""The StatefulSet and the two Services of a component."""

import hashlib
import json

from operator_double.component import Component
from operator_double.manifest import HASH_ANNOTATION, LAST_APPLIED_ANNOTATION, Manifest, given
from operator_double.pod import template
from operator_double.volumes import storage


def objects(component: Component) -> list[Manifest]:
    """All objects of a component, in the order in which they are applied."""
    return [sealed(build(component)) for build in (stateful_set, search_service, service)]


def stateful_set(component: Component) -> Manifest:
    """The StatefulSet."""
    spec = component.spec
    mounted = storage(component)
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": _metadata(component, component.name),
        "spec": {
            "replicas": component.replicas,
            "serviceName": component.search_name,
            "podManagementPolicy": spec.get("podManagementPolicy", "Parallel"),
            "updateStrategy": spec.get("updateStrategy", {"type": "RollingUpdate"}),
            "selector": {"matchLabels": component.pod_labels},
            "template": template(component, mounted),
            **given(
                volumeClaimTemplates=mounted.claims,
                minReadySeconds=spec.get("minReadySeconds"),
                persistentVolumeClaimRetentionPolicy=_retention(spec),
            ),
        },
    }


def _retention(spec: Manifest) -> Manifest:
    # `whenScaled` is honoured for compute nodes alone
    return given(
        whenDeleted=spec.get("persistentVolumeClaimRetentionPolicy", {}).get("whenDeleted")
    )


def search_service(component: Component) -> Manifest:
    """The headless Service that gives each pod its name, ready or not."""
    ports = component.ports
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(component, component.search_name),
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": component.pod_labels,
            "ports": [
                {"name": name, "port": ports[port], "targetPort": ports[port]}
                for name, port in component.kind.search_ports
                if port in ports
            ],
        },
    }


def service(component: Component) -> Manifest:
    """The Service that clients use."""
    wish: Manifest = component.spec.get("service", {})
    metadata = _metadata(component, component.service_name)
    metadata["labels"] = wish.get("labels", {}) | metadata["labels"]
    metadata |= given(annotations=wish.get("annotations"))
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {
            "type": wish.get("type", "ClusterIP"),
            "selector": component.pod_labels,
            "ports": _service_ports(component, wish.get("ports", [])),
            **given(
                loadBalancerIP=wish.get("loadBalancerIP"),
                loadBalancerSourceRanges=wish.get("loadBalancerSourceRanges"),
            ),
        },
    }


def _service_ports(component: Component, wishes: list[Manifest]) -> list[Manifest]:
    ports = []
    for each in component.kind.ports:
        number = component.ports.get(each.name)
        if number is None:
            continue
        wish = _wish(wishes, each.name, number)
        ports.append(
            given(
                name=each.name,
                port=wish.get("port") or number,
                targetPort=number,
                nodePort=wish.get("nodePort"),
                appProtocol=each.app_protocol,
            )
        )
    return ports


def _wish(wishes: list[Manifest], name: str, number: int) -> Manifest:
    """What the user says about a port: found by container port, else by name."""
    by_number = [wish for wish in wishes if wish.get("containerPort") == number]
    by_name = [wish for wish in wishes if wish.get("name") == name]
    return next(iter([*by_number, *by_name]), {})


def _metadata(component: Component, name: str) -> Manifest:
    return {
        "name": name,
        "namespace": component.namespace,
        "labels": component.object_labels,
        "ownerReferences": [component.owner],
    }


def sealed(manifest: Manifest) -> Manifest:
    """The manifest with the annotations by which a later pass sees whether it changed."""
    text = json.dumps(manifest, sort_keys=True)
    annotations = {
        **manifest["metadata"].get("annotations", {}),
        HASH_ANNOTATION: hashlib.sha256(text.encode()).hexdigest(),
        LAST_APPLIED_ANNOTATION: text,
    }
    return manifest | {"metadata": manifest["metadata"] | {"annotations": annotations}}
