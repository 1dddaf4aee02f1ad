"""The rendered objects against the schema of Kubernetes, from the oldest release to the newest."""

from collections.abc import Iterator, Mapping
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from chart_rendering import CASES, CHART, Object, component, named, render, run_job

DEFINITION = CHART.parents[2] / "tests" / "e2e" / "operator_double" / "crd.yaml"
# Not of Kubernetes itself.
OURS = {"StarRocksCluster", "HTTPRoute"}


def refusals(one: Object, version: str) -> str:
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{one['kind']} {one['metadata']['name']}: {error.message}"
    return ""


@pytest.mark.parametrize("version", ["1.29", "1.34", "1.37"])
@pytest.mark.parametrize("case", CASES)
def test_kubernetes_knows_every_field(case: str, version: str) -> None:
    objects = render(case, kubernetes=f"{version}.0")
    checked = [*(one for one in objects if one["kind"] not in OURS), run_job(objects)]
    assert not [refusal for one in checked if (refusal := refusals(one, version))]


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    one = next(one for one in render("minimal") if one["kind"] == "Service")
    assert "'port' was unexpected" in refusals({**one, "spec": {**one["spec"], "port": 1}}, "1.34")


def test_the_oldest_release_is_the_one_that_the_chart_asks_for() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["kubeVersion"] == ">=1.29.0-0"


@pytest.mark.parametrize("case", CASES)
def test_objects_have_names_and_labels_of_the_release(case: str) -> None:
    objects = render(case)
    for one in objects:
        name, labels = one["metadata"]["name"], one["metadata"]["labels"]
        assert name == "warehouse" or name == "retail" or name.startswith("retail-")
        assert labels["app.kubernetes.io/name"] == "retail-analytics"
        assert labels["app.kubernetes.io/instance"] == "retail"
        assert labels["app.kubernetes.io/part-of"] == "retail-analytics"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/version"] == "0.1.0"
        assert component(one["metadata"])
    identities = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(identities)) == len(identities)


def unknown(value: Any, schema: Mapping[str, Any], path: str = "spec") -> Iterator[str]:
    """Paths of a custom resource that its definition does not name."""
    if isinstance(value, list):
        for one in value:
            yield from unknown(one, schema.get("items", {}), f"{path}[]")
    if isinstance(value, Mapping) and "properties" in schema:
        for key, inner in value.items():
            known = schema["properties"].get(key)
            if known is None:
                yield f"{path}.{key}"
            else:
                yield from unknown(inner, known, f"{path}.{key}")


def cluster_schema() -> Mapping[str, Any]:
    definition = yaml.safe_load(DEFINITION.read_text())
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    spec: Mapping[str, Any] = schema["properties"]["spec"]
    return spec


@pytest.mark.parametrize("case", ["minimal", "full"])
def test_the_operator_knows_every_field(case: str) -> None:
    cluster = named(render(case), "StarRocksCluster", "retail")
    assert not list(unknown(cluster["spec"], cluster_schema()))


def test_a_field_that_the_operator_does_not_know_is_found() -> None:
    spec = {"starRocksFeSpec": {"image": "x", "priorityClassName": "high"}}
    assert list(unknown(spec, cluster_schema())) == ["spec.starRocksFeSpec.priorityClassName"]
