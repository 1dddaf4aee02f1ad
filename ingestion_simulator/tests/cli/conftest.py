"""The command as its users have it: a process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_COMMAND = str(Path(sys.executable).parent / "ingestion-simulator")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command() -> str:
    return _COMMAND


@pytest.fixture
def environment() -> dict[str, str]:
    """This process's environment without any setting of the platform."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STARROCKS_", "SIMULATOR_"))
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def run_command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_COMMAND, *arguments],
            env=environment | settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_command
