"""What the UI shows in place of a run's output, asked of a real webserver."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_k8s.job import get_job_name_from_run_id

from transformation_pipeline.kubernetes.compute_logs import KubectlComputeLogManager

from .postgres_server import reserved_port

# What the UI asks for its log pane.
QUERY = """
query ($run: ID!) {
  logsForRun(runId: $run) {
    ... on EventConnection {
      events { ... on LogsCapturedEvent { fileKey stepKeys shellCmd { stdout stderr } } }
    }
  }
}
"""


@dg.op
def speak() -> None:
    print("to standard output")  # noqa: T201


@dg.job(executor_def=dg.in_process_executor)
def speaking() -> None:
    speak()


def test_the_ui_gets_the_command_that_shows_a_pods_log(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        assert isinstance(instance.compute_log_manager, KubectlComputeLogManager)
        run = speaking.execute_in_process(instance=instance)
    command = f"kubectl logs -n retail job/{job_name(run.run_id)}"
    answer = ask_webserver(environment, tmp_path, QUERY, {"run": run.run_id})
    events = [event for event in answer["logsForRun"]["events"] if "shellCmd" in event]
    assert [event["shellCmd"] for event in events] == [{"stdout": command, "stderr": command}]


def test_a_run_does_not_import_the_kubernetes_client() -> None:
    """Every run loads this class, and none calls the API."""
    done = subprocess.run(
        [
            *(sys.executable, "-X", "importtime", "-c"),
            "import transformation_pipeline.kubernetes.compute_logs",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "dagster" in imported
    assert not {"dagster_k8s", "kubernetes"} & imported


def job_name(run_id: str) -> str:
    name: str = get_job_name_from_run_id(run_id)  # type: ignore[no-untyped-call]
    return name


def ask_webserver(
    environment: dict[str, str], folder: Path, query: str, variables: dict[str, str]
) -> dict[str, Any]:
    """Starts a webserver without a token, as a pod; returns its answer."""
    with reserved_port() as port:
        pass
    program = str(Path(sys.executable).with_name("dagster-webserver"))
    with (folder / "webserver.log").open("w") as log:
        webserver = subprocess.Popen(
            [program, "-h", "127.0.0.1", "-p", str(port), "--empty-workspace"],
            env={**os.environ, **environment},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_serving(address, webserver)
        request = urllib.request.Request(
            f"{address}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
    finally:
        webserver.terminate()
        webserver.wait(timeout=30)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def wait_until_serving(address: str, webserver: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            with pytest.raises(subprocess.TimeoutExpired):
                webserver.wait(timeout=0.2)
    raise AssertionError("The webserver does not answer.")
