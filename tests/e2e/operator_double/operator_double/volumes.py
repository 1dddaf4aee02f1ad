"""Volumes, their mounts and the claim templates of a component's pods."""

import hashlib
import json
from dataclasses import dataclass, field

from operator_double.component import Component, conf_map
from operator_double.manifest import Manifest, SyncError, given

EMPTY_DIR = "emptyDir"


@dataclass
class Storage:
    """What a pod template and its StatefulSet say about storage."""

    volumes: list[Manifest] = field(default_factory=list)
    mounts: list[Manifest] = field(default_factory=list)
    claims: list[Manifest] = field(default_factory=list)

    def add(self, name: str, path: str, source: Manifest, sub_path: str | None = None) -> None:
        """Add a volume and its mount."""
        self.volumes.append({"name": name, **source})
        self.mounts.append(given(name=name, mountPath=path, subPath=sub_path))

    def claim(self, name: str, entry: Manifest) -> None:
        """Add a claim template and its mount."""
        if not entry.get("storageSize"):
            raise SyncError(f"storageVolumes entry {name!r} has no storageSize")
        self.claims.append(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": name},
                "spec": given(
                    accessModes=["ReadWriteOnce"],
                    storageClassName=entry.get("storageClassName"),
                    resources={"requests": {"storage": entry["storageSize"]}},
                ),
            }
        )
        self.mounts.append(
            given(name=name, mountPath=entry["mountPath"], subPath=entry.get("subPath"))
        )

    def holds(self, words: tuple[str, ...], path: str) -> bool:
        """Whether a mount has this path, or a name that ends with one of the words."""
        return any(m["mountPath"] == path or m["name"].endswith(words) for m in self.mounts)


def storage(component: Component) -> Storage:
    """Everything that is mounted into a component's container."""
    result = Storage()
    spec = component.spec
    for entry in spec.get("storageVolumes", []):
        name, size = entry["name"], entry.get("storageSize", "")
        if size.startswith("0"):
            continue
        if entry.get("storageClassName") == EMPTY_DIR:
            result.add(name, entry["mountPath"], {"emptyDir": {}}, entry.get("subPath"))
        else:
            result.claim(name, entry)
    for folder, words in component.kind.folders:
        path = f"{component.home}/{folder}"
        if not result.holds(words, path):
            result.add(f"{component.kind.name}-{folder}", path, {"emptyDir": {}})
    conf = conf_map(spec)
    if conf and component.conf_mount:
        result.add(
            hashed(conf[0], [component.conf_mount]), component.conf_mount, map_source(conf[0])
        )
    for entry in spec.get("configMaps", []):
        result.add(
            hashed(entry["name"], entry),
            entry["mountPath"],
            map_source(entry["name"]),
            entry.get("subPath"),
        )
    for entry in spec.get("secrets", []):
        source = {"secret": {"secretName": entry["name"]}}
        result.add(hashed(entry["name"], entry), entry["mountPath"], source, entry.get("subPath"))
    return result


def map_source(name: str) -> Manifest:
    """A volume's source: a ConfigMap."""
    return {"configMap": {"name": name}}


def hashed(name: str, place: object) -> str:
    """A volume name that differs for each place where one ConfigMap or Secret is mounted."""
    digest = hashlib.sha256(json.dumps(place, sort_keys=True).encode()).hexdigest()
    return f"{name}-{digest[:4]}"
