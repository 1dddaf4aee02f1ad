"""Stopping at a clean point, in real processes."""

import signal
import subprocess
import sys

import pytest

_PROGRAM = """
import sys, time
from ingestion_simulator.interrupts import Interrupted, Interrupts

try:
    with Interrupts() as interrupts:
        if sys.argv[1] == "deferred":
            with interrupts.deferred():
                print("ready", flush=True)
                sys.stdin.readline()
                print("section complete", flush=True)
            print("not reached", flush=True)
        elif sys.argv[1] == "waiting":
            with interrupts.deferred():
                print("ready", flush=True)
                interrupts.wait(60)
                print("not reached", flush=True)
        else:
            print("ready", flush=True)
            time.sleep(60)
except Interrupted as interrupted:
    print(interrupted, flush=True)
    sys.exit(interrupted.exit_status)
"""


def _run(mode: str, *signals: signal.Signals) -> tuple[int, list[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        for number in signals:
            process.send_signal(number)
        output, _ = process.communicate("go on\n" if len(signals) == 1 else "", timeout=30)
    return process.returncode, output.splitlines()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_stops_at_once(number: signal.Signals, status: int) -> None:
    assert _run("anywhere", number) == (status, [number.name])


def test_a_critical_section_is_completed_first() -> None:
    assert _run("deferred", signal.SIGTERM) == (143, ["section complete", "SIGTERM"])


def test_a_wait_within_a_critical_section_ends_early() -> None:
    assert _run("waiting", signal.SIGINT) == (130, ["SIGINT"])
