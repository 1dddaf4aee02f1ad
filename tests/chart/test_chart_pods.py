"""What every pod of the release has in common."""

import pytest
from chart_rendering import (
    CASES,
    Object,
    PodTemplate,
    pod_templates,
    render,
    run_job,
    run_pod,
    starrocks_specs,
)


@pytest.fixture(params=CASES)
def pods(request: pytest.FixtureRequest) -> list[PodTemplate]:
    return pod_templates(render(request.param))


def test_a_pod_meets_the_restricted_standard(pods: list[PodTemplate]) -> None:
    for pod in pods:
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
        assert all(
            volume.keys() - {"name"} <= {"emptyDir", "configMap"}
            for volume in pod.spec.get("volumes", [])
        )
        for container in pod.containers:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert all("hostPort" not in port for port in container.get("ports", []))


def test_a_pod_gets_no_variables_of_services(pods: list[PodTemplate]) -> None:
    for pod in pods:
        # A Service named dagster-webserver would set DAGSTER_WEBSERVER_PORT=tcp://…, which the CLI
        # reads as its option.
        assert pod.spec["enableServiceLinks"] is False


def test_only_who_calls_the_kubernetes_api_has_a_token(pods: list[PodTemplate]) -> None:
    for pod in pods:
        assert pod.spec["automountServiceAccountToken"] is (
            pod.component in {"webserver", "daemon"}
        )


def test_a_container_names_each_variable_and_mount_once(pods: list[PodTemplate]) -> None:
    for pod in pods:
        # Server-side apply, which Helm 4 uses, refuses what Helm 3 let pass.
        for container in pod.containers:
            for names in (
                [variable["name"] for variable in container.get("env", [])],
                [mount["mountPath"] for mount in container.get("volumeMounts", [])],
                [port["containerPort"] for port in container.get("ports", [])],
            ):
                assert sorted(set(names)) == sorted(names)
            volumes = {volume["name"] for volume in pod.spec.get("volumes", [])} | {"data"}
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes


def test_a_container_asks_for_what_it_needs(pods: list[PodTemplate]) -> None:
    for pod in pods:
        for container in pod.containers:
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


# What kind's own pods ask for, and the operator's (its operator-values.yaml), in 1/1000 of a core.
KIND, OPERATOR = 950, 50


def test_the_defaults_fit_on_a_node_of_two_cores() -> None:
    def cpu(resources: Object) -> int:
        return int(resources["requests"]["cpu"].removesuffix("m"))

    objects = render("minimal")
    # Setup is over before there is something to build, and verification is suspended.
    pods = {
        pod.owner: max(cpu(container["resources"]) for container in pod.containers)
        for pod in pod_templates(objects)
        if pod.component not in {"setup", "test"} and not pod.owner.endswith("-verify")
    }
    assert {"Job dagster-run", "CronJob retail-simulator"} < pods.keys()
    starrocks = sum(cpu(spec) for spec in starrocks_specs(objects).values())
    assert KIND + OPERATOR + starrocks + sum(pods.values()) <= 2000


def test_a_volume_in_memory_or_on_the_node_is_bounded(pods: list[PodTemplate]) -> None:
    for pod in pods:
        for volume in pod.spec.get("volumes", []):
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"]


def test_passwords_come_from_secrets(pods: list[PodTemplate]) -> None:
    for pod in pods:
        for container in pod.containers:
            for variable in container.get("env", []):
                if variable["name"].endswith(("PASSWORD", "_PWD", "_SECRET")):
                    assert variable["valueFrom"]["secretKeyRef"].keys() == {"name", "key"}, variable


def test_a_server_has_probes_that_start_no_dagster(pods: list[PodTemplate]) -> None:
    for pod in pods:
        if not pod.owner.startswith(("Deployment", "StatefulSet")) or pod.component == "simulator":
            continue
        (container,) = pod.spec["containers"]
        probes = [probe for name, probe in container.items() if name.endswith("Probe")]
        assert "readinessProbe" in container
        for probe in probes:
            if "exec" in probe:
                # psycopg2 alone: 0.1 CPU s, where Dagster's own check costs 4.3.
                assert probe["exec"]["command"] == [
                    "python",
                    "-m",
                    "transformation_pipeline.kubernetes.daemon_ready",
                ]
                assert probe["periodSeconds"] >= (30 if probe is container["readinessProbe"] else 5)


def test_full_values_reach_every_pod() -> None:
    for pod in pod_templates(render("full")):
        name = pod.component
        assert pod.metadata["annotations"]["example.com/pod"] == name
        assert pod.spec["priorityClassName"] == f"{name}-priority"
        assert pod.spec["nodeSelector"] == {"example.com/pool": name}
        assert [one["value"] for one in pod.spec["tolerations"]] == [name]
        assert pod.spec["topologySpreadConstraints"][0]["maxSkew"] == 2
        assert "podAntiAffinity" in pod.spec["affinity"]
        assert pod.spec["imagePullSecrets"] == [{"name": "pull-one"}, {"name": "pull-two"}]
        container = pod.spec["containers"][0]
        assert {"name": "MARK", "value": name} in container["env"]
        assert container["resources"]["limits"] == {"cpu": "2", "memory": "1100Mi"}


def test_an_own_variable_takes_the_place_of_the_charts() -> None:
    values = {"extraEnv": [{"name": "STARROCKS_HOST", "value": "elsewhere"}]}
    base = {
        "starrocks": {"auth": {"existingSecret": "w"}},
        "dagster": {"postgres": {"auth": {"existingSecret": "p"}}, "run": values},
    }
    (container,) = run_pod(render(base)).spec["containers"]
    assert [one["value"] for one in container["env"] if one["name"] == "STARROCKS_HOST"] == [
        "elsewhere"
    ]


def test_images_are_those_of_the_chart_version_unless_named() -> None:
    images = {
        container["image"]
        for pod in pod_templates(render("minimal"))
        for container in pod.containers
    }
    assert images == {
        "retail-analytics/simulator:0.1.0",
        "retail-analytics/pipeline:0.1.0",
        "postgres@sha256:d74eeac9a635390a49bc21bd49fccd973de707e2a53a76ac49b552b8712ec46f",
        "IMAGE",
    }


def test_images_come_from_the_registry_and_by_the_digest() -> None:
    objects = render("full")
    images = {
        container["image"] for pod in pod_templates(objects) for container in pod.containers
    } | {spec["image"] for spec in starrocks_specs(objects).values()}
    assert images - {"IMAGE"} == {
        f"mirror.example.com/hub/team/{name}@sha256:{digit * 64}"
        for name, digit in (
            ("fe", "1"),
            ("be", "2"),
            ("simulator", "3"),
            ("pipeline", "4"),
            ("postgres", "5"),
            ("oauth2-proxy", "6"),
        )
    }


def test_a_run_takes_the_code_servers_image() -> None:
    for case in CASES:
        (server,) = (pod for pod in pod_templates(render(case)) if pod.component == "code-server")
        (container,) = server.spec["containers"]
        variables = {one["name"]: one.get("value") for one in container["env"]}
        assert variables["DAGSTER_CURRENT_IMAGE"] == container["image"]


def test_nothing_outlives_a_run_for_long() -> None:
    job = run_job(render("minimal"))["spec"]
    # Launch, start (300 s), run (3600 s), and 120 s for who has to notice.
    assert job["activeDeadlineSeconds"] == 4020
    assert job["ttlSecondsAfterFinished"] == 3600
    assert job["backoffLimit"] == 0
    assert job["template"]["spec"]["terminationGracePeriodSeconds"] == 60


def test_starrocks_pods_drop_what_the_operator_lets_them_drop() -> None:
    for case in ("minimal", "full"):
        for name, spec in starrocks_specs(render(case)).items():
            assert spec["runAsNonRoot"] is True
            assert spec["capabilities"] == {"drop": ["ALL"]}
            variables = [one["name"] for one in spec[f"{name}EnvVars"]]
            assert len(set(variables)) == len(variables)
            assert {"MYSQL_PWD", "TZ"} <= set(variables)
            assert {"cpu", "memory"} <= spec["requests"].keys()


def test_changed_settings_of_starrocks_roll_the_pods_they_concern() -> None:
    def checksums(**config: object) -> dict[str, str]:
        values = {
            "starrocks": {"auth": {"existingSecret": "w"}, "be": {"config": config}},
            "dagster": {"postgres": {"auth": {"existingSecret": "p"}}},
        }
        specs = starrocks_specs(render(values))
        return {name: spec["annotations"]["checksum/config"] for name, spec in specs.items()}

    before, after = checksums(), checksums(mem_limit="60%")
    assert before["fe"] == after["fe"]
    assert before["be"] != after["be"]
