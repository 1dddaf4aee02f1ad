"""Labels: the warehouse's key for exactly-once, derived from what a load holds."""

import hashlib
from datetime import datetime


def span_name(table: str, start: datetime, end: datetime) -> str:
    """Names the data of one table in [start, end): a file's stem and a label's prefix."""
    return f"{table}-{start:%Y%m%dT%H%M%S}-{end:%Y%m%dT%H%M%S}"


def content_label(span: str, world_id: str, body: bytes) -> str:
    r"""Binds a label to its content: same world and bytes, same label; else another one.

    The warehouse accepts one committed load per label, so a killed loader's repetition, or a
    second loader, cannot load the same rows twice. 64 bits of SHA-256 tell bodies of one table and
    span apart; the whole stays below the 128 characters of `[-\w]` that StarRocks allows.

    Args:
        span: Table and time span, from `span_name`.
        world_id: Identity of the world that the rows belong to.
        body: The exact bytes of the load.
    """
    digest = hashlib.sha256(world_id.encode() + b"\0" + body).hexdigest()
    return f"{span}-{digest[:16]}"
