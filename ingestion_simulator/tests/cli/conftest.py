"""The command: in this process where nothing else matters, for a start takes half a second."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion_simulator.cli import main

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
def run(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs the command's entry point; an exception that it lets through fails the test."""

    def run_command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        with monkeypatch.context() as patch, Path(os.devnull).open() as nothing:
            patch.setattr(os, "environ", environment | settings)
            patch.setattr(sys, "argv", [_COMMAND, *arguments])
            patch.setattr(sys, "stdin", nothing)
            try:
                status = main()
            except SystemExit as ended:
                status = int(ended.code or 0)
        return subprocess.CompletedProcess([*arguments], status, *capsys.readouterr())

    return run_command
