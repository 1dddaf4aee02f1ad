"""The start of a MySQL connection: greeting, the client's response, mysql_native_password."""

import enum
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from typing import Self

from local_warehouse.mysql_wire.packets import PayloadReader

NATIVE_PASSWORD = b"mysql_native_password"
SERVER_VERSION = b"8.0.33"
"""What StarRocks reports by default; drivers choose their dialect by it."""

UTF8MB4_GENERAL_CI = 45


class Capability(enum.IntFlag):
    """Capabilities of the protocol that this server negotiates."""

    LONG_PASSWORD = 1
    FOUND_ROWS = 1 << 1
    LONG_FLAG = 1 << 2
    CONNECT_WITH_DB = 1 << 3
    PROTOCOL_41 = 1 << 9
    TRANSACTIONS = 1 << 13
    SECURE_CONNECTION = 1 << 15
    MULTI_STATEMENTS = 1 << 16
    MULTI_RESULTS = 1 << 17
    PLUGIN_AUTH = 1 << 19
    CONNECT_ATTRIBUTES = 1 << 20
    PLUGIN_AUTH_LENGTH_ENCODED = 1 << 21
    DEPRECATE_EOF = 1 << 24


SERVER_CAPABILITIES = Capability(0)
for _capability in Capability:
    SERVER_CAPABILITIES |= _capability


def new_salt() -> bytes:
    """Return 20 random bytes, none of them NUL, which ends the salt on the wire."""
    return bytes(secrets.choice(range(1, 128)) for _ in range(20))


def greeting(connection_id: int, salt: bytes) -> bytes:
    """Return the payload of the first packet, protocol version 10."""
    capabilities = int(SERVER_CAPABILITIES)
    return b"".join(
        (
            b"\x0a" + SERVER_VERSION + b"\0",
            struct.pack("<I", connection_id),
            salt[:8] + b"\0",
            struct.pack("<HBH", capabilities & 0xFFFF, UTF8MB4_GENERAL_CI, 2),
            struct.pack("<HB", capabilities >> 16, len(salt) + 1),
            bytes(10),
            salt[8:] + b"\0",
            NATIVE_PASSWORD + b"\0",
        )
    )


def switch_request(salt: bytes) -> bytes:
    """Return the payload that asks a client for mysql_native_password instead of its choice."""
    return b"\xfe" + NATIVE_PASSWORD + b"\0" + salt + b"\0"


@dataclass(frozen=True)
class HandshakeResponse:
    """What a client says about itself: who it is, and how it proves that."""

    capabilities: Capability
    user: str
    token: bytes
    database: str | None
    plugin: bytes

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read a HandshakeResponse41.

        Raises:
            ProtocolError: The payload ends inside a field.
            UnicodeDecodeError: The user or the database is not UTF-8.
        """
        fields = PayloadReader(payload)
        capabilities = Capability(fields.integer(4) & int(SERVER_CAPABILITIES))
        fields.take(4 + 1 + 23)  # largest packet, character set, filler
        user = fields.terminated().decode()
        if Capability.PLUGIN_AUTH_LENGTH_ENCODED in capabilities:
            token = fields.encoded()
        else:
            token = fields.take(fields.integer(1))
        database = None
        if Capability.CONNECT_WITH_DB in capabilities:
            database = fields.terminated().decode() or None
        plugin = NATIVE_PASSWORD
        if Capability.PLUGIN_AUTH in capabilities:
            plugin = fields.terminated()
        return cls(capabilities, user, token, database, plugin)


def token_proves_password(token: bytes, salt: bytes, password_hash: bytes) -> bool:
    """Check a mysql_native_password token.

    Args:
        token: SHA1(password) XOR SHA1(salt + SHA1(SHA1(password))), or empty for no password.
        salt: The 20 bytes of the greeting.
        password_hash: SHA1(SHA1(password)), or empty where the user has no password.
    """
    if not password_hash or not token:
        return not password_hash and not token
    mask = hashlib.sha1(salt + password_hash, usedforsecurity=False).digest()
    once = bytes(left ^ right for left, right in zip(token, mask, strict=False))
    twice = hashlib.sha1(once, usedforsecurity=False).digest()
    return hmac.compare_digest(twice, password_hash)
