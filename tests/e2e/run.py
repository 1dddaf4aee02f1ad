"""`make e2e`: cluster, images, operator, install, scenarios, table; nothing is left afterwards.

Two ways to the same scenarios, by E2E_WAREHOUSE:

- starrocks: Docker, kind, kubectl and helm are there and registries can be reached. StarRocks' own
  images, its operator and an ordinary kind node. What people run, and GitHub's runners.
- embedded: nothing can be pulled. `cluster/` makes the engine, Kubernetes and the base images from
  packages and modules; the embedded warehouse plays frontend and backend, a test double the
  operator.

Unset, it is "starrocks" where a Docker engine answers, and else "embedded". KEEP=1 leaves all of it
running.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CLUSTER = "e2e"
NODE_IMAGE = os.environ.get(
    "E2E_NODE_IMAGE",
    "kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d",
)
IMAGES = ("simulator", "pipeline", "warehouse")
VERSION = "0.1.0"
TOOLS = ("docker", "kind", "kubectl", "helm")


class StepError(Exception):
    """A step failed; the message says which."""


def main() -> int:
    """Runs the suite; returns the process's exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    warehouse = _choose_warehouse()
    environment = _environment(warehouse)
    _say(f"Warehouse: {warehouse}")
    try:
        with _cluster(warehouse, environment):
            _step("Build the images", [_script("deploy/images/build")], environment)
            _load_images(warehouse, environment)
            return _scenarios(environment)
    except StepError as error:
        _say(f"make e2e: {error}")
        return 1
    except KeyboardInterrupt:
        _say("make e2e: interrupted; everything it started was stopped")
        return 130


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    # Once: what follows is cleaning up, which a second Ctrl-C must not cut short.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _choose_warehouse() -> str:
    chosen = os.environ.get("E2E_WAREHOUSE", "")
    if chosen not in ("", "embedded", "starrocks"):
        sys.exit(f"make e2e: E2E_WAREHOUSE={chosen!r} must be embedded or starrocks")
    if chosen:
        return chosen
    answers = (
        shutil.which("docker")
        and not subprocess.run(["docker", "info"], check=False, capture_output=True).returncode
    )
    return "starrocks" if answers else "embedded"


def _environment(warehouse: str) -> dict[str, str]:
    """What every step sees, so that no step needs flags of its own."""
    environment = dict(os.environ) | {"E2E_WAREHOUSE": warehouse}
    if warehouse == "starrocks":
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            sys.exit(f"make e2e: install {', '.join(missing)}, or set E2E_WAREHOUSE=embedded")
        return environment | {"KUBECONFIG": str(REPOSITORY / "build" / "e2e" / "kubeconfig")}
    home = Path(environment.setdefault("E2E_HOME", "/opt/e2e"))
    return environment | {
        "KUBECONFIG": str(home / "kubeconfig"),
        "DOCKER_HOST": f"unix://{home}/docker/sock",
        "DOCKER_CONFIG": str(home / "docker/client"),
        "PATH": f"{home}/bin:{environment['PATH']}",
        "PYTHON_IMAGE": "e2e/python:3.13",
        "UV_IMAGE": "e2e/uv",
        "CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt",
    }


@contextmanager
def _cluster(warehouse: str, environment: Mapping[str, str]) -> Iterator[None]:
    up, down = {
        "embedded": (
            [_script("tests/e2e/cluster/up")],
            [_script("tests/e2e/cluster/down"), "--docker"],
        ),
        "starrocks": (
            [_script("tests/e2e/kind/up"), CLUSTER, NODE_IMAGE],
            ["kind", "delete", "cluster", f"--name={CLUSTER}"],
        ),
    }[warehouse]
    try:
        _step("Start the cluster", up, environment)
        yield
    finally:
        if environment.get("KEEP") == "1":
            _say(f"Kept. export KUBECONFIG={environment['KUBECONFIG']}")
        else:
            _step("Stop everything", down, environment)


def _load_images(warehouse: str, environment: Mapping[str, str]) -> None:
    names = [f"retail-analytics/{image}:{VERSION}" for image in IMAGES]
    if warehouse == "embedded":
        _step(
            "Build the operator's double", [_script("tests/e2e/operator_double/build")], environment
        )
        names += [f"retail-analytics/operator-double:{VERSION}", "e2e/postgres:17"]
    _step(
        "Load the images into the node",
        ["kind", "load", "docker-image", f"--name={CLUSTER}", *names],
        environment,
    )


def _scenarios(environment: Mapping[str, str]) -> int:
    # pytest-kind leaves folders where it runs.
    folder = REPOSITORY / "build"
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(REPOSITORY / "tests/images"),
        str(HERE / "scenarios"),
        f"--cluster-name={CLUSTER}",
        "--keep-cluster",
        # Real images are pulled while the install is waited for.
        "--timeout=1200",
        f"--kubeconfig={environment['KUBECONFIG']}",
        f"--kind-bin={shutil.which('kind', path=environment['PATH'])}",
        f"--kind-kubectl-bin={shutil.which('kubectl', path=environment['PATH'])}",
        *os.environ.get("PYTEST_ARGS", "").split(),
    ]
    return subprocess.run(command, check=False, cwd=folder, env=environment).returncode


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _script(path: str) -> str:
    return str(REPOSITORY / path)


def _step(title: str, command: list[str], environment: Mapping[str, str]) -> None:
    began = time.monotonic()
    _say(f"{title} …")
    done = subprocess.run(command, check=False, env=environment, cwd=REPOSITORY)
    if done.returncode:
        raise StepError(f"{title.lower()} failed with status {done.returncode}")
    _say(f"{title}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
