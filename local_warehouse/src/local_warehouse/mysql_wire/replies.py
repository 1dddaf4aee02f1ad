"""What the server answers: OK, end of rows, and errors."""

import struct

from local_warehouse.engine import WarehouseError
from local_warehouse.mysql_wire.packets import encoded_integer

AUTOCOMMIT = 0x0002
MORE_RESULTS = 0x0008


def ok(affected_rows: int = 0, *, more_results: bool = False, ends_rows: bool = False) -> bytes:
    """Return an OK payload; ``ends_rows`` marks the one that replaces EOF for newer clients."""
    header = b"\xfe" if ends_rows else b"\x00"
    return header + encoded_integer(affected_rows) + b"\0" + _status(more_results) + b"\0\0"


def end_of_fields(*, more_results: bool = False) -> bytes:
    """Return an EOF payload, which ends column definitions and rows for older clients."""
    return b"\xfe\0\0" + _status(more_results)


def error(failure: WarehouseError) -> bytes:
    """Return an error payload."""
    state = failure.sqlstate.encode()
    return b"\xff" + struct.pack("<H", failure.code) + b"#" + state + failure.message.encode()


def _status(more_results: bool) -> bytes:
    return struct.pack("<H", AUTOCOMMIT | (MORE_RESULTS if more_results else 0))
