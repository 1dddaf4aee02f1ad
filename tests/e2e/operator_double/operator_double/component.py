"""One component of one cluster: its kind, its part of the spec, its names and ports."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operator_double import conf
from operator_double.kinds import FRONT_END, Kind
from operator_double.manifest import (
    API_VERSION,
    COMPONENT_LABEL,
    KIND,
    OWNER_LABEL,
    Manifest,
)

DEFAULT_ROOT = "/opt/starrocks"


@dataclass(frozen=True)
class Component:
    """A component that the cluster's spec asks for.

    Attributes:
        kind: Front end or back end.
        cluster: The StarRocksCluster.
        settings: Its parsed fe.conf or be.conf.
        fe_settings: The front end's, which tell a back end the query port.
    """

    kind: Kind
    cluster: Manifest
    settings: Mapping[str, str] = field(default_factory=dict)
    fe_settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def spec(self) -> Manifest:
        """Its part of the cluster's spec."""
        spec: Manifest = self.cluster["spec"][self.kind.spec_key]
        return spec

    @property
    def namespace(self) -> str:
        """The cluster's namespace."""
        return str(self.cluster["metadata"]["namespace"])

    @property
    def cluster_name(self) -> str:
        """The cluster's name."""
        return str(self.cluster["metadata"]["name"])

    @property
    def name(self) -> str:
        """The StatefulSet's name."""
        return stateful_set_name(self.cluster_name, self.kind)

    @property
    def search_name(self) -> str:
        """The headless Service's name."""
        return search_name(self.cluster_name, self.kind)

    @property
    def service_name(self) -> str:
        """The Service's name."""
        return service_name(self.cluster_name, self.kind)

    @property
    def replicas(self) -> int:
        """How many pods are wanted."""
        return int(self.spec.get("replicas", 1))

    @property
    def root(self) -> str:
        """Where StarRocks lies in the image."""
        return custom_root(self.spec, self.kind) or DEFAULT_ROOT

    @property
    def home(self) -> str:
        """The component's own folder below the root."""
        return f"{self.root}/{self.kind.name}"

    @property
    def conf_mount(self) -> str | None:
        """Where `configMapInfo` is mounted; None unless both of its fields are set."""
        return f"/etc/starrocks/{self.kind.name}/conf" if conf_map(self.spec) else None

    @property
    def ports(self) -> dict[str, int]:
        """The numbers of its ports by their names on the Service."""
        numbers: dict[str, int] = {}
        for each in self.kind.ports:
            number = conf.port(dict(self.settings), each.keys, each.default or 0)
            if number:
                numbers[each.name] = number
        return numbers

    @property
    def fe_query_port(self) -> int:
        """The front end's MySQL port."""
        return conf.port(dict(self.fe_settings), ("query_port",), 9030)

    @property
    def fe_service(self) -> str:
        """The front end's Service as this component's pods call it."""
        name = service_name(self.cluster_name, FRONT_END)
        return f"{name}.{self.namespace}" if self.kind is FRONT_END else name

    @property
    def pod_labels(self) -> dict[str, str]:
        """Labels of its pods, by which they are selected."""
        return {COMPONENT_LABEL: self.kind.name, OWNER_LABEL: self.name}

    @property
    def object_labels(self) -> dict[str, str]:
        """Labels of its StatefulSet and Services."""
        return {COMPONENT_LABEL: self.kind.name, OWNER_LABEL: self.cluster_name}

    @property
    def owner(self) -> Manifest:
        """The owner reference by which Kubernetes removes its objects after the cluster."""
        return {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": self.cluster_name,
            "uid": self.cluster["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }


def stateful_set_name(cluster: str, kind: Kind) -> str:
    """The name of a component's StatefulSet."""
    return f"{cluster}-{kind.name}"


def search_name(cluster: str, kind: Kind) -> str:
    """The name of a component's headless Service."""
    return f"{cluster}-{kind.name}-search"


def service_name(cluster: str, kind: Kind) -> str:
    """The name of a component's Service."""
    return f"{cluster}-{kind.name}-service"


def custom_root(spec: Manifest, kind: Kind) -> str | None:
    """STARROCKS_ROOT from the user's variables."""
    variables: list[Manifest] = spec.get(kind.env_key, [])
    return next((v.get("value") for v in variables if v["name"] == "STARROCKS_ROOT"), None)


def conf_map(spec: Manifest) -> tuple[str, str] | None:
    """Name and key of `configMapInfo`; one without the other counts for nothing."""
    info: Manifest = spec.get("configMapInfo", {})
    name, key = info.get("configMapName"), info.get("resolveKey")
    return (name, key) if name and key else None


def conf_source(spec: Manifest, kind: Kind) -> tuple[str, str] | None:
    """Which key of which ConfigMap is the component's configuration, if any is.

    Without `configMapInfo`, a ConfigMap mounted over the conf folder or over its file counts.
    """
    found = conf_map(spec)
    if found:
        return found
    file = f"{kind.name}.conf"
    folder = f"{custom_root(spec, kind) or DEFAULT_ROOT}/{kind.name}/conf"
    for entry in spec.get("configMaps", []):
        place = (entry["mountPath"].rstrip("/"), entry.get("subPath", ""))
        if place in ((folder, ""), (f"{folder}/{file}", file)):
            return entry["name"], file
    return None
