"""Heartbeats: how the frontend finds out which backends are alive."""

import asyncio
from datetime import datetime
from typing import Any, Self

import aiohttp
from yarl import URL

from local_warehouse.cluster.heartbeat_port import PATH
from local_warehouse.engine.nodes import Backend, Heartbeat, RegisteredBackends

INTERVAL_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""A heartbeat without an answer for so long is missed."""

_NO_HEARTBEAT = (aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError, LookupError)
"""Nobody answers, or somebody else does."""


class Heartbeats:
    """Asks every registered backend each second; within `async with`, after a first round.

    Args:
        backends: Who is asked, and where the answers are noted.
    """

    def __init__(self, backends: RegisteredBackends) -> None:
        self._backends = backends
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            # A pod that comes back has another address under the same name.
            connector=aiohttp.TCPConnector(use_dns_cache=False, force_close=True),
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
        )
        await self._ask_all()
        self._task = asyncio.create_task(self._keep_asking())
        return self

    async def __aexit__(self, *_failure: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._session.close()

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await self._ask_all()

    async def _ask_all(self) -> None:
        await asyncio.gather(*(self._ask(backend) for backend in self._backends.all()))

    async def _ask(self, backend: Backend) -> None:
        url = URL.build(scheme="http", host=backend.host, port=backend.heartbeat_port, path=PATH)
        try:
            async with self._session.get(url) as response:
                heartbeat = _heartbeat(await response.json())
        except _NO_HEARTBEAT as failure:
            reason = str(failure) or "no answer in time"
            gone = isinstance(failure.__cause__, ConnectionRefusedError)
            self._backends.not_heard(backend.backend_id, reason, gone=gone)
        else:
            self._backends.heard(backend.backend_id, heartbeat)


def _heartbeat(document: dict[str, Any]) -> Heartbeat:
    return Heartbeat(
        http_port=int(document["http_port"]),
        be_port=int(document["be_port"]),
        brpc_port=int(document["brpc_port"]),
        started_at=datetime.fromisoformat(str(document["started_at"])),
    )
