"""What is applied to a cluster: the definition, the rights, the Deployment."""

from pathlib import Path

import yaml
from example_clusters import FULL
from operator_double.manifest import Manifest

FOLDER = Path(__file__).resolve().parents[1]


def documents(name: str) -> list[Manifest]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def schema() -> Manifest:
    (definition,) = documents("crd.yaml")
    (version,) = definition["spec"]["versions"]
    found: Manifest = version["schema"]["openAPIV3Schema"]["properties"]
    return found


def test_definition_has_exactly_the_fields_that_are_tested() -> None:
    spec = schema()["spec"]["properties"]
    assert set(spec) == {
        "waitForFullRollout",
        "starRocksCnSpec",
        "starRocksFeSpec",
        "starRocksBeSpec",
    }
    front, back = (spec[f"starRocks{kind}Spec"]["properties"] for kind in ("Fe", "Be"))
    assert set(front) == set(FULL)
    assert set(back) == set(FULL) - {"feEnvVars"} | {"beEnvVars"}


def test_definition_as_people_see_it() -> None:
    (definition,) = documents("crd.yaml")
    spec = definition["spec"]
    (version,) = spec["versions"]
    assert spec["names"]["shortNames"] == ["src"]
    assert version["subresources"] == {"status": {}}
    assert [column["name"] for column in version["additionalPrinterColumns"]] == [
        "Phase",
        "FeStatus",
        "BeStatus",
        "Age",
    ]


def rules(kind: str) -> list[tuple[str, str, str]]:
    (role,) = (each for each in documents("operator.yaml") if each["kind"] == kind)
    return [
        (" ".join(rule["apiGroups"]), " ".join(rule["resources"]), " ".join(rule["verbs"]))
        for rule in role["rules"]
    ]


def test_rights_are_those_of_the_real_operator() -> None:
    own = "starrocksclusters", "starrockswarehouses"
    assert rules("ClusterRole") == [
        ("apps", "deployments statefulsets", "*"),
        ("autoscaling", "horizontalpodautoscalers", "*"),
        ("batch", "cronjobs", "*"),
        ("", "configmaps serviceaccounts services", "*"),
        ("", "endpoints pods secrets", "get list watch"),
        ("starrocks.com", " ".join(own), "*"),
        ("starrocks.com", " ".join(f"{each}/finalizers" for each in own), "update"),
        ("starrocks.com", " ".join(f"{each}/status" for each in own), "get patch update"),
    ]
    everything = "get list watch create update patch delete"
    assert rules("Role") == [
        ("", "configmaps", everything),
        ("coordination.k8s.io", "leases", everything),
        ("", "events", "create patch"),
    ]


def test_deployment_is_restricted() -> None:
    (deployment,) = (each for each in documents("operator.yaml") if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["image"] == "retail-analytics/operator-double:0.1.0"
