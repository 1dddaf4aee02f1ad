"""Kubernetes objects as they travel: JSON."""

from typing import Any

Manifest = dict[str, Any]

GROUP = "starrocks.com"
API_VERSION = f"{GROUP}/v1"
KIND = "StarRocksCluster"

OWNER_LABEL = "app.starrocks.ownerreference/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
HASH_ANNOTATION = "app.starrocks.components/hash"
LAST_APPLIED_ANNOTATION = "starrocks.kubernetes.operator/last-applied-configuration"


class SyncError(Exception):
    """A component cannot be brought to what its resource says; the message becomes the reason."""


def given(**fields: object) -> Manifest:
    """Keep the fields that are set: an absent field and an empty one differ to Kubernetes."""
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}
