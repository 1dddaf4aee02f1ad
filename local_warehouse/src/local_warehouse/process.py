"""What every role of the process needs: ports, a folder of its own, signals, the line on stdout."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from aiohttp import web

SHUTDOWN_SECONDS = 10.0
"""How long a load that has its body may take after SIGTERM and still be answered."""

LINGERING_SECONDS = 5.0
"""How long the back end reads on after it refused a body, so that a client that sends all of it
before it reads gets to see the refusal."""

HEADER_BYTES = 64 * 1024
"""A `columns` header of a wide table is longer than aiohttp's 8 KiB."""


class StartError(Exception):
    """The process cannot start; the message says why and what to do."""


def stop_event() -> asyncio.Event:
    """Returns what SIGTERM and SIGINT set from now on."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def start_http(
    stack: AsyncExitStack,
    application: web.Application,
    address: tuple[str, int],
    remedy: str,
    *,
    lingering_seconds: float = 0,
    shutdown_seconds: float = SHUTDOWN_SECONDS,
) -> int:
    """Serve an application until the stack is left.

    Args:
        stack: What stops it.
        application: The routes.
        address: Host and port; port 0 takes a free one.
        remedy: What to do where the port is taken.
        lingering_seconds: How long to read on after a body was refused, so that a client that
            sends all of it before it reads gets to see the refusal.
        shutdown_seconds: How long running requests may go on when the stack is left.

    Returns:
        The port.

    Raises:
        StartError: The port cannot be bound.
    """
    runner = web.AppRunner(
        application,
        lingering_time=lingering_seconds,
        access_log=None,
        auto_decompress=False,
        handle_signals=False,
        max_field_size=HEADER_BYTES,
        max_line_size=HEADER_BYTES,
        shutdown_timeout=shutdown_seconds,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    with bind_errors(address, remedy):
        await web.TCPSite(runner, *address).start()
    port: int = runner.addresses[0][1]
    return port


@contextmanager
def bind_errors(address: tuple[str, int], remedy: str) -> Iterator[None]:
    """Turns the failure to bind a port into a `StartError`."""
    try:
        yield
    except OSError as error:
        host, port = address
        raise StartError(f"cannot listen on {host}:{port}: {_reason(error)}. {remedy}") from error


@contextmanager
def locked(folder: Path, remedy: str) -> Iterator[None]:
    """Holds a folder for this process alone; creates it where it is missing.

    Raises:
        StartError: It cannot be written, or another process has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise StartError(f"cannot write to {folder}: {_reason(error)}. {remedy}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(
                f"{folder} is in use by another local-warehouse. Stop it, or "
                f"{remedy[0].lower()}{remedy[1:]}"
            ) from error
        yield


def announce(**facts: str | int) -> None:
    """Say on stdout, in one JSON line, that everything listens."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps({"event": "ready"} | facts) + "\n")
        sys.stdout.flush()


def _reason(error: OSError) -> str:
    # Not `strerror`: asyncio writes a sentence with the address into it.
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
