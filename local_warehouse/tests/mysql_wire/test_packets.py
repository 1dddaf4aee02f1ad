import asyncio

import pytest

from local_warehouse.mysql_wire.packets import (
    FRAGMENT_BYTES,
    PayloadReader,
    ProtocolError,
    encoded_integer,
    encoded_string,
    framed,
    read_payload,
)


def read_back(packets: bytes, maximum_bytes: int = 1 << 30) -> tuple[bytes, int]:
    async def read() -> tuple[bytes, int]:
        reader = asyncio.StreamReader()
        reader.feed_data(packets)
        reader.feed_eof()
        return await read_payload(reader, maximum_bytes)

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, b"\x00"),
        (250, b"\xfa"),
        (251, b"\xfc\xfb\x00"),
        (0xFFFF, b"\xfc\xff\xff"),
        (0x10000, b"\xfd\x00\x00\x01"),
        (0x1000000, b"\xfe\x00\x00\x00\x01\x00\x00\x00\x00"),
    ],
)
def test_integers_grow_with_their_value(value: int, expected: bytes) -> None:
    assert encoded_integer(value) == expected


@pytest.mark.parametrize("length", [0, 250, 251, 70_000])
def test_strings_come_back(length: int) -> None:
    reader = PayloadReader(encoded_string(b"x" * length) + b"rest")
    assert (reader.encoded(), reader.rest()) == (b"x" * length, b"rest")


def test_a_small_payload_is_one_packet() -> None:
    assert framed(b"abc", 7) == (b"\x03\x00\x00\x07abc", 8)


@pytest.mark.parametrize(
    ("length", "packets"), [(FRAGMENT_BYTES - 1, 1), (FRAGMENT_BYTES, 2), (FRAGMENT_BYTES + 1, 2)]
)
def test_payloads_around_the_fragment_size_come_back(length: int, packets: int) -> None:
    payload = b"x" * length
    wire, following = framed(payload, 254)
    assert following == (254 + packets) % 256
    assert len(wire) == length + 4 * packets
    assert read_back(wire) == (payload, following)


def test_a_payload_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError, match="larger than 10 bytes"):
        read_back(b"\x0b\x00\x00\x00", maximum_bytes=10)


def test_a_field_that_ends_early_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="ends inside a field"):
        PayloadReader(b"\x05abc").encoded()
