"""The front end's HTTP port: it sends loads to the back end and knows the state of labels.

Source: StarRocks documentation, "STREAM LOAD" and "Loading transaction".
"""

import asyncio
from collections.abc import Callable

from aiohttp import web

from local_warehouse.engine import Warehouse, WarehouseError
from local_warehouse.engine.nodes import alive
from local_warehouse.http.authentication import is_authentic, parse_basic
from local_warehouse.http.documents import json_response
from local_warehouse.stream_load.loader import StreamLoader

ChooseBackend = Callable[[web.Request], str | None]
"""Host and HTTP port of the backend for a load; None where no backend is alive."""


class FrontEnd:
    """Handlers of the front end.

    Args:
        warehouse: Knows users, tables and backends.
        loader: Knows labels.
        choose_backend: Where loads are sent.
    """

    def __init__(
        self, warehouse: Warehouse, loader: StreamLoader, choose_backend: ChooseBackend
    ) -> None:
        self._warehouse = warehouse
        self._loader = loader
        self._choose_backend = choose_backend

    def application(self) -> web.Application:
        """Return the routes."""
        application = web.Application()
        application.router.add_route(
            "PUT",
            "/api/{database}/{table}/_stream_load",
            self._redirect,
            # Answers before 100-continue is sent, so that no body comes here.
            expect_handler=self._redirect,
        )
        application.router.add_get("/api/{database}/get_load_state", self._load_state)
        application.router.add_get("/api/health", self._health)
        return application

    async def _redirect(self, request: web.Request) -> web.Response:
        response = await self._redirection(request)
        response.force_close()
        return response

    async def _redirection(self, request: web.Request) -> web.Response:
        user = await self._user(request)
        if user is None or self._lacks_privilege(user, request):
            return _unauthorized()
        if (
            request.version >= (1, 1)
            and request.headers.get("Expect", "").lower() != "100-continue"
        ):
            return _not_redirected("There is no 100-continue header")
        backend = self._choose_backend(request)
        if backend is None:
            return _not_redirected("No backend alive.")
        return web.Response(status=307, headers={"Location": f"http://{backend}{request.raw_path}"})

    def _lacks_privilege(self, user: str, request: web.Request) -> bool:
        database, name = request.match_info["database"], request.match_info["table"]
        try:
            table = self._warehouse.table(database, name)
        except WarehouseError:
            return False  # the back end says that there is no such table
        return not self._warehouse.may_insert(user, table)

    async def _load_state(self, request: web.Request) -> web.Response:
        if await self._user(request) is None:
            return _unauthorized()
        database, label = request.match_info["database"], request.query.get("label", "")
        try:
            self._warehouse.catalog.database(database)
        except WarehouseError:
            return _failed(f"unknown database, database={database}")
        if not label:
            return _failed("label is required")
        state = await asyncio.to_thread(self._loader.labels.state, database, label)
        return json_response(
            {"status": "OK", "code": "0", "msg": "Success", "message": "OK", "state": state}
        )

    async def _health(self, _request: web.Request) -> web.Response:
        backends = self._warehouse.backends
        return json_response(
            {
                "online_backend_num": len(alive(backends)),
                "total_backend_num": len(backends.all()),
                "status": "OK",
            }
        )

    async def _user(self, request: web.Request) -> str | None:
        credentials = parse_basic(request.headers.get("Authorization"))
        if credentials is None:
            return None
        known = await asyncio.to_thread(is_authentic, self._warehouse, credentials)
        return credentials.user if known else None


def _not_redirected(message: str) -> web.Response:
    text = f"class com.starrocks.common.DdlException: {message}"
    return json_response({"Status": "FAILED", "Message": text})


def _failed(message: str) -> web.Response:
    return json_response({"status": "FAILED", "code": "1", "msg": message, "message": message})


def _unauthorized() -> web.Response:
    message = "Access denied: wrong user or password, or no INSERT privilege"
    return json_response(
        {"status": "FAILED", "code": "1", "msg": message, "message": message},
        status=401,
        headers={"WWW-Authenticate": 'Basic realm=""'},
    )
