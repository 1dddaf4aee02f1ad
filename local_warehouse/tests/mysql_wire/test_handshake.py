import hashlib

import pytest

from local_warehouse.mysql_wire.handshake import (
    Capability,
    HandshakeResponse,
    new_salt,
    token_proves_password,
)

SALT = bytes(range(1, 21))


def password_hash(password: bytes) -> bytes:
    return hashlib.sha1(hashlib.sha1(password).digest()).digest()


def token(password: bytes) -> bytes:
    once = hashlib.sha1(password).digest()
    mask = hashlib.sha1(SALT + hashlib.sha1(once).digest()).digest()
    return bytes(a ^ b for a, b in zip(once, mask, strict=True))


@pytest.mark.parametrize(
    ("sent", "stored", "accepted"),
    [
        (token(b"secret"), password_hash(b"secret"), True),
        (token(b"Secret"), password_hash(b"secret"), False),
        (token(b"secret")[:19], password_hash(b"secret"), False),
        (b"", password_hash(b"secret"), False),
        (b"", b"", True),
        (token(b""), b"", False),
    ],
)
def test_only_the_right_token_proves_a_password(sent: bytes, stored: bytes, accepted: bool) -> None:
    assert token_proves_password(sent, SALT, stored) is accepted


def test_a_token_proves_nothing_under_another_salt() -> None:
    assert not token_proves_password(token(b"secret"), SALT[::-1], password_hash(b"secret"))


def test_salts_differ_and_have_no_nul_byte() -> None:
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {20}
    assert not any(0 in salt for salt in salts)


def test_a_response_is_read_by_its_capabilities() -> None:
    flags = Capability.PROTOCOL_41 | Capability.CONNECT_WITH_DB | Capability.PLUGIN_AUTH
    payload = int(flags).to_bytes(4, "little") + bytes(28)
    payload += b"ana\0" + b"\x03tok" + b"retail_raw\0" + b"caching_sha2_password\0"
    assert HandshakeResponse.parse(payload) == HandshakeResponse(
        capabilities=flags,
        user="ana",
        token=b"tok",
        database="retail_raw",
        plugin=b"caching_sha2_password",
    )
