"""Password hashes as MySQL clients prove them."""

import hashlib


def hash_password(password: str) -> bytes:
    """The double SHA-1 that `mysql_native_password` stores; empty for no password."""
    if not password:
        return b""
    return hashlib.sha1(hashlib.sha1(password.encode()).digest()).digest()  # noqa: S324
