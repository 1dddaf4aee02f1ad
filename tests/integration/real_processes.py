"""What the integration tests drive: a warehouse, the platform, the simulator's command."""

import subprocess
from dataclasses import dataclass

from local_platform.platform import BIN, Platform
from local_platform.warehouse import WarehouseConnection

SIMULATOR = str(BIN / "ingestion-simulator")

WORLD = {
    "SIMULATOR_SEED": "7",
    "SIMULATOR_EPOCH": "2026-09-01",
    "SIMULATOR_TICK": "1h",
    "SIMULATOR_ORDERS_PER_DAY": "200",
    "SIMULATOR_LATE_RATE": "0.05",
    "SIMULATOR_DUPLICATE_RATE": "0.02",
    "SIMULATOR_INVALID_RATE": "0.01",
}


@dataclass(frozen=True)
class Simulator:
    """The simulator's command as its user has it, with the settings in `environment`."""

    environment: dict[str, str]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SIMULATOR, *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def succeed(self, *arguments: str, **environment: str) -> str:
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [SIMULATOR, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@dataclass(frozen=True)
class Site:
    """A warehouse and what speaks to it."""

    platform: Platform
    warehouse: WarehouseConnection
    simulator: Simulator
