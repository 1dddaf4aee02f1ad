"""The back end's HTTP port: it takes the bodies of loads.

Source: StarRocks documentation, "STREAM LOAD".
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from local_warehouse.engine import Warehouse
from local_warehouse.http.authentication import is_authentic, parse_basic
from local_warehouse.http.body import body_parts, leave_to_handler
from local_warehouse.http.documents import json_response
from local_warehouse.http.faults import Fault, Faults
from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.labels import LabelExistsError
from local_warehouse.stream_load.loader import Load, StreamLoader
from local_warehouse.stream_load.reply import LoadReply, status_unknown
from local_warehouse.stream_load.request import LoadRequest
from local_warehouse.stream_load.spool import Spool

LOAD_THREADS = 4
"""Loads that convert rows at once; they share DuckDB's memory limit."""

WRITE_BYTES = 1024 * 1024


class BackEnd:
    """Handlers of the back end.

    Args:
        warehouse: Knows users.
        loader: Runs the loads.
        spool: Where bodies go.
        faults: Faults for the tests of clients; None where they are switched off.
    """

    def __init__(
        self, warehouse: Warehouse, loader: StreamLoader, spool: Spool, faults: Faults | None
    ) -> None:
        self._warehouse = warehouse
        self._loader = loader
        self._spool = spool
        self._faults = faults
        self._stopping = asyncio.Event()
        self._executor = ThreadPoolExecutor(LOAD_THREADS, thread_name_prefix="load")

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
        if self._faults is not None:
            application.router.add_post("/api/_faults", self._arm_fault)
        application.on_shutdown.append(self._stop_receiving)
        application.on_cleanup.append(self._stop_loading)
        return application

    async def _stream_load(self, request: web.Request) -> web.Response:
        label = request.headers.get("label", "")
        try:
            load = await asyncio.to_thread(self._begin, request)
        except LabelExistsError as taken:
            return json_response(
                LoadReply(
                    label,
                    "Label Already Exists",
                    taken.message,
                    existing_job_status=taken.job_status,
                ).to_json()
            )
        except LoadError as failure:
            return json_response(LoadReply(label, "Fail", failure.message).to_json())
        body = self._spool.new_body()
        try:
            reply = await self._receive_and_run(request, load, body)
        finally:
            await asyncio.to_thread(body.unlink, missing_ok=True)
        if reply.status == "Success" and self._faults and (fault := self._faults.take()):
            reply = _faulty(request, reply, fault)
        return json_response(reply.to_json(_error_url(request, reply)))

    def _begin(self, request: web.Request) -> Load:
        credentials = parse_basic(request.headers.get("Authorization"))
        if credentials is None:
            raise LoadError("no valid Basic authorization")
        if not is_authentic(self._warehouse, credentials):
            raise LoadError(f"Access denied for {credentials.user}")
        load_request = LoadRequest.from_headers(
            request.match_info["database"], request.match_info["table"], request.headers
        )
        return self._loader.begin(credentials.user, load_request)

    async def _receive_and_run(self, request: web.Request, load: Load, body: Path) -> LoadReply:
        try:
            await self._receive(request, load, body)
        except LoadError as failure:
            self._loader.abandon(load)
            return LoadReply(load.request.label, "Fail", failure.message)
        except BaseException:
            self._loader.abandon(load)
            raise
        running = asyncio.get_running_loop().run_in_executor(
            self._executor, self._loader.run, load, body
        )
        try:
            return await asyncio.shield(running)
        finally:
            # The body is in use until the load has ended, even if its client has gone.
            await asyncio.wait({running})

    async def _receive(self, request: web.Request, load: Load, body: Path) -> None:
        receiving = asyncio.ensure_future(_spool(request, body))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait(
                {receiving, stopping},
                timeout=load.request.timeout_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if stopping.done():
                raise LoadError("Service is shutting down, please retry later!")
            if not receiving.done():
                raise LoadError("[E1008]Reached timeout")
            await receiving
        except ConnectionError as failure:
            raise LoadError("the client closed the connection") from failure
        finally:
            receiving.cancel()
            stopping.cancel()
            await asyncio.wait({receiving, stopping})

    async def _error_log(self, request: web.Request) -> web.Response:
        content = await asyncio.to_thread(self._spool.read_error_log, request.query.get("file", ""))
        if content is None:
            raise web.HTTPNotFound(text="no such error log\n")
        return web.Response(body=content, content_type="text/plain", charset="utf-8")

    async def _arm_fault(self, request: web.Request) -> web.Response:
        try:
            fault, times = Fault(request.query["next"]), int(request.query.get("times", "1"))
        except (KeyError, ValueError):
            choices = ", ".join(Fault)
            raise web.HTTPBadRequest(text=f"next must be one of {choices}\n") from None
        if self._faults is not None:
            self._faults.arm(fault, times)
        return web.Response(status=204)

    async def _stop_receiving(self, _application: web.Application) -> None:
        self._stopping.set()

    async def _stop_loading(self, _application: web.Application) -> None:
        await asyncio.to_thread(self._executor.shutdown)


async def _spool(request: web.Request, body: Path) -> None:
    with body.open("wb") as file:
        chunk = bytearray()
        async for part in body_parts(request):
            chunk += part
            if len(chunk) >= WRITE_BYTES:
                await asyncio.to_thread(file.write, chunk)
                chunk = bytearray()
        file.write(chunk)


def _faulty(request: web.Request, reply: LoadReply, fault: Fault) -> LoadReply:
    if fault is Fault.PUBLISH_TIMEOUT:
        return replace(reply, status="Publish Timeout", message="Publish timeout")
    if fault is Fault.DROP_CONNECTION and request.transport is not None:
        request.transport.abort()
    return replace(
        reply,
        status="Fail",
        message=status_unknown("injected fault"),
    )


def _error_url(request: web.Request, reply: LoadReply) -> str | None:
    if reply.error_log is None:
        return None
    return str(request.url.origin().with_path("/api/_load_error_log") % {"file": reply.error_log})


async def _health(_request: web.Request) -> web.Response:
    return json_response({"status": "OK", "msg": "To Be Added"})
