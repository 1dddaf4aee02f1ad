"""One client's connection: authentication, then command after command."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from local_warehouse.engine import Result, Session, Warehouse, WarehouseError
from local_warehouse.mysql_wire import handshake, replies
from local_warehouse.mysql_wire.handshake import Capability, HandshakeResponse
from local_warehouse.mysql_wire.packets import (
    ProtocolError,
    encoded_integer,
    framed,
    read_payload,
)
from local_warehouse.mysql_wire.resultset import column_definition, row_chunks

HANDSHAKE_BYTES = 64 * 1024
"""What a client may send before it has proved who it is."""

HANDSHAKE_SECONDS = 10.0
CANCEL_SECONDS = 0.2

COM_QUIT, COM_INIT_DB, COM_QUERY, COM_PING = 0x01, 0x02, 0x03, 0x0E
COM_SET_OPTION, COM_RESET_CONNECTION = 0x1B, 0x1F

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Connection:
    """Serves one client until it leaves; its statements run in the executor's threads.

    Args:
        reader: What the client sends.
        writer: Where answers go.
        warehouse: What runs the statements.
        executor: Threads for them.
        connection_id: Number of the connection, shown in the greeting.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        warehouse: Warehouse,
        executor: Executor,
        connection_id: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._warehouse = warehouse
        self._executor = executor
        self._connection_id = connection_id
        self._sequence = 0
        self._user = ""
        self._capabilities = Capability(0)

    async def serve(self) -> None:
        """Talk to the client until it quits, drops or breaks the protocol."""
        try:
            session = await self._authenticated_session()
            if session is not None:
                await self._serve_commands(session)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            logger.debug("connection %d dropped", self._connection_id)
        except (ProtocolError, UnicodeDecodeError) as failure:
            logger.warning("connection %d closed: %s", self._connection_id, failure)
        finally:
            self._writer.close()

    async def _authenticated_session(self) -> Session | None:
        salt = handshake.new_salt()
        self._send(handshake.greeting(self._connection_id, salt))
        response = HandshakeResponse.parse(await self._receive_handshake())
        token = response.token
        if response.plugin != handshake.NATIVE_PASSWORD:
            self._send(handshake.switch_request(salt))
            token = await self._receive_handshake()
        self._user, self._capabilities = response.user, response.capabilities
        try:
            password_hash = await self._in_thread(
                lambda: self._warehouse.password_hash(response.user)
            )
            if password_hash is None or not handshake.token_proves_password(
                token, salt, password_hash
            ):
                raise _access_denied(response.user, with_password=bool(token))
            session = await self._in_thread(
                lambda: self._warehouse.connect(response.user, response.database)
            )
        except WarehouseError as failure:
            self._send(replies.error(failure))
            await self._writer.drain()
            return None
        self._send(replies.ok())
        return session

    async def _receive_handshake(self) -> bytes:
        await self._writer.drain()
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            payload, self._sequence = await read_payload(self._reader, HANDSHAKE_BYTES)
        return payload

    async def _serve_commands(self, session: Session) -> None:
        # The next packet is awaited while a statement runs: that is how a drop is noticed.
        upcoming = asyncio.create_task(read_payload(self._reader))
        try:
            while True:
                payload, self._sequence = await upcoming
                if not payload:
                    raise ProtocolError("empty command")
                if payload[0] == COM_QUIT:
                    return
                upcoming = asyncio.create_task(read_payload(self._reader))
                await self._answer(session, payload[0], payload[1:], upcoming)
                await self._writer.drain()
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
            await self._in_thread(session.close)

    async def _answer(
        self,
        session: Session,
        command: int,
        argument: bytes,
        upcoming: asyncio.Task[tuple[bytes, int]],
    ) -> None:
        try:
            if command == COM_QUERY:
                await self._send_results(
                    await self._execute(session, argument.decode(errors="replace"), upcoming)
                )
            elif command == COM_INIT_DB:
                await self._execute(session, _use_statement(argument.decode()), upcoming)
                self._send(replies.ok())
            elif command in (COM_PING, COM_RESET_CONNECTION):
                self._send(replies.ok())
            elif command == COM_SET_OPTION:
                self._send(replies.end_of_fields())
            else:
                raise WarehouseError(1047, "08S01", f"Unknown command 0x{command:02x}")
        except WarehouseError as failure:
            self._send(replies.error(failure))

    async def _execute(
        self, session: Session, sql: str, upcoming: asyncio.Task[tuple[bytes, int]]
    ) -> list[Result]:
        running = asyncio.ensure_future(self._in_thread(lambda: session.execute(sql)))
        try:
            await asyncio.wait({running, upcoming}, return_when=asyncio.FIRST_COMPLETED)
            if upcoming.done() and upcoming.exception() is not None:
                await _cancel(session, running)
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await _cancel(session, running)
            await asyncio.gather(running, return_exceptions=True)  # its error tells nothing new
            raise
        except WarehouseError:
            raise
        except Exception as failure:
            logger.exception("statement failed inside the warehouse")
            raise WarehouseError(1105, "HY000", f"internal error: {failure}") from failure

    async def _send_results(self, results: list[Result]) -> None:
        for position, result in enumerate(results, start=1):
            more_results = position < len(results)
            if result.columns is None:
                self._send(replies.ok(result.affected_rows, more_results=more_results))
            else:
                await self._send_rows(result, more_results=more_results)

    async def _send_rows(self, result: Result, *, more_results: bool) -> None:
        columns = result.columns or []
        modern = Capability.DEPRECATE_EOF in self._capabilities
        self._send(encoded_integer(len(columns)))
        for column in columns:
            self._send(column_definition(column))
        if not modern:
            self._send(replies.end_of_fields())
        chunks = row_chunks(result.rows, self._sequence)
        while (chunk := await self._in_thread(lambda: next(chunks, None))) is not None:
            packets, self._sequence = chunk
            self._writer.write(packets)
            await self._writer.drain()
        if modern:
            self._send(replies.ok(more_results=more_results, ends_rows=True))
        else:
            self._send(replies.end_of_fields(more_results=more_results))

    def _send(self, payload: bytes) -> None:
        packets, self._sequence = framed(payload, self._sequence)
        self._writer.write(packets)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


async def _cancel(session: Session, running: asyncio.Future[list[Result]]) -> None:
    # Repeated, because a statement that has not reached DuckDB yet cannot be interrupted.
    while not running.done():
        session.cancel()
        await asyncio.wait({running}, timeout=CANCEL_SECONDS)


def _use_statement(database: str) -> str:
    quoted = ".".join(f"`{part.replace('`', '``')}`" for part in database.split("."))
    return f"USE {quoted}"


def _access_denied(user: str, *, with_password: bool) -> WarehouseError:
    used = "YES" if with_password else "NO"
    return WarehouseError(
        1045, "28000", f"Access denied for user '{user}' (using password: {used})"
    )
