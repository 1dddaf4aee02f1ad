"""The body of a load on its way in."""

from collections.abc import AsyncIterator

from aiohttp import web


async def leave_to_handler(_request: web.Request) -> None:
    """An `expect_handler` that sends no 100-continue yet: `body_parts` does."""


async def body_parts(request: web.Request) -> AsyncIterator[bytes]:
    """Ask for the body, where the client waits for that, and yield it as it comes."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # those bytes are no part of the response
    async for part in request.content.iter_any():
        yield part
