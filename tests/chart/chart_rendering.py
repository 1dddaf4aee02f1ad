"""Renders the chart as `helm template` does, and finds things in what comes out."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from dagster._core.storage.dagster_run import DagsterRun
from dagster._serdes import ConfigurableClassData
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import construct_dagster_k8s_job
from kubernetes.client import ApiClient

HERE = Path(__file__).parent
CHART = HERE.parents[1] / "deploy" / "helm" / "retail-analytics"
RELEASE, NAMESPACE = "retail", "analytics"

Object = dict[str, Any]

# The values that the tests render, each by the name of its file.
CASES = ("minimal", "full", "external", "secret")


class RefusedError(Exception):
    """Helm rendered nothing; the message is its own."""


def values_of(case: str) -> dict[str, Any]:
    loaded = yaml.safe_load((HERE / f"{case}-values.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def defaults() -> dict[str, Any]:
    loaded = yaml.safe_load((CHART / "values.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def helm(*arguments: str, stdin: str = "") -> str:
    """The output of a Helm command.

    Raises:
        RefusedError: It failed.
    """
    program = shutil.which("helm")
    if program is None:
        pytest.fail("helm is not on PATH: install Helm 3.19 or later (tests/e2e brings one)")
    done = subprocess.run(
        [program, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        # A rendering is over before collecting garbage pays: a third less CPU, over 600 of them.
        env={**os.environ, "GOGC": "off"},
    )
    if done.returncode:
        raise RefusedError(done.stderr.strip().removeprefix("Error: "))
    return done.stdout


@cache
def _rendered(values: str, release: str, kubernetes: str) -> str:
    return helm(
        "template",
        release,
        str(CHART),
        f"--namespace={NAMESPACE}",
        f"--kube-version={kubernetes}",
        "--values=-",
        stdin=values,
    )


def render_text(
    values: Mapping[str, Any], release: str = RELEASE, kubernetes: str = "1.34.0"
) -> str:
    return _rendered(json.dumps(values), release, kubernetes)


@cache
def _parsed(text: str) -> tuple[Object, ...]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(loaded for loaded in yaml.load_all(text, Loader=loader) if loaded)


def render(values: Mapping[str, Any] | str, **options: str) -> tuple[Object, ...]:
    """The objects that values, or those of a case, render to."""
    return _parsed(render_text(values_of(values) if isinstance(values, str) else values, **options))


def overridden(values: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The values with another one at a dotted path."""
    key, _, rest = path.partition(".")
    inner = values.get(key, {})
    return {**values, key: overridden(inner, rest, value) if rest else value}


def minimal(**changes: Any) -> dict[str, Any]:
    """The minimal values with changes, in which `__` stands for the dot of a path."""
    values = values_of("minimal")
    for path, value in changes.items():
        values = overridden(values, path.replace("__", "."), value)
    return values


def named(objects: tuple[Object, ...], kind: str, name: str) -> Object:
    found = [one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} {kind} {name}"
    return found[0]


def of_kind(objects: tuple[Object, ...], kind: str) -> list[Object]:
    return [one for one in objects if one["kind"] == kind]


def component(labelled: Object) -> str:
    return str(labelled["labels"]["app.kubernetes.io/component"])


@dataclass(frozen=True)
class PodTemplate:
    """What a pod of the release will be.

    Attributes:
        owner: Kind and name of what makes it.
        metadata: Labels and annotations.
        spec: Its spec.
    """

    owner: str
    metadata: Object
    spec: Object

    @property
    def component(self) -> str:
        return component(self.metadata)

    @property
    def containers(self) -> list[Object]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


def pod_templates(objects: tuple[Object, ...]) -> list[PodTemplate]:
    """All pods that objects make, and Dagster of a run; those of StarRocks are the operator's."""
    return [*_templates(objects), run_pod(objects)]


def _templates(objects: tuple[Object, ...]) -> Iterator[PodTemplate]:
    for one in objects:
        owner = f"{one['kind']} {one['metadata']['name']}"
        match one["kind"]:
            case "Deployment" | "StatefulSet" | "Job":
                template = one["spec"]["template"]
            case "CronJob":
                template = one["spec"]["jobTemplate"]["spec"]["template"]
            case "Pod":
                template = one
            case _:
                continue
        yield PodTemplate(owner, template["metadata"], template["spec"])


def dagster_yaml(objects: tuple[Object, ...]) -> Object:
    text = named(objects, "ConfigMap", f"{RELEASE}-dagster")["data"]["dagster.yaml"]
    loaded = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


def run_job(objects: tuple[Object, ...]) -> Object:
    """The Job that Dagster makes of the run launcher's configuration."""
    configured = dagster_yaml(objects)["run_launcher"]
    data = ConfigurableClassData(
        configured["module"], configured["class"], yaml.safe_dump(configured["config"])
    )
    with patch("kubernetes.config.load_incluster_config"):
        launcher = data.rehydrate(as_type=K8sRunLauncher)
    context = K8sContainerContext.create_for_run(
        DagsterRun(job_name="build"), launcher, include_run_tags=False
    )
    job = construct_dagster_k8s_job(
        job_config=context.get_k8s_job_config(job_image="IMAGE", run_launcher=launcher),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run-1",
        pod_name="dagster-run-1",
        component="run_worker",
        user_defined_k8s_config=context.run_k8s_config,
    )
    serialized = ApiClient().sanitize_for_serialization(job)
    assert isinstance(serialized, dict)
    return serialized


def run_pod(objects: tuple[Object, ...]) -> PodTemplate:
    template = run_job(objects)["spec"]["template"]
    return PodTemplate("Job dagster-run", template["metadata"], template["spec"])


def starrocks_specs(objects: tuple[Object, ...]) -> dict[str, Object]:
    """The specs of frontends and backends, by component; none without a cluster."""
    clusters = of_kind(objects, "StarRocksCluster")
    return {
        name: cluster["spec"][f"starRocks{name.capitalize()}Spec"]
        for cluster in clusters
        for name in ("fe", "be")
    }


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return selector.items() <= labels.items()
