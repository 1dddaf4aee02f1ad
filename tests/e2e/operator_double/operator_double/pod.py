"""The pod template of a component."""

import re
from math import ceil

from operator_double.component import Component
from operator_double.kinds import BACK_END
from operator_double.manifest import Manifest, given
from operator_double.volumes import Storage

NON_ROOT_ID = 1000
PROBE_PERIOD = 5
STARTUP_THRESHOLD = 60
LIVENESS_THRESHOLD = 3
READINESS_THRESHOLD = 3

GRACEFUL_STOP_SINCE = {(3, 3): 19, (3, 4): 8, (3, 5): 6}
"""From which patch release on stop_be.sh knows -g, for the lines that have releases without it."""


def template(component: Component, storage: Storage) -> Manifest:
    """The whole pod template."""
    spec = component.spec
    return {
        "metadata": given(
            labels={**spec.get("podLabels", {}), **component.pod_labels},
            annotations=spec.get("annotations"),
        ),
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": spec.get("terminationGracePeriodSeconds", 120),
            "securityContext": pod_security(spec),
            "containers": [container(component, storage), *spec.get("sidecars", [])],
            **given(
                initContainers=spec.get("initContainers"),
                volumes=storage.volumes,
                serviceAccountName=spec.get("serviceAccount"),
                imagePullSecrets=spec.get("imagePullSecrets"),
                nodeSelector=spec.get("nodeSelector"),
                affinity=spec.get("affinity"),
                tolerations=spec.get("tolerations"),
                topologySpreadConstraints=spec.get("topologySpreadConstraints"),
                schedulerName=spec.get("schedulerName"),
                hostAliases=spec.get("hostAliases"),
                shareProcessNamespace=spec.get("shareProcessNamespace"),
            ),
        },
    }


def container(component: Component, storage: Storage) -> Manifest:
    """The component's own container."""
    spec, kind = component.spec, component.kind
    script = f"{component.root}/{kind.name}_entrypoint.sh"
    return {
        "name": kind.name,
        "image": spec["image"],
        "imagePullPolicy": spec.get("imagePullPolicy", "IfNotPresent"),
        "command": spec.get("command") or [script],
        "args": spec.get("args") or ["$(FE_SERVICE_NAME)"],
        "env": environment(component),
        "ports": [
            {"name": port.container_name, "containerPort": component.ports[port.name]}
            for port in kind.ports
            if port.container_name and port.name in component.ports
        ],
        "resources": given(requests=spec.get("requests"), limits=spec.get("limits")),
        "volumeMounts": storage.mounts,
        "securityContext": container_security(spec),
        "lifecycle": lifecycle(component),
        **given(workingDir=component.root if has_variable(component, "STARROCKS_ROOT") else None),
        **probes(component),
    }


def has_variable(component: Component, name: str) -> bool:
    """Whether the user sets a variable."""
    return any(v["name"] == name for v in component.spec.get(component.kind.env_key, []))


def environment(component: Component) -> list[Manifest]:
    """The user's variables, then the operator's; of one name the user's counts."""
    own: list[Manifest] = [
        _from_field("POD_NAME", "metadata.name"),
        _from_field("POD_IP", "status.podIP"),
        _from_field("HOST_IP", "status.hostIP"),
        _from_field("POD_NAMESPACE", "metadata.namespace"),
        {"name": "HOST_TYPE", "value": "FQDN"},
        {"name": "COMPONENT_NAME", "value": component.kind.name},
        {"name": "FE_SERVICE_NAME", "value": component.fe_service},
    ]
    if component.kind is BACK_END:
        own.append({"name": "FE_QUERY_PORT", "value": str(component.fe_query_port)})
    if component.conf_mount:
        own.append({"name": "CONFIGMAP_MOUNT_PATH", "value": component.conf_mount})
    return [
        *component.spec.get(component.kind.env_key, []),
        *(variable for variable in own if not has_variable(component, variable["name"])),
    ]


def _from_field(name: str, path: str) -> Manifest:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def probes(component: Component) -> Manifest:
    """The three probes; an allowance of 0 seconds removes one."""
    spec = component.spec
    check = {"path": "/api/health", "port": component.ports[component.kind.health_port]}
    thresholds = {
        "startup": STARTUP_THRESHOLD,
        "liveness": LIVENESS_THRESHOLD,
        "readiness": READINESS_THRESHOLD,
    }
    result: Manifest = {}
    for name, default in thresholds.items():
        seconds = spec.get(f"{name}ProbeFailureSeconds")
        threshold = default if seconds is None else ceil(seconds / PROBE_PERIOD)
        if threshold > 0:
            result[f"{name}Probe"] = {
                "httpGet": dict(check),
                "periodSeconds": PROBE_PERIOD,
                "failureThreshold": threshold,
            }
    return result


def lifecycle(component: Component) -> Manifest:
    """The user's hooks; his preStop replaces the default one."""
    kind = component.kind
    flag = " -g" if kind is not BACK_END or knows_graceful_stop(component.spec["image"]) else ""
    command = f"{component.home}/bin/stop_{kind.name}.sh{flag}"
    default: Manifest = {"preStop": {"exec": {"command": ["/bin/bash", "-c", command]}}}
    return {**default, **component.spec.get("lifecycle", {})}


def knows_graceful_stop(image: str) -> bool:
    """Whether an image's stop_be.sh takes -g: all but the older releases of three lines.

    A digest, `latest` and any other tag that is no version count as new.
    """
    if "@" in image:
        return True
    tag = image.rpartition("/")[2].partition(":")[2]
    version = re.match(r"v?(\d+)\.(\d+)\.(\d+)", tag)
    if version is None:
        return True
    major, minor, patch = (int(number) for number in version.groups())
    return patch >= GRACEFUL_STOP_SINCE.get((major, minor), 0)


def pod_security(spec: Manifest) -> Manifest:
    """The pod's security context."""
    return given(
        fsGroup=NON_ROOT_ID if spec.get("runAsNonRoot") else None,
        fsGroupChangePolicy="OnRootMismatch",
        sysctls=spec.get("sysctls"),
    )


def container_security(spec: Manifest) -> Manifest:
    """The container's security context."""
    user: Manifest = {}
    if spec.get("runAsNonRoot"):
        user = {"runAsNonRoot": True, "runAsUser": NON_ROOT_ID, "runAsGroup": NON_ROOT_ID}
    return {
        **user,
        "allowPrivilegeEscalation": False,
        **given(
            readOnlyRootFilesystem=spec.get("readOnlyRootFilesystem"),
            capabilities=spec.get("capabilities"),
        ),
    }
