"""HTTP Basic authentication against the warehouse's users."""

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple

from local_warehouse.engine import Warehouse


class Credentials(NamedTuple):
    """What a client says to be and knows."""

    user: str
    password: str


def parse_basic(header: str | None) -> Credentials | None:
    """Read an Authorization header; None where it is missing or no valid Basic one."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    return Credentials(user, password) if colon else None


def is_authentic(warehouse: Warehouse, credentials: Credentials) -> bool:
    """Check a password against the hash that the MySQL port uses as well."""
    expected = warehouse.password_hash(credentials.user)
    if expected is None:
        return False
    if not expected or not credentials.password:
        return not expected and not credentials.password
    once = hashlib.sha1(credentials.password.encode(), usedforsecurity=False).digest()
    twice = hashlib.sha1(once, usedforsecurity=False).digest()
    return hmac.compare_digest(twice, expected)
