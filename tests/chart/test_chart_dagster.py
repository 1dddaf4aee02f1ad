"""The files that Dagster reads, as Dagster reads them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_rendering import (
    CASES,
    RELEASE,
    dagster_yaml,
    minimal,
    named,
    of_kind,
    overridden,
    pod_templates,
    render,
    run_job,
    run_pod,
    values_of,
)
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.ref import InstanceRef
from dagster._core.workspace.config_schema import process_workspace_config
from dagster._serdes import ConfigurableClassData

from transformation_pipeline.kubernetes.pooled_storage import PooledPostgresStorage

POSTGRES = ("HOST", "PORT", "DB", "USER", "PASSWORD")
MEMBER = Path(__file__).parents[2] / "transformation_pipeline"


@pytest.fixture(autouse=True)
def _postgres_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in POSTGRES:
        monkeypatch.setenv(f"DAGSTER_PG_{name}", "5432" if name == "PORT" else name.lower())


def checked(data: ConfigurableClassData) -> dict[str, Any]:
    """The configuration of a part of the instance, accepted by its class."""
    part = __import__(data.module_name, fromlist=[data.class_name])
    config_type = getattr(part, data.class_name).config_type()
    result = process_config(resolve_to_config_type(config_type), data.config_dict)
    assert result.success, [error.message for error in result.errors or []]
    assert isinstance(result.value, dict)
    return result.value


@pytest.mark.parametrize("case", CASES)
def test_dagster_accepts_the_instance(case: str, tmp_path: Path) -> None:
    objects = render(case)
    text = named(objects, "ConfigMap", f"{RELEASE}-dagster")["data"]["dagster.yaml"]
    (tmp_path / "dagster.yaml").write_text(text)
    ref = InstanceRef.from_dir(str(tmp_path))
    assert ref.run_launcher_data
    assert ref.run_launcher_data.class_name == "PatientK8sRunLauncher"
    assert checked(ref.run_launcher_data)["job_namespace"] == "analytics"
    assert ref.run_coordinator_data
    assert checked(ref.run_coordinator_data)["dequeue_interval_seconds"] == 1
    assert checked(ref.compute_logs_data) == {"namespace": "analytics"}


@pytest.mark.parametrize("case", CASES)
def test_dagster_accepts_the_storage(case: str) -> None:
    custom = dagster_yaml(render(case))["storage"]["custom"]
    assert (custom["module"], custom["class"]) == (
        PooledPostgresStorage.__module__,
        PooledPostgresStorage.__name__,
    )
    storage = custom["config"]
    result = process_config(resolve_to_config_type(PooledPostgresStorage.config_type()), storage)
    assert result.success, [error.message for error in result.errors or []]
    # SQLAlchemy 2.1 takes the plain scheme for psycopg 3, which the lock does not hold.
    assert storage["postgres_db"]["scheme"] == "postgresql+psycopg2"


def test_parameters_reach_an_external_postgres_only() -> None:
    def parameters(case: str) -> object:
        return dagster_yaml(render(case))["storage"]["custom"]["config"]["postgres_db"]["params"]

    assert parameters("external") == {"connect_timeout": 10, "sslmode": "require"}
    assert parameters("minimal") == {"connect_timeout": 10}


def test_what_connects_without_dagster_trusts_the_same_certificates() -> None:
    params = {"sslmode": "verify-full", "sslrootcert": "system", "application_name": "ours"}
    values = overridden(values_of("external"), "dagster.postgres.external.params", params)
    for pod in pod_templates(render(values)):
        for container in pod.containers:
            names = {one["name"]: one.get("value") for one in container.get("env", [])}
            if "DAGSTER_PG_HOST" in names:
                assert (names["PGSSLMODE"], names["PGSSLROOTCERT"]) == ("verify-full", "system")
                assert "PGOPTIONS" not in names


def test_argo_cd_leaves_the_runs_alone() -> None:
    annotations = run_job(render("minimal"))["metadata"]["annotations"]
    assert annotations == {
        "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
        "argocd.argoproj.io/sync-options": "Prune=false",
    }


def test_setup_runs_again_for_another_starrocks_behind_the_alias() -> None:
    def setup(host: str) -> list[str]:
        values = minimal(starrocks__enabled=False, starrocks__external__host=host)
        return [one["metadata"]["name"] for one in of_kind(render(values), "Job")]

    assert setup("one.example.com") == setup("one.example.com") != setup("two.example.com")


@pytest.mark.parametrize("case", CASES)
def test_dagster_accepts_the_workspace(case: str) -> None:
    objects = render(case)
    text = named(objects, "ConfigMap", f"{RELEASE}-dagster")["data"]["workspace.yaml"]
    workspace = yaml.safe_load(text)
    assert process_workspace_config(workspace).success
    server = workspace["load_from"][0]["grpc_server"]
    assert named(objects, "Service", server["host"])["spec"]["ports"][0]["port"] == server["port"]


def test_the_instance_is_that_of_one_machine_where_a_cluster_changes_nothing() -> None:
    chart = dagster_yaml(render("minimal"))
    local = yaml.safe_load((MEMBER / "dagster.yaml").read_text())
    for part in ("run_coordinator", "run_retries", "retention", "telemetry", "nux"):
        assert chart[part] == local[part], part
    assert (
        chart["concurrency"]["runs"]["tag_concurrency_limits"]
        == local["concurrency"]["runs"]["tag_concurrency_limits"]
    )
    # A pod may wait for a node, or for its image.
    assert chart["run_monitoring"] == {**local["run_monitoring"], "start_timeout_seconds": 300}


def test_two_builds_never_run_at_once() -> None:
    # The limit by tag sees automation's runs alone; one that is started by hand has no such tag.
    assert dagster_yaml(render("minimal"))["concurrency"]["runs"]["max_concurrent_runs"] == 1


def test_no_process_builds_the_launcher_that_has_no_token() -> None:
    # With attempts to resume, every process would, and so need a token.
    for case in CASES:
        assert "max_resume_run_attempts" not in dagster_yaml(render(case))["run_monitoring"]


@pytest.mark.parametrize("case", CASES)
def test_every_dagster_process_has_the_variables_of_the_instance(case: str) -> None:
    objects = render(case)
    wanted = {f"DAGSTER_PG_{name}" for name in POSTGRES}
    seen = set()
    for pod in pod_templates(objects):
        if pod.component not in {"webserver", "webserver-readonly", "daemon", "code-server", "run"}:
            continue
        seen.add(pod.component)
        for container in pod.containers:
            assert wanted <= {one["name"] for one in container["env"]}, container["name"]
    assert {"webserver", "daemon", "code-server", "run"} <= seen


def test_a_secret_can_describe_all_of_postgres() -> None:
    variables = {
        one["name"]: one["valueFrom"]["secretKeyRef"]["key"]
        for one in run_pod(render("secret")).spec["containers"][0]["env"]
        if one["name"].startswith("DAGSTER_PG_")
    }
    assert variables == {
        "DAGSTER_PG_HOST": "host",
        "DAGSTER_PG_PORT": "port",
        "DAGSTER_PG_DB": "dbname",
        "DAGSTER_PG_USER": "user",
        "DAGSTER_PG_PASSWORD": "password",
    }


def test_each_pod_asks_the_warehouse_as_its_own_user() -> None:
    users = {}
    for pod in pod_templates(render("full")):
        for container in pod.containers:
            variables = {one["name"]: one for one in container.get("env", [])}
            if "STARROCKS_USER" in variables:
                key = variables["STARROCKS_PASSWORD"]["valueFrom"]["secretKeyRef"]["key"]
                purpose = (container.get("command") or ["run"])[:2]
                users[" ".join(purpose)] = (variables["STARROCKS_USER"]["value"], key)
    assert users == {
        "ingestion-simulator setup": ("root", "a"),
        "ingestion-simulator catch-up": ("loader", "l"),
        "ingestion-simulator verify": ("transformer", "t"),
        "dagster api": ("observer", "o"),
        "run": ("transformer", "t"),
    }


def test_a_changed_instance_starts_the_servers_anew() -> None:
    def checksums(**changes: object) -> dict[str, str]:
        return {
            pod.component: pod.metadata["annotations"]["checksum/config"]
            for pod in pod_templates(render(minimal(**changes)))
            if "checksum/config" in pod.metadata.get("annotations", {})
        }

    before, after = checksums(), checksums(dagster__run__maxRetries=4)
    assert before.keys() == {"webserver", "daemon", "code-server"}
    assert all(before[name] != after[name] for name in before)


def test_what_must_be_alone_is_replaced_not_doubled() -> None:
    objects = render("external")
    for name in ("retail-daemon", "retail-simulator"):
        spec = named(objects, "Deployment", name)["spec"]
        assert spec["strategy"] == {"type": "Recreate"}
        assert spec["replicas"] == 1


@pytest.mark.parametrize("case", CASES)
def test_the_tables_are_there_before_what_reads_them(case: str) -> None:
    for pod in pod_templates(render(case)):
        if pod.component in {"webserver", "webserver-readonly", "daemon"}:
            (init,) = pod.spec["initContainers"]
            assert init["command"] == ["python", "-m", "transformation_pipeline.kubernetes.migrate"]
