"""`local-warehouse frontend`: the warehouse as the operator's FE pod.

Everything lies here: tables, users, labels, backends. A backend passes the bodies of loads on to
the port that StarRocks calls `rpc_port`; here it speaks HTTP, and takes loads as the back end of
`local-warehouse serve` does.
"""

import asyncio
import itertools
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack

from aiohttp import web

from local_warehouse.cluster.conf import FRONTEND, read_conf
from local_warehouse.cluster.environment import EVERYWHERE, SHUTDOWN_SECONDS, Environment
from local_warehouse.cluster.heartbeats import Heartbeats
from local_warehouse.engine import Warehouse, WarehouseError
from local_warehouse.engine.nodes import RegisteredBackends, alive
from local_warehouse.http.back_end import BackEnd
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


def run(environment: Environment) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StartError: A port, the volume or the number of the pod stands in the way.
    """
    refuse_followers(environment.pod)
    conf = read_conf(environment.conf("fe"), FRONTEND)
    meta = environment.root / "fe" / "meta"
    with locked(meta, "Mount a volume there that the user of this process can write to."):
        spool = Spool(meta / "spool", meta / "error_log")
        try:
            # Root's password is empty until SET PASSWORD, whatever MYSQL_PWD says.
            warehouse = Warehouse.open(meta, None)
        except WarehouseError as failure:
            raise StartError(failure.message) from failure
        try:
            asyncio.run(_serve(environment.host, conf, warehouse, spool))
        finally:
            warehouse.close()


def refuse_followers(pod: str) -> None:
    """Refuse to be the second frontend, whose rows would be other rows than the first one's.

    Raises:
        StartError: The pod's number is not 0.
    """
    number = re.search(r"-fe-(\d+)$", pod)
    if number and int(number[1]) > 0:
        raise StartError(
            f"{pod} would be a second frontend, and the embedded warehouse has one. "
            "Set starRocksFeSpec.replicas to 1."
        )


async def _serve(host: str, conf: Mapping[str, int], warehouse: Warehouse, spool: Spool) -> None:
    stopping = stop_event()
    loader = StreamLoader(warehouse, spool)
    backends = RegisteredBackends(warehouse, conf["default_replication_num"])
    warehouse.backends = backends
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(Heartbeats(backends))
        rpc_port = await start_http(
            stack,
            BackEnd(warehouse, loader, spool, None).application(),
            (EVERYWHERE, conf["rpc_port"]),
            _other_port("rpc_port"),
            lingering_seconds=LINGERING_SECONDS,
            shutdown_seconds=SHUTDOWN_SECONDS,
        )
        http_port = await start_http(
            stack,
            FrontEnd(warehouse, loader, InTurn(backends)).application(),
            (EVERYWHERE, conf["http_port"]),
            _other_port("http_port"),
            shutdown_seconds=SHUTDOWN_SECONDS,
        )
        listener = await stack.enter_async_context(MysqlListener(warehouse))
        with bind_errors((EVERYWHERE, conf["query_port"]), _other_port("query_port")):
            query_port = await listener.start(EVERYWHERE, conf["query_port"])
        warehouse.frontend.host = host
        warehouse.frontend.http_port = http_port
        warehouse.frontend.query_port = query_port
        warehouse.frontend.rpc_port = rpc_port
        warehouse.frontend.edit_log_port = conf["edit_log_port"]
        announce(
            role="frontend",
            host=host,
            query_port=query_port,
            http_port=http_port,
            rpc_port=rpc_port,
        )
        await stopping.wait()


class InTurn:
    """Sends loads to the backends that are alive, one after the other.

    Args:
        backends: Who there is.
    """

    def __init__(self, backends: RegisteredBackends) -> None:
        self._backends = backends
        self._turns = itertools.count()

    def __call__(self, _request: web.Request) -> str | None:
        """Return host and HTTP port of the next one, as it was registered."""
        found = alive(self._backends)
        if not found:
            return None
        backend = found[next(self._turns) % len(found)]
        host = f"[{backend.host}]" if ":" in backend.host else backend.host
        return f"{host}:{backend.heartbeat.http_port}"


def _other_port(key: str) -> str:
    return f"Choose another {key} in fe.conf."
