import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_platform.processes import (
    Child,
    Interrupted,
    ProcessError,
    free_port,
    port_is_free,
    running,
)

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
CALLER = (
    "import os, signal, sys, time;"
    "call = lambda *_: (os.kill(os.getppid(), signal.SIGINT), sys.exit());"
    "signal.signal(signal.SIGTERM, call); print('up', flush=True); time.sleep(60)"
)
PARENT = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_children_and_grandchildren_are_stopped(tmp_path: Path) -> None:
    with running(tmp_path) as processes:
        child = processes.start("parent", [sys.executable, "-c", PARENT], os.environ)
        wait_for(lambda: child.log_path.read_text().strip().isdigit())
        grandchild = int(child.log_path.read_text())
        assert alive(grandchild)
    assert child.poll() == -signal.SIGTERM
    wait_for(lambda: not alive(grandchild))


def test_a_child_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_platform.processes.STOP_SECONDS", 0.5)
    with running(tmp_path) as processes:
        child = processes.start(
            "stubborn", [sys.executable, "-c", f"print('up', flush=True); {STUBBORN}"], os.environ
        )
        wait_for(lambda: "up" in child.log_path.read_text())
        time.sleep(0.2)  # from its print to its signal handler
    assert child.poll() == -signal.SIGKILL


def test_a_child_that_fails_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('the disk is full')"]
    with running(tmp_path) as processes:
        child = processes.start("loader", command, os.environ)
        with pytest.raises(ProcessError) as failure:
            processes.wait_until(child, lambda: False, seconds=10, what="ready")
    assert str(failure.value) == (
        f"loader ended with status 1; see {tmp_path / 'loader.log'}\nthe disk is full"
    )


def test_a_child_that_never_becomes_ready_is_an_error(tmp_path: Path) -> None:
    with running(tmp_path) as processes:
        child = processes.start("sleeper", ["sleep", "60"], os.environ)
        with pytest.raises(ProcessError, match="sleeper: not answering after 0 s"):
            processes.wait_until(child, lambda: False, seconds=0.2, what="answering")


def test_a_signal_interrupts_and_stops_the_children(tmp_path: Path) -> None:
    children: list[Child] = []

    def terminated_while_running() -> None:
        with running(tmp_path) as processes:
            children.append(processes.start("sleeper", ["sleep", "60"], os.environ))
            os.kill(os.getpid(), signal.SIGTERM)
            children[0].wait()

    with pytest.raises(Interrupted) as interrupted:
        terminated_while_running()
    assert interrupted.value.signal_number == signal.SIGTERM
    assert children[0].poll() == -signal.SIGTERM


PEAK = """
import os, sys
from pathlib import Path
from local_platform.processes import running

with running(Path(sys.argv[1])) as processes:
    hungry = processes.start("hungry", [sys.executable, "-c", "b'x' * 200_000_000"], os.environ)
    assert hungry.wait() == 0
print(hungry.peak_memory_bytes)
"""


def test_a_signal_while_a_child_starts_does_not_lose_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def interrupted_start(*arguments: Any, **options: Any) -> subprocess.Popen[str]:
        started.append(popen(*arguments, **options))
        os.kill(os.getpid(), signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted_start)
    with pytest.raises(Interrupted), running(tmp_path) as processes:
        processes.start("sleeper", ["sleep", "60"], os.environ)
    assert started[0].returncode == -signal.SIGTERM


def test_a_signal_while_stopping_comes_after_all_are_stopped(tmp_path: Path) -> None:
    children: list[Child] = []

    def interrupted_while_stopping() -> None:
        with running(tmp_path) as processes:
            children.append(processes.start("sleeper", ["sleep", "60"], os.environ))
            children.append(processes.start("caller", [sys.executable, "-c", CALLER], os.environ))
            wait_for(lambda: "up" in children[1].log_path.read_text())

    with pytest.raises(Interrupted) as interrupted:
        interrupted_while_stopping()
    assert interrupted.value.signal_number == signal.SIGINT
    assert [child.poll() for child in children] == [-signal.SIGTERM, 0]


def test_peak_memory_is_the_child_s_own(tmp_path: Path) -> None:
    # In a process of its own, because a child's account begins with its parent's size.
    measured = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert 200_000_000 < int(measured.stdout) < 300_000_000


def test_a_port_in_use_is_seen() -> None:
    port = free_port()
    assert port_is_free(port)
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: not port_is_free(port))
    finally:
        server.terminate()
        server.wait()
