"""`local-warehouse serve`: one warehouse, three listeners, from start to SIGTERM."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from local_warehouse.engine import Warehouse, WarehouseError
from local_warehouse.engine.nodes import BuiltInBackend
from local_warehouse.http.back_end import BackEnd
from local_warehouse.http.faults import Faults
from local_warehouse.http.front_end import FrontEnd
from local_warehouse.mysql_wire import MysqlListener
from local_warehouse.process import (
    LINGERING_SECONDS,
    StartError,
    announce,
    bind_errors,
    locked,
    start_http,
    stop_event,
)
from local_warehouse.stream_load.loader import StreamLoader
from local_warehouse.stream_load.spool import Spool


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
    with locked(settings.data_dir, "Choose another folder with --data-dir."):
        # The spool is the one folder that the warehouse lets DuckDB read files from.
        spool = Spool(settings.data_dir / "spool", settings.data_dir / "error_log")
        try:
            warehouse = Warehouse.open(settings.data_dir, settings.root_password)
        except WarehouseError as failure:
            raise StartError(failure.message) from failure
        try:
            asyncio.run(_serve(settings, warehouse, spool))
        finally:
            warehouse.close()


async def _serve(settings: ServerSettings, warehouse: Warehouse, spool: Spool) -> None:
    stopping = stop_event()
    loader = StreamLoader(warehouse, spool)
    async with AsyncExitStack() as stack:
        back_end = BackEnd(warehouse, loader, spool, Faults() if settings.faults else None)
        back_end_port = await start_http(
            stack,
            back_end.application(),
            (settings.host, settings.back_end_port),
            _other_port("--be-http-port"),
            lingering_seconds=LINGERING_SECONDS,
        )
        front_end = FrontEnd(warehouse, loader, lambda request: _same_host(request, back_end_port))
        front_end_port = await start_http(
            stack,
            front_end.application(),
            (settings.host, settings.front_end_port),
            _other_port("--fe-http-port"),
        )
        listener = await stack.enter_async_context(MysqlListener(warehouse))
        with bind_errors((settings.host, settings.mysql_port), _other_port("--mysql-port")):
            mysql_port = await listener.start(settings.host, settings.mysql_port)
        warehouse.frontend.host = settings.host
        warehouse.frontend.query_port = mysql_port
        warehouse.frontend.http_port = front_end_port
        warehouse.backends = BuiltInBackend(settings.host, back_end_port)
        announce(mysql_port=mysql_port, fe_http_port=front_end_port, be_http_port=back_end_port)
        await stopping.wait()


def _other_port(flag: str) -> str:
    return f"Choose another port with {flag} (0 takes a free one) or another address with --host."


def _same_host(request: web.Request, port: int) -> str:
    """The back end under the name by which the client reached the front end."""
    host = request.url.host or "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
