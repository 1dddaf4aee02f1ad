"""Packets of the MySQL protocol: framing, and the integers and strings inside them.

Source of the layout: "MySQL Client/Server Protocol" in the MySQL source code documentation.
"""

import asyncio
import struct
from dataclasses import dataclass

FRAGMENT_BYTES = 0xFFFFFF
"""A payload of this many bytes or more is sent as several packets."""

MAXIMUM_PAYLOAD_BYTES = 256 * 1024 * 1024


class ProtocolError(Exception):
    """The client sent bytes that are no valid packet; the connection cannot go on."""


def encoded_integer(value: int) -> bytes:
    """Return a length-encoded integer of 1, 3, 4 or 9 bytes."""
    if value < 0xFB:
        return value.to_bytes(1, "little")
    if value <= 0xFFFF:
        return b"\xfc" + value.to_bytes(2, "little")
    if value <= 0xFFFFFF:
        return b"\xfd" + value.to_bytes(3, "little")
    return b"\xfe" + value.to_bytes(8, "little")


def encoded_string(value: bytes) -> bytes:
    """Return a length-encoded string."""
    return encoded_integer(len(value)) + value


def framed(payload: bytes, sequence: int) -> tuple[bytes, int]:
    """Return the packets that carry a payload, and the sequence number that follows them."""
    packets = bytearray()
    offset = 0
    while True:
        fragment = payload[offset : offset + FRAGMENT_BYTES]
        packets += struct.pack("<I", len(fragment) | sequence << 24)
        packets += fragment
        sequence = (sequence + 1) & 0xFF
        offset += FRAGMENT_BYTES
        # A payload that fills its last fragment is closed by an empty packet.
        if len(fragment) < FRAGMENT_BYTES:
            return bytes(packets), sequence


async def read_payload(
    reader: asyncio.StreamReader, maximum_bytes: int = MAXIMUM_PAYLOAD_BYTES
) -> tuple[bytes, int]:
    """Read one payload, joined from as many packets as it took.

    Returns:
        The payload and the sequence number for the answer.

    Raises:
        ProtocolError: The payload is larger than ``maximum_bytes``.
        asyncio.IncompleteReadError: The client has gone.
    """
    fragments: list[bytes] = []
    total = 0
    while True:
        header = int.from_bytes(await reader.readexactly(4), "little")
        length, sequence = header & 0xFFFFFF, header >> 24
        total += length
        if total > maximum_bytes:
            raise ProtocolError(f"packet larger than {maximum_bytes} bytes")
        fragments.append(await reader.readexactly(length))
        if length < FRAGMENT_BYTES:
            return b"".join(fragments), (sequence + 1) & 0xFF


@dataclass
class PayloadReader:
    """Reads the fields of one payload from front to back."""

    payload: bytes
    offset: int = 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; raise ``ProtocolError`` when there are fewer."""
        field = self.payload[self.offset : self.offset + count]
        if len(field) < count:
            raise ProtocolError("packet ends inside a field")
        self.offset += count
        return field

    def integer(self, width: int) -> int:
        """Return the next little-endian integer of ``width`` bytes."""
        return int.from_bytes(self.take(width), "little")

    def terminated(self) -> bytes:
        """Return the bytes up to the next NUL byte, or to the end where there is none."""
        end = self.payload.find(b"\0", self.offset)
        if end < 0:
            return self.rest()
        field = self.payload[self.offset : end]
        self.offset = end + 1
        return field

    def encoded(self) -> bytes:
        """Return the next length-encoded string."""
        first = self.integer(1)
        width = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first)
        return self.take(first if width is None else self.integer(width))

    def rest(self) -> bytes:
        """Return everything that is left."""
        field = self.payload[self.offset :]
        self.offset = len(self.payload)
        return field
