"""A server that tells what reached it: JSON over HTTP, and each web socket message back.

It runs in a pod from the base image, with the standard library alone.
"""

import asyncio
import base64
import hashlib
import json
import struct

ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 4.2.2: what makes a key's answer."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        if headers.get("upgrade", "").lower() == "websocket":
            await echo(reader, writer, headers["sec-websocket-key"])
        else:
            body = json.dumps({"path": request.split()[1], "headers": headers}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ")
            writer.write(str(len(body)).encode() + b"\r\n\r\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # a probe, or a client that went away
    finally:
        writer.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
    """Send back every frame of a web socket until it is closed."""
    answer = base64.b64encode(hashlib.sha1((key + ACCEPT).encode()).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + answer + b"\r\n\r\n"
    )
    while True:
        first, second = await reader.readexactly(2)
        length = second & 0x7F
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(await reader.readexactly(size), "big")
        mask = await reader.readexactly(4)
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(await reader.readexactly(length)))
        wide = struct.pack(">BQ", 127, length)
        writer.write(bytes([first]) + (wide if length >= 126 else bytes([length])) + data)
        await writer.drain()
        if first & 0x0F == 8:
            return


async def main() -> None:
    """Listen for ever."""
    server = await asyncio.start_server(serve, "0.0.0.0", 8000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
