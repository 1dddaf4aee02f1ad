"""Result sets in the text protocol: column definitions and rows."""

import datetime
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from local_warehouse.engine import Column, Kind, Type
from local_warehouse.mysql_wire.handshake import UTF8MB4_GENERAL_CI
from local_warehouse.mysql_wire.packets import (
    FRAGMENT_BYTES,
    encoded_integer,
    encoded_string,
    framed,
)

CHUNK_BYTES = 256 * 1024
BINARY_CHARSET = 63
BINARY_FLAG = 128
NULL = b"\xfb"


class WireType(NamedTuple):
    """How one type is announced: MySQL type code, display length, decimals, text or binary."""

    code: int
    length: int
    decimals: int = 0
    is_text: bool = False


TEXT = WireType(253, 1_048_576, is_text=True)
_WIRE_TYPES = {
    Kind.BOOLEAN: WireType(1, 1),
    Kind.TINYINT: WireType(1, 4),
    Kind.SMALLINT: WireType(2, 6),
    Kind.INT: WireType(3, 11),
    Kind.BIGINT: WireType(8, 20),
    Kind.FLOAT: WireType(4, 12, 31),
    Kind.DOUBLE: WireType(5, 22, 31),
    Kind.DATE: WireType(10, 10),
    Kind.DATETIME: WireType(12, 26, 6),
    Kind.JSON: WireType(245, 1_048_576, is_text=True),
    Kind.VARBINARY: WireType(252, 1_048_576),
}


def wire_type(column_type: Type) -> WireType:
    """Return how a type goes over the wire; LARGEINT and nested types go as text."""
    if column_type.kind is Kind.DECIMAL:
        return WireType(246, (column_type.precision or 38) + 2, column_type.scale or 0)
    return _WIRE_TYPES.get(column_type.kind, TEXT)


def column_definition(column: Column) -> bytes:
    """Return the payload that describes one column."""
    announced = wire_type(column.type)
    name = encoded_string(column.name.encode())
    return b"".join(
        (
            encoded_string(b"def") + b"\0\0\0",
            name + name + b"\x0c",
            struct.pack(
                "<HIBHB",
                UTF8MB4_GENERAL_CI if announced.is_text else BINARY_CHARSET,
                announced.length,
                announced.code,
                0 if announced.is_text else BINARY_FLAG,
                announced.decimals,
            ),
            b"\0\0",
        )
    )


def row_chunks(rows: Sequence[tuple[Any, ...]], sequence: int) -> Iterator[tuple[bytes, int]]:
    """Encode rows into packets, a quarter of a megabyte at a time.

    Yields:
        The packets of some rows, and the sequence number that follows them.
    """
    chunk = bytearray()
    for row in rows:
        payload = b"".join([_encoded_value(value) for value in row])
        length = len(payload)
        if length < FRAGMENT_BYTES:
            chunk += (length | sequence << 24).to_bytes(4, "little")
            chunk += payload
            sequence = (sequence + 1) & 0xFF
        else:
            packets, sequence = framed(payload, sequence)
            chunk += packets
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk), sequence
            chunk.clear()
    yield bytes(chunk), sequence


def _encoded_value(value: Any) -> bytes:
    if value is None:
        return NULL
    text = _TEXT_FORMS.get(type(value), _other_text)(value)
    length = len(text)
    return (_SHORT_LENGTHS[length] if length < 251 else encoded_integer(length)) + text


def _nested_text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _other_text(value: Any) -> bytes:
    return str(value).encode()


_SHORT_LENGTHS = [bytes((length,)) for length in range(251)]
_TEXT_FORMS: dict[type, Callable[[Any], bytes]] = {
    str: str.encode,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"1" if value else b"0",
    float: lambda value: repr(value).encode(),
    Decimal: lambda value: format(value, "f").encode(),
    datetime.datetime: lambda value: value.isoformat(" ").encode(),
    datetime.date: lambda value: value.isoformat().encode(),
    bytes: bytes,
    list: _nested_text,
    dict: _nested_text,
}
