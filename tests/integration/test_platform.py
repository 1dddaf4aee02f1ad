"""The platform as a whole: what changes in the warehouse reaches the marts by automation alone."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from real_processes import WORLD, Simulator

from local_platform.dagster_api import DagsterApi
from local_platform.platform import BIN, Platform, base_environment
from local_platform.processes import Processes, running
from local_platform.warehouse import WarehouseConnection

pytestmark = pytest.mark.timeout(600)

_TICKS = """
query Ticks($sensor: SensorSelector!) {
  sensorOrError(sensorSelector: $sensor) {
    ... on Sensor { sensorState { ticks(limit: 100) { timestamp status } } }
  }
}
"""

_SOLD = """
select sum(net_sales_eur), sum(cancelled_eur), sum(quantity), count(*)
from retail_marts.fact_daily_sales
"""


@dataclass(frozen=True)
class RunningPlatform:
    platform: Platform
    processes: Processes
    warehouse: WarehouseConnection
    api: DagsterApi
    simulator: Simulator

    def load_until(self, moment: str) -> None:
        self.simulator.succeed("catch-up", "--until", moment)

    def wait_until_built(self) -> None:
        """Until what the warehouse holds now is observed, everything is fresh, and nothing runs."""
        loaded = time.time()

        def built() -> bool:
            observed = self.api.last_observed("retail_raw", "raw_load_manifest")
            newest_load = self.warehouse.query(
                "select max(committed_at) from retail_raw.raw_load_manifest"
            )[0][0]
            ticked = self.completed_ticks("raw_change_sensor", since=loaded) > 0
            return (
                bool(ticked and observed and observed.replace(tzinfo=None) >= newest_load)
                and self.api.state().settled
            )

        wait_for(built, 240, lambda: f"not built: {self.api.state()}")

    def completed_ticks(self, sensor: str, since: float) -> int:
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "transformation_pipeline",
            "sensorName": sensor,
        }
        response = requests.post(
            f"{self.api.url}/graphql",
            json={"query": _TICKS, "variables": {"sensor": selector}},
            timeout=30,
        )
        ticks = response.json()["data"]["sensorOrError"]["sensorState"]["ticks"]
        return sum(
            tick["timestamp"] > since and tick["status"] in ("SKIPPED", "SUCCESS") for tick in ticks
        )


def wait_for(condition: Callable[[], bool], seconds: float, explain: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.25)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    directory = tmp_path_factory.mktemp("platform")
    with running(directory / "logs") as processes:
        platform = Platform(processes, directory, base_environment() | WORLD)
        warehouse = platform.start_warehouse()
        simulator = Simulator(platform.environment)
        simulator.succeed("init", "--reset", "--yes")
        api = platform.start_dagster()
        yield RunningPlatform(platform, processes, warehouse, api, Simulator(platform.environment))


def test_history_and_live_windows_reach_the_marts(live: RunningPlatform) -> None:
    live.load_until("2026-09-03")
    live.wait_until_built()
    live.simulator.succeed("verify")
    before = live.warehouse.query(_SOLD)

    live.load_until("2026-09-03T12:00:00")
    live.wait_until_built()
    live.simulator.succeed("verify")
    assert live.warehouse.query(_SOLD) != before


def test_every_asset_check_has_run_and_passed(live: RunningPlatform) -> None:
    live.wait_until_built()
    manifest = json.loads(
        (Path(live.platform.environment["DBT_TARGET_PATH"]) / "manifest.json").read_bytes()
    )
    data_tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    checks = live.api.checks()
    assert len(checks) == len(data_tests)
    assert [check for check in checks if check.status != "SUCCEEDED"] == []


def test_nothing_runs_while_nothing_changes(live: RunningPlatform) -> None:
    live.wait_until_built()
    runs = live.api.runs(100)
    quiet_since = time.time()
    wait_for(
        lambda: live.completed_ticks("build_stale_models", quiet_since) >= 3,
        120,
        lambda: "the automation sensor does not tick",
    )
    assert live.api.runs(100) == runs


def test_a_warehouse_killed_during_a_run_is_survived(live: RunningPlatform) -> None:
    if not live.platform.embedded:
        pytest.skip("only the embedded warehouse can be killed from here")
    live.load_until("2026-09-03T18:00:00")
    began = time.time()
    wait_for(
        lambda: any(run.status == "STARTED" for run in live.api.runs() if run.created >= began),
        120,
        lambda: f"no run started: {live.api.runs(3)}",
    )
    assert live.platform.warehouse_process
    os.kill(live.platform.warehouse_process.popen.pid, signal.SIGKILL)
    live.platform.warehouse_process.wait()
    live.processes.children.remove(live.platform.warehouse_process)
    live.platform.restart_warehouse()

    live.load_until("2026-09-03T20:00:00")
    live.wait_until_built()
    live.simulator.succeed("verify")


def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    demo = subprocess.Popen(
        [
            str(BIN / "local-platform"),
            "demo",
            f"--directory={directory}",
            f"--report={tmp_path / 'report.json'}",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert demo.stdout
    output = ""
    for line in demo.stdout:
        output += line
        if "rows loaded" in line:
            break
    demo.send_signal(signal.SIGINT)
    output += demo.communicate(timeout=60)[0]
    assert demo.returncode == 130, output
    assert "Traceback" not in output
    assert processes_that_mention(str(directory)) == []
    assert not (tmp_path / "report.json").exists()


def processes_that_mention(text: str) -> list[str]:
    listing = subprocess.run(
        ["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    )
    return [line for line in listing.stdout.splitlines() if text in line]
