"""One pass over one cluster: what there is becomes what its spec says, front end first."""

import logging
from typing import Protocol

from operator_double import conf
from operator_double.component import (
    Component,
    conf_source,
    search_name,
    service_name,
    stateful_set_name,
)
from operator_double.kinds import BACK_END, FRONT_END, Kind
from operator_double.manifest import (
    COMPONENT_LABEL,
    HASH_ANNOTATION,
    OWNER_LABEL,
    Manifest,
    SyncError,
)
from operator_double.objects import objects
from operator_double.status import cluster_status, component_status, failed, rollout_reason

LOG = logging.getLogger(__name__)


class Cluster(Protocol):
    """What a pass needs of Kubernetes."""

    def read(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """An object, or None where there is none."""

    def create(self, manifest: Manifest) -> None:
        """Create an object."""

    def replace(self, manifest: Manifest) -> None:
        """Replace an object; a SyncError where Kubernetes forbids the change."""

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object."""

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Manifest]:
        """The pods with these labels."""


def reconcile(kubernetes: Cluster, cluster: Manifest) -> tuple[Manifest, bool]:
    """Bring a cluster's objects to what its spec says.

    Returns:
        The cluster's status, and whether an error stopped the pass.
    """
    title = FRONT_END.title
    try:
        fe_settings = settings(kubernetes, cluster, FRONT_END)
        sync(kubernetes, Component(FRONT_END, cluster, fe_settings, fe_settings))
        title = BACK_END.title
        if BACK_END.spec_key not in cluster["spec"]:
            remove(kubernetes, cluster, BACK_END)
        elif front_end_serves(kubernetes, cluster):
            be_settings = settings(kubernetes, cluster, BACK_END)
            sync(kubernetes, Component(BACK_END, cluster, be_settings, fe_settings))
        title = "CN"
        if "starRocksCnSpec" in cluster["spec"]:
            raise SyncError("this test double knows no compute nodes; remove starRocksCnSpec")
        components = []
        for kind in (FRONT_END, BACK_END):
            title = kind.title
            if kind.spec_key in cluster["spec"]:
                components.append((kind, observe(kubernetes, cluster, kind)))
    except SyncError as error:
        return failed(cluster.get("status", {}), title, error), True
    return cluster_status(components), False


def settings(kubernetes: Cluster, cluster: Manifest, kind: Kind) -> dict[str, str]:
    """A component's configuration; a ConfigMap or key that is missing means the defaults."""
    source = conf_source(cluster["spec"][kind.spec_key], kind)
    if source is None:
        return {}
    name, key = source
    found = kubernetes.read("ConfigMap", cluster["metadata"]["namespace"], name)
    return conf.parse((found or {}).get("data", {}).get(key, ""))


def sync(kubernetes: Cluster, component: Component) -> None:
    """Create what is missing of a component and replace what has changed."""
    present = kubernetes.read("StatefulSet", component.namespace, component.name)
    if (
        component.kind is FRONT_END
        and present is not None
        and present["spec"].get("replicas", 1) > 1
        and component.replicas == 1
    ):
        raise SyncError("a front end of more than one can not be scaled to 1")
    for wanted in objects(component):
        apply(kubernetes, wanted)


def apply(kubernetes: Cluster, wanted: Manifest) -> None:
    """Create an object, or replace it where its hash differs."""
    kind, metadata = wanted["kind"], wanted["metadata"]
    present = kubernetes.read(kind, metadata["namespace"], metadata["name"])
    label = f"{kind} {metadata['namespace']}/{metadata['name']}"
    if present is None:
        LOG.info("creating %s", label)
        kubernetes.create(wanted)
        return
    owners = [owner["uid"] for owner in present["metadata"].get("ownerReferences", [])]
    if metadata["ownerReferences"][0]["uid"] not in owners:
        raise SyncError(f"{label} exists and belongs to something else")
    annotations = present["metadata"].get("annotations", {})
    if annotations.get(HASH_ANNOTATION) == metadata["annotations"][HASH_ANNOTATION]:
        return
    LOG.info("replacing %s", label)
    kubernetes.replace(_over(present, wanted))


def _over(present: Manifest, wanted: Manifest) -> Manifest:
    """The wanted object with what others have noted on the present one."""
    before, after = present["metadata"], wanted["metadata"]
    return wanted | {
        "metadata": after
        | {
            "resourceVersion": before["resourceVersion"],
            "labels": before.get("labels", {}) | after["labels"],
            "annotations": before.get("annotations", {}) | after["annotations"],
        }
    }


def remove(kubernetes: Cluster, cluster: Manifest, kind: Kind) -> None:
    """Delete the objects of a component that the spec no longer has."""
    name, namespace = cluster["metadata"]["name"], cluster["metadata"]["namespace"]
    for object_kind, object_name in (
        ("StatefulSet", stateful_set_name(name, kind)),
        ("Service", search_name(name, kind)),
        ("Service", service_name(name, kind)),
    ):
        present = kubernetes.read(object_kind, namespace, object_name)
        owners = (present or {}).get("metadata", {}).get("ownerReferences", [])
        if any(owner["uid"] == cluster["metadata"]["uid"] for owner in owners):
            LOG.info("deleting %s %s/%s", object_kind, namespace, object_name)
            kubernetes.delete(object_kind, namespace, object_name)


def front_end_serves(kubernetes: Cluster, cluster: Manifest) -> bool:
    """Whether the front end's Endpoints are ready; if asked for, its rollout is over."""
    name, namespace = cluster["metadata"]["name"], cluster["metadata"]["namespace"]
    endpoints = kubernetes.read("Endpoints", namespace, service_name(name, FRONT_END))
    if not any(subset.get("addresses") for subset in (endpoints or {}).get("subsets") or []):
        return False
    if not cluster["spec"].get("waitForFullRollout"):
        return True
    stateful_set = kubernetes.read("StatefulSet", namespace, stateful_set_name(name, FRONT_END))
    if stateful_set is None or rollout_reason(stateful_set):
        return False
    status = stateful_set["status"]
    return bool(status.get("currentRevision") == status.get("updateRevision"))


def observe(kubernetes: Cluster, cluster: Manifest, kind: Kind) -> Manifest:
    """A component's status as it is now."""
    name, namespace = cluster["metadata"]["name"], cluster["metadata"]["namespace"]
    own = stateful_set_name(name, kind)
    return component_status(
        kind,
        name,
        kubernetes.read("StatefulSet", namespace, own),
        kubernetes.pods(namespace, {COMPONENT_LABEL: kind.name, OWNER_LABEL: own}),
    )
