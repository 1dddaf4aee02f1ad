"""A backend's heartbeat port, where the frontend asks whether it is alive.

StarRocks' nodes speak thrift there. Here a heartbeat is a GET whose JSON names the backend's other
ports.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

PATH = "/heartbeat"


def heartbeat_application(ports: Mapping[str, int]) -> web.Application:
    """Return the one route; `ports` has http_port, be_port and brpc_port."""
    document = dict(ports) | {"started_at": datetime.now(UTC).isoformat()}

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(document)

    application = web.Application()
    application.router.add_get(PATH, answer)
    return application
