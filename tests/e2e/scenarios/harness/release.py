"""The installed chart: its names, and helm's verbs."""

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
CHART = REPOSITORY / "deploy" / "helm" / "retail-analytics"
SCENARIOS = REPOSITORY / "tests" / "e2e" / "scenarios"
VALUES = SCENARIOS / "values"

RELEASE = "retail"
NAMESPACE = "retail"
USERS = ("loader", "transformer", "observer", "bi_reader")

HOST = "retail.localhost"
READ_ONLY_HOST = "read-only.retail.localhost"
PATH_PREFIX = "/dagster"
INGRESS = os.environ.get("E2E_INGRESS", "http://127.0.0.1:8080")
"""Where this machine reaches the cluster's ingress controller."""

EPOCH = f"{datetime.now(UTC) - timedelta(days=10):%Y-%m-%d}"
"""When the retailer opened: ten days are long enough to be interrupted while they are loaded."""


@dataclass(frozen=True)
class Helm:
    """Helm against one cluster.

    Attributes:
        kubeconfig: The cluster.
        warehouse: Values file that says which images play StarRocks: "embedded" or "starrocks".
    """

    kubeconfig: str
    warehouse: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs helm; what it printed, errors included, is the result's stdout."""
        return subprocess.run(
            ["helm", f"--kubeconfig={self.kubeconfig}", *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Installs or upgrades the chart with the values of the tests, and what is given."""
        return self.run(
            "upgrade",
            "--install",
            RELEASE,
            str(CHART),
            f"--namespace={NAMESPACE}",
            f"--values={VALUES / 'kind.yaml'}",
            f"--values={VALUES / f'{self.warehouse}.yaml'}",
            f"--set-string=simulator.world.epoch={EPOCH}",
            *arguments,
        )


@dataclass(frozen=True)
class Installation:
    """What `helm install` said, before and after the operator was there."""

    refusal_without_operator: str
    notes: str
