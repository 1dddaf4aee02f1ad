"""The process: one warehouse, three listeners, from start to SIGTERM."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local_warehouse.engine import Warehouse
from local_warehouse.http.back_end import BackEnd
from local_warehouse.http.faults import Faults
from local_warehouse.http.front_end import FrontEnd
from local_warehouse.mysql_wire import MysqlListener
from local_warehouse.stream_load.loader import StreamLoader
from local_warehouse.stream_load.spool import Spool

SHUTDOWN_SECONDS = 10.0
"""How long a load that has its body may take after SIGTERM and still be answered."""

LINGERING_SECONDS = 5.0
"""How long the back end reads on after it refused a body, so that a client that sends all of it
before it reads gets to see the refusal."""

HEADER_BYTES = 64 * 1024
"""A `columns` header of a wide table is longer than aiohttp's 8 KiB."""


class StartError(Exception):
    """The server cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class ServerSettings:
    """What the command line says.

    Attributes:
        data_dir: Folder of the data; created where it is missing.
        host: Address to listen on.
        mysql_port: MySQL port; 0 takes a free one, as for the other two.
        front_end_port: HTTP port that redirects loads.
        back_end_port: HTTP port that takes loads.
        root_password: Password of root from now on.
        faults: Whether clients may ask for faults (tests only).
    """

    data_dir: Path
    host: str
    mysql_port: int
    front_end_port: int
    back_end_port: int
    root_password: str
    faults: bool


def run(settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StartError: A port or the data folder cannot be used.
    """
    with _locked(settings.data_dir):
        # The spool is the one folder that the warehouse lets DuckDB read files from.
        spool = Spool(settings.data_dir / "spool", settings.data_dir / "error_log")
        warehouse = Warehouse.open(settings.data_dir, settings.root_password)
        try:
            asyncio.run(_serve(settings, warehouse, spool))
        finally:
            warehouse.close()


async def _serve(settings: ServerSettings, warehouse: Warehouse, spool: Spool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loader = StreamLoader(warehouse, spool)
    async with AsyncExitStack() as stack:
        back_end = BackEnd(warehouse, loader, spool, Faults() if settings.faults else None)
        runner = _runner(back_end.application(), LINGERING_SECONDS)
        await _start_http(stack, runner, settings.host, settings.back_end_port, "--be-http-port")
        back_end_port = _port(runner)
        front_end = FrontEnd(warehouse, loader, back_end_port)
        runner = _runner(front_end.application(), 0)
        await _start_http(stack, runner, settings.host, settings.front_end_port, "--fe-http-port")
        front_end_port = _port(runner)
        listener = await stack.enter_async_context(MysqlListener(warehouse))
        with _bind_errors(settings.host, settings.mysql_port, "--mysql-port"):
            mysql_port = await listener.start(settings.host, settings.mysql_port)
        warehouse.address.host = settings.host
        warehouse.address.mysql_port = mysql_port
        warehouse.address.frontend_http_port = front_end_port
        warehouse.address.backend_http_port = back_end_port
        _announce(mysql_port, front_end_port, back_end_port)
        await stopping.wait()


def _runner(application: web.Application, lingering_seconds: float) -> web.AppRunner:
    return web.AppRunner(
        application,
        lingering_time=lingering_seconds,
        access_log=None,
        auto_decompress=False,
        handle_signals=False,
        max_field_size=HEADER_BYTES,
        max_line_size=HEADER_BYTES,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )


async def _start_http(
    stack: AsyncExitStack, runner: web.AppRunner, host: str, port: int, flag: str
) -> None:
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    with _bind_errors(host, port, flag):
        await web.TCPSite(runner, host, port).start()


def _port(runner: web.AppRunner) -> int:
    port: int = runner.addresses[0][1]
    return port


@contextmanager
def _bind_errors(host: str, port: int, flag: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartError(
            f"cannot listen on {host}:{port}: {_reason(error)}. Choose another port with {flag} "
            "(0 takes a free one) or another address with --host."
        ) from error


def _reason(error: OSError) -> str:
    # Not `strerror`: asyncio writes a sentence with the address into it.
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("w")
    except OSError as error:
        raise StartError(
            f"cannot write to {data_dir}: {_reason(error)}. Choose another folder with --data-dir."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(
                f"{data_dir} is in use by another local-warehouse. Stop it, or choose another "
                "folder with --data-dir."
            ) from error
        yield


def _announce(mysql_port: int, front_end_port: int, back_end_port: int) -> None:
    line = {
        "event": "ready",
        "mysql_port": mysql_port,
        "fe_http_port": front_end_port,
        "be_http_port": back_end_port,
    }
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
