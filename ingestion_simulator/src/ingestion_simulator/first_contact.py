"""The first seconds of a pod: its network lets it through a little after its process has begun."""

import socket
import time
from collections.abc import Callable
from typing import Final

from ingestion_simulator.connection import Connection

# A new pod's network policies took effect 0.2 to 0.4 s after its start (kube-router); until then
# names do not resolve and connections are refused, and this command is at its first one by then.
_PATIENCE_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 0.1


def await_first_contact(
    connection: Connection,
    wait: Callable[[float], None],
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Waits a moment until the frontend's ports can be reached.

    Returns as well when they cannot: what is wrong is said by whoever needs them.

    Args:
        connection: The frontend.
        wait: Sleeps that many seconds.
        now: A clock that never goes back.
    """
    deadline = now() + _PATIENCE_SECONDS
    for port in (connection.query_port, connection.http_port):
        while not _accepts(connection.host, port) and now() < deadline:
            wait(_PAUSE_SECONDS)


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE_SECONDS).close()
    except (OSError, ValueError):  # UnicodeError: an address that cannot be one
        return False
    return True
