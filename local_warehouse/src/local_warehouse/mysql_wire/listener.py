"""Accepts MySQL clients and keeps track of their connections."""

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from local_warehouse.engine import Warehouse
from local_warehouse.mysql_wire.connection import Connection

STATEMENT_THREADS = 64
"""Statements that may wait or run at once; DuckDB itself uses its own threads."""


class MysqlListener:
    """The MySQL port of the warehouse.

    Args:
        warehouse: What answers the statements.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._executor = ThreadPoolExecutor(STATEMENT_THREADS, thread_name_prefix="statement")
        self._connection_ids = itertools.count(1)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (a free one where ``port`` is 0).

        Raises:
            OSError: The port cannot be bound.
        """
        self._server = await asyncio.start_server(self._accept, host, port, limit=1024 * 1024)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening, cancel what runs, and wait until every session is closed."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._executor.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.stop()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(
            reader, writer, self._warehouse, self._executor, next(self._connection_ids)
        )
        task = asyncio.create_task(connection.serve())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
