"""The README's commands for Kubernetes, run as they stand there."""

import argparse
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import requests
from harness.cluster import Cluster, json_lines
from harness.release import CHART, NAMESPACE, PATH_PREFIX, REPOSITORY, SCENARIOS, Helm
from harness.report import Report
from harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("installation")

OPERATOR_README = REPOSITORY / "deploy" / "starrocks-operator" / "README.md"
RUN_BY_OTHERS = {
    "kind create cluster",
    "make images",
    "kind load docker-image retail-analytics/simulator:0.1.0 retail-analytics/pipeline:0.1.0",
    f"kubectl create namespace {NAMESPACE}",
}
"""What `run.py` and the fixtures do, with the names of the suite's own cluster."""


def _section(path: Path, title: str) -> str:
    """The text below a heading of the second level."""
    _, found, rest = path.read_text().partition(f"\n## {title}\n")
    assert found, f"{path.name} has no section {title!r}"
    return rest.partition("\n## ")[0]


def _commands(text: str) -> list[str]:
    """The commands of a text's first block of shell, each on one line."""
    block = re.search(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert block, "there is no block of shell"
    return _whole_lines(block[1])


def _whole_lines(script: str) -> list[str]:
    lines = re.sub(r"\\\n\s*", "", script).splitlines()
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


SECTION = _section(REPOSITORY / "README.md", "On Kubernetes")
COMMANDS = _commands(SECTION)
INSTALLS = [each for each in COMMANDS if each.startswith("helm install ")]
# Ends only when it is told to.
FORWARDS = [each for each in COMMANDS if " port-forward " in each]
RUN_HERE = [
    each
    for each in COMMANDS
    if each.startswith((f"kubectl -n {NAMESPACE} ", "helm test ")) and each not in FORWARDS
]


def test_no_command_escapes() -> None:
    rest = [each for each in COMMANDS if each not in (*INSTALLS, *FORWARDS, *RUN_HERE)]
    assert set(rest) == RUN_BY_OTHERS
    counts = {"installs": len(INSTALLS), "forwards": len(FORWARDS), "run here": len(RUN_HERE)}
    assert counts == {"installs": 2, "forwards": 1, "run here": 10}


def test_helm_installs_what_the_scenarios_install(report: Report) -> None:
    operator, release = map(_installed, INSTALLS)
    script = _whole_lines((SCENARIOS / "install-operator").read_text())
    (of_script,) = [_installed(line) for line in script if line.startswith("helm ")]
    of_operator_readme = _installed(_commands(_section(OPERATOR_README, "Install"))[0])
    assert operator == of_script == of_operator_readme
    assert release == _installed(shlex.join(_Unrun("", report.warehouse).install().args))
    assert release["chart"] == CHART


class _Unrun(Helm):
    """Helm that only says what it would be told."""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(["helm", *arguments], 0)


def _installed(command: str) -> dict[str, object]:
    """What a command installs and where, without the flags that give values or wait."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("name")
    parser.add_argument("chart", type=lambda chart: REPOSITORY / chart)
    for flag in ("--version", "--repo", "--namespace", "--values", "--set-string"):
        parser.add_argument(flag)
    for flag in ("--install", "--wait", "--create-namespace"):
        parser.add_argument(flag, action="store_true")
    helm, verb, *words = shlex.split(command)
    assert (helm, verb) in {("helm", "install"), ("helm", "upgrade")}
    said = vars(parser.parse_args(words))
    # A namespace is there or is made; either way the release lives in it.
    apart = {"values", "set_string", "install", "wait", "create_namespace"}
    return {name: value for name, value in said.items() if name not in apart}


def test_kind_loads_the_images_that_the_release_runs(cluster: Cluster) -> None:
    (load,) = [each for each in COMMANDS if each.startswith("kind load docker-image ")]
    used = {
        container.image
        for pod in cluster.pods()
        if pod.metadata.labels.get("app.kubernetes.io/component") not in ("fe", "be")
        for container in pod.spec.containers
        if container.image.startswith("retail-analytics/")
    }
    assert set(load.split()[3:]) == used


@pytest.mark.parametrize("command", RUN_HERE)
def test_a_command_succeeds(helm: Helm, command: str) -> None:
    """In the README's order: each finds what the ones before it have done."""
    done = subprocess.run(
        ["bash", "-c", command],
        check=False,
        cwd=REPOSITORY,
        env=os.environ | {"KUBECONFIG": helm.kubeconfig},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_forwarded_port_leads_to_the_ui(helm: Helm) -> None:
    (command,) = FORWARDS
    port = command.split()[-1].partition(":")[0]

    def answers() -> bool:
        try:
            answer = requests.get(f"http://localhost:{port}{PATH_PREFIX}/server_info", timeout=5)
        except requests.ConnectionError:
            return False
        return answer.ok and "dagster_webserver_version" in answer.json()

    forward = subprocess.Popen(
        shlex.split(command),
        env=os.environ | {"KUBECONFIG": helm.kubeconfig},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(f"the UI on port {port}", answers, 30)
        assert forward.poll() is None, f"another program answers on port {port}"
    finally:
        forward.terminate()
        forward.wait(30)


def test_the_shown_lines_are_those_of_a_tick(cluster: Cluster) -> None:
    shown = {line["event"]: list(line) for line in json_lines(SECTION)}
    said = {line["event"]: list(line) for line in json_lines(cluster.job_logs("tick-now"))}
    assert shown == {event: said.get(event) for event in shown}
    assert "batch_loaded" in shown
