"""Kubernetes in memory: objects, and a record of what was written."""

import copy

from operator_double.manifest import Manifest, SyncError

Place = tuple[str, str]


class FakeKubernetes:
    """`reconcile.Cluster` without a cluster; pods run as soon as `settle` is called."""

    def __init__(self) -> None:
        self.objects: dict[Place, Manifest] = {}
        self.written: list[str] = []

    def read(self, kind: str, _namespace: str, name: str) -> Manifest | None:
        return copy.deepcopy(self.objects.get((kind, name)))

    def create(self, manifest: Manifest) -> None:
        self._put("create", manifest)

    def replace(self, manifest: Manifest) -> None:
        before = self.objects[(manifest["kind"], manifest["metadata"]["name"])]
        assert manifest["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
        for name in ("volumeClaimTemplates", "podManagementPolicy"):
            if before["spec"].get(name) != manifest["spec"].get(name):
                raise SyncError(f"Forbidden: updates to {name}")
        self._put("replace", manifest)

    def delete(self, kind: str, _namespace: str, name: str) -> None:
        self.written.append(f"delete {kind} {name}")
        del self.objects[(kind, name)]

    def pods(self, _namespace: str, labels: dict[str, str]) -> list[Manifest]:
        return [
            copy.deepcopy(each)
            for (kind, _), each in self.objects.items()
            if kind == "Pod" and labels.items() <= each["metadata"]["labels"].items()
        ]

    def add(self, kind: str, name: str, **fields: object) -> Manifest:
        """An object of someone else."""
        found: Manifest = {
            "kind": kind,
            "metadata": {"name": name, "resourceVersion": "1"},
            **fields,
        }
        self.objects[(kind, name)] = found
        return found

    def settle(self, name: str) -> None:
        """What Kubernetes does for a StatefulSet: its pods become ready."""
        found = self.objects[("StatefulSet", name)]
        wanted = found["spec"]["replicas"]
        found["metadata"]["generation"] = 1
        found["status"] = {
            "observedGeneration": 1,
            "readyReplicas": wanted,
            "updatedReplicas": wanted,
            "currentRevision": "r1",
            "updateRevision": "r1",
        }
        for index in range(wanted):
            pod = self.add("Pod", f"{name}-{index}")
            pod["metadata"]["labels"] = found["spec"]["selector"]["matchLabels"]
            pod["status"] = {"phase": "Running", "containerStatuses": [{"ready": True}]}

    def serve(self, service: str) -> None:
        """A ready address in a Service's Endpoints."""
        self.add("Endpoints", service, subsets=[{"addresses": [{"ip": "192.0.2.1"}]}])

    def took(self) -> list[str]:
        """What was written since the last question."""
        written, self.written = self.written, []
        return written

    def _put(self, verb: str, manifest: Manifest) -> None:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        self.written.append(f"{verb} {kind} {name}")
        stored = copy.deepcopy(manifest)
        stored["metadata"]["resourceVersion"] = "1"
        if "status" in self.objects.get((kind, name), {}):
            stored["status"] = self.objects[(kind, name)]["status"]
        self.objects[(kind, name)] = stored
