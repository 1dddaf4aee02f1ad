"""`local-warehouse backend`: a backend as the operator's BE pod. It holds no rows and no state."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

from yarl import URL

from local_warehouse.cluster.conf import BACKEND, read_conf
from local_warehouse.cluster.environment import EVERYWHERE, SHUTDOWN_SECONDS, Environment
from local_warehouse.cluster.heartbeat_port import heartbeat_application
from local_warehouse.cluster.registration import Registration, register
from local_warehouse.cluster.relay import Relay
from local_warehouse.process import LINGERING_SECONDS, announce, start_http, stop_event


def run(environment: Environment, frontend: str) -> None:
    """Register with a frontend, then pass loads on to it until SIGTERM or SIGINT.

    Raises:
        StartError: A port or the configuration stands in the way.
    """
    asyncio.run(_serve(environment, frontend, read_conf(environment.conf("be"), BACKEND)))


async def _serve(environment: Environment, frontend: str, conf: Mapping[str, int]) -> None:
    stopping = stop_event()
    rpc_port = await register(
        Registration(
            frontend,
            environment.query_port,
            environment.password,
            environment.host,
            conf["heartbeat_service_port"],
        ),
        stopping,
    )
    if rpc_port is None:
        return
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(
            Relay(URL.build(scheme="http", host=frontend, port=rpc_port))
        )
        http_port = await start_http(
            stack,
            relay.application(),
            (EVERYWHERE, conf["be_http_port"]),
            _other_port("be_http_port"),
            lingering_seconds=LINGERING_SECONDS,
            shutdown_seconds=SHUTDOWN_SECONDS,
        )
        heartbeat_port = await start_http(
            stack,
            heartbeat_application(
                {
                    "http_port": http_port,
                    "be_port": conf["be_port"],
                    "brpc_port": conf["brpc_port"],
                }
            ),
            (EVERYWHERE, conf["heartbeat_service_port"]),
            _other_port("heartbeat_service_port"),
        )
        announce(
            role="backend",
            host=environment.host,
            http_port=http_port,
            heartbeat_port=heartbeat_port,
        )
        await stopping.wait()


def _other_port(key: str) -> str:
    return f"Choose another {key} in be.conf."
