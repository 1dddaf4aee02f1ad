"""A process that starts before its network lets it through."""

import socket
from contextlib import closing

from ingestion_simulator.connection import Connection
from ingestion_simulator.first_contact import await_first_contact


def _connection(port: int) -> Connection:
    return Connection("127.0.0.1", port, port, "loader", "")


def test_it_waits_for_a_port_that_opens_later() -> None:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        waits: list[float] = []

        def open_after_two(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                server.listen()

        await_first_contact(_connection(server.getsockname()[1]), open_after_two)
    assert waits == [0.1, 0.1]


def test_it_gives_up_after_three_seconds_and_says_nothing() -> None:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        clock = [0.0]

        def advance(seconds: float) -> None:
            clock[0] += seconds

        await_first_contact(
            _connection(server.getsockname()[1]), advance, now=lambda: round(clock[0], 1)
        )
    assert clock[0] >= 3.0
    assert clock[0] < 3.2
