"""A backend's HTTP port: it takes the bodies of loads and passes them on to the frontend.

A load is answered as the frontend answers it. Where the frontend cannot be asked, the answer is
the one that lets a client try again: with its label, which the frontend checks.
"""

import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from local_warehouse.http.body import body_parts, leave_to_handler
from local_warehouse.http.documents import json_response
from local_warehouse.stream_load.reply import LoadReply, status_unknown

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
LOAD_SECONDS = 600
"""StarRocks' `stream_load_default_timeout_second`."""

GRACE_SECONDS = 60
"""How much longer than the load's own time-out the frontend's answer may take."""

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "expect"})


class Relay:
    """Handlers of a backend; within `async with`.

    Args:
        frontend: URL of the frontend's rpc port.
    """

    def __init__(self, frontend: URL) -> None:
        self._frontend = frontend

    async def __aenter__(self) -> "Relay":
        self._session = aiohttp.ClientSession(
            # No connection is used twice: aiohttp would repeat a request on one that had broken.
            connector=aiohttp.TCPConnector(
                limit=0, force_close=True, use_dns_cache=False, socket_factory=_watched_socket
            ),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self._session.close()

    def application(self) -> web.Application:
        """Return the routes."""
        application = web.Application()
        application.router.add_route(
            "PUT",
            "/api/{database}/{table}/_stream_load",
            self._stream_load,
            expect_handler=leave_to_handler,
        )
        application.router.add_get("/api/_load_error_log", self._error_log)
        application.router.add_get("/api/health", _health)
        return application

    async def _stream_load(self, request: web.Request) -> web.Response:
        body = _Body(request)
        label = request.headers.get("label", "")
        try:
            answer = await self._pass_on(
                request,
                data=body.parts(),
                # The frontend asks for the body once the load has begun, and only then does this.
                expect100=True,
                timeout=_load_timeout(request),
            )
            logger.info("load %s passed on: HTTP %d", label, answer.status)
            return answer
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            address = f"{self._frontend.host}:{self._frontend.port}"
            cause = f"call frontend service failed, address={address}, reason={_reason(failure)}"
            logger.warning("load %s: %s", label, cause)
            message = status_unknown(cause) if body.asked_for else cause
            return json_response(LoadReply(label, "Fail", message).to_json())

    async def _error_log(self, request: web.Request) -> web.Response:
        timeout = aiohttp.ClientTimeout(total=LOAD_SECONDS, sock_connect=CONNECT_SECONDS)
        try:
            return await self._pass_on(request, timeout=timeout)
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            raise web.HTTPBadGateway(text=f"no frontend: {_reason(failure)}\n") from failure

    async def _pass_on(self, request: web.Request, **options: Any) -> web.Response:
        headers = CIMultiDict(
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in _HOP_BY_HOP
        )
        url = self._frontend.join(URL(request.raw_path, encoded=True))
        async with self._session.request(
            request.method,
            url,
            headers=headers,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            allow_redirects=False,
            **options,
        ) as answer:
            content = await answer.read()
            content_type = answer.headers.get("Content-Type", "application/octet-stream")
            return web.Response(
                status=answer.status, body=content, headers={"Content-Type": content_type}
            )


class _Body:
    """The client's body, which is asked for when the frontend asks for it."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.asked_for = False

    async def parts(self) -> AsyncIterator[bytes]:
        self.asked_for = True
        async for part in body_parts(self._request):
            yield part


def _load_timeout(request: web.Request) -> aiohttp.ClientTimeout:
    asked = request.headers.get("timeout", "")
    seconds = int(asked) if asked.isascii() and asked.isdecimal() else LOAD_SECONDS
    return aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_SECONDS, sock_read=seconds + GRACE_SECONDS
    )


def _watched_socket(address: Any) -> socket.socket:
    """A socket that notices within half a minute that the frontend's machine has gone."""
    family, kind, protocol, *_ = address
    found = socket.socket(family, kind, protocol)
    for option, value in (
        (socket.TCP_KEEPIDLE, 10),
        (socket.TCP_KEEPINTVL, 5),
        (socket.TCP_KEEPCNT, 4),
        (socket.TCP_USER_TIMEOUT, 30_000),
    ):
        found.setsockopt(socket.IPPROTO_TCP, option, value)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return found


def _reason(failure: Exception) -> str:
    return str(failure) or type(failure).__name__


async def _health(_request: web.Request) -> web.Response:
    return json_response({"status": "OK", "msg": "To Be Added"})
