"""Child processes with a log file each, started in order and stopped in reverse."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

STOP_SECONDS = 15.0
"""How long a child may take to stop after SIGTERM before it is killed."""

TAIL_LINES = 15


class ProcessError(Exception):
    """A child ended, or did not become ready, when it should have been running."""


class Interrupted(BaseException):
    """SIGTERM or SIGINT arrived; carries the signal so that the exit status can name it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def free_port() -> int:
    """A TCP port on the loopback address that nothing listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass
class Child:
    """One running child process; its standard error always goes to a log file.

    `peak_memory_bytes` is known once the child has ended: the operating system's own account
    (`getrusage(2)`), which misses no peak between two samples. It is never less than this
    process's own size when the child began, about 60 MB.
    """

    name: str
    popen: subprocess.Popen[str]
    log_path: Path
    peak_memory_bytes: int = 0

    def poll(self) -> int | None:
        """The exit status, or None while the child runs."""
        if self.popen.returncode is None:
            self._reap(os.WNOHANG)
        return self.popen.returncode

    def wait(self) -> int:
        """Block until the child ends, and return its exit status."""
        if self.popen.returncode is None:
            self._reap(0)
        status = self.popen.returncode
        assert status is not None
        return status

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what has not ended `STOP_SECONDS` later, with its children."""
        if self.poll() is None:
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while self.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
        # The group outlives its leader when the leader left children of its own behind.
        self._signal(signal.SIGKILL)
        self.wait()
        if self.popen.stdout:
            self.popen.stdout.close()

    def tail(self) -> str:
        """The last lines of the log, for an error message."""
        lines = self.log_path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            return

    def _reap(self, options: int) -> None:
        try:
            pid, status, usage = os.wait4(self.popen.pid, options)
        except ChildProcessError:
            self.popen.poll()
            return
        if pid:
            self.popen.returncode = os.waitstatus_to_exitcode(status)
            unit = 1 if os.uname().sysname == "Darwin" else 1024
            self.peak_memory_bytes = usage.ru_maxrss * unit


@dataclass
class Processes:
    """Everything that was started; `stop` ends it in reverse order."""

    log_directory: Path
    children: list[Child] = field(default_factory=list)
    _holding: bool = False
    _held_signal: int | None = None

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        capture_output: bool = False,
        directory: Path | None = None,
    ) -> Child:
        """Start a child in a process group of its own, so that Ctrl-C reaches only us.

        Args:
            name: names the log file and appears in errors.
            command: program and arguments.
            environment: the child's whole environment.
            capture_output: keep standard output readable at `child.popen.stdout`.
            directory: the child's working directory.
        """
        self.log_directory.mkdir(parents=True, exist_ok=True)
        log_path = self.log_directory / f"{name}.log"
        with log_path.open("a") as log, self._signals_held():
            output: int | IO[str] = subprocess.PIPE if capture_output else log
            popen = subprocess.Popen(  # noqa: S603 - commands are our own
                list(command),
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                text=True,
                start_new_session=True,
            )
            child = Child(name, popen, log_path)
            self.children.append(child)
        return child

    def wait_until(
        self, child: Child, ready: Callable[[], bool], *, seconds: float, what: str
    ) -> None:
        """Wait until `ready` holds.

        Raises:
            ProcessError: the child ended first, or `seconds` passed.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self.check(child)
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{child.name}: not {what} after {seconds:.0f} s; see {child.log_path}\n"
                    f"{child.tail()}"
                )
            time.sleep(0.1)

    def check(self, *children: Child) -> None:
        """Raise ProcessError if one of these children (default: all) ended with a failure."""
        for child in children or self.children:
            status = child.poll()
            if status not in (None, 0):
                raise ProcessError(
                    f"{child.name} ended with status {status}; see {child.log_path}\n{child.tail()}"
                )

    def stop(self) -> None:
        """Stop every child, the last started first; a signal meanwhile is raised at the end."""
        with self._signals_held():
            for child in reversed(self.children):
                child.stop()

    def interrupt(self, number: int, _frame: object) -> None:
        """Handle a signal by `Interrupted`; while a child starts or all are stopped, afterwards."""
        if self._holding:
            self._held_signal = number
            return
        # A second Ctrl-C must not get between the first one and the end of the children.
        self._holding = True
        raise Interrupted(number)

    @contextmanager
    def _signals_held(self) -> Iterator[None]:
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._held_signal is not None:
            number, self._held_signal = self._held_signal, None
            self.interrupt(number, None)


@contextmanager
def running(log_directory: Path) -> Iterator[Processes]:
    """Children that are stopped however the block is left, also by SIGINT, SIGTERM or SIGHUP.

    Raises:
        Interrupted: in the block, when one of these signals arrives; after it, when one arrived
            while the children were stopped.
    """
    processes = Processes(log_directory)
    previous = {number: signal.signal(number, processes.interrupt) for number in SIGNALS}
    try:
        yield processes
    finally:
        try:
            processes.stop()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
