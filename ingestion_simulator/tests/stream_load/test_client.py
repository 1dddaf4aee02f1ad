"""The client over real HTTP, against servers that fail by script."""

import dataclasses
import errno
import random
import socket
from typing import Any

import pytest

from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.stream_load.client import StreamLoadClient, StreamLoadError
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.stream_load.transport import HttpTransport

from .conftest import Cluster

_LOAD = Load(
    database="retail_raw",
    table="raw_orders",
    label="raw_orders-a-b-0123",
    columns=("order_id", "_label='raw_orders-a-b-0123'"),
    rows=2,
    body=b'{"order_id":1}\n{"order_id":2}\n',
)
_SENT = [("frontend", "PUT", 0), ("backend", "PUT", len(_LOAD.body))]
_ASKED = [("frontend", "GET", 0)]
_TOO_MANY_VERSIONS = "close index channel failed because of too many versions, current/limit: 1/1"


def _client(connection: Connection, **options: Any) -> StreamLoadClient:
    settings: dict[str, Any] = {"wait": lambda _: None, "jitter": random.Random(1)} | options
    return StreamLoadClient(HttpTransport(connection), **settings)


def test_the_body_goes_to_the_backend_alone_with_credentials_and_exact_settings(
    cluster: Cluster,
) -> None:
    assert _client(cluster.connection).load(_LOAD) is True

    assert cluster.requests == _SENT
    assert cluster.committed == [_LOAD.body]
    names = ("label", "format", "columns", "strict_mode", "max_filter_ratio", "timezone")
    assert {name: cluster.headers[name] for name in names} == {
        "label": "raw_orders-a-b-0123",
        "format": "json",
        "columns": "order_id,_label='raw_orders-a-b-0123'",
        "strict_mode": "true",
        "max_filter_ratio": "0",
        "timezone": "UTC",
    }


@pytest.mark.parametrize(
    ("faults", "states", "requests"),
    [
        (["drop after commit"], [], _SENT + _ASKED),
        (["drop before commit"], [], _SENT + _ASKED + _SENT),
        (["publish timeout"], ["COMMITTED", "COMMITTED", "VISIBLE"], _SENT + _ASKED * 3),
        (["drop before commit"], ["PREPARE", "ABORTED"], _SENT + _ASKED * 2 + _SENT),
        ([_TOO_MANY_VERSIONS] * 2, [], _SENT * 3),
        (["Commit transaction fail, Transaction status unknown"], [], _SENT * 2),
    ],
)
def test_every_recoverable_fault_ends_with_the_rows_there_once(
    cluster: Cluster, faults: list[str], states: list[str], requests: list[tuple[str, str, int]]
) -> None:
    cluster.faults, cluster.states = faults, states

    _client(cluster.connection).load(_LOAD)

    assert cluster.committed == [_LOAD.body]
    assert cluster.requests == requests


def test_a_load_that_another_process_runs_is_awaited_not_repeated(cluster: Cluster) -> None:
    cluster.labels[_LOAD.label] = "PREPARE"
    cluster.states = ["PREPARE", "PREPARED", "COMMITTED", "VISIBLE"]

    _client(cluster.connection).load(_LOAD)

    assert cluster.requests == _SENT + _ASKED * 4
    assert cluster.committed == []


def test_a_load_that_another_process_abandoned_is_taken_over(cluster: Cluster) -> None:
    cluster.labels[_LOAD.label] = "PREPARE"
    client = _client(
        cluster.connection, on_retry=lambda *_: cluster.labels.update({_LOAD.label: "ABORTED"})
    )

    assert client.load(_LOAD) is True

    assert cluster.requests == _SENT + _ASKED + _SENT
    assert cluster.committed == [_LOAD.body]


def test_a_finished_label_is_not_loaded_again(cluster: Cluster) -> None:
    cluster.labels[_LOAD.label] = "VISIBLE"

    client = _client(cluster.connection, wait=lambda _: pytest.fail("waited for what is there"))

    assert client.load(_LOAD) is False
    assert cluster.requests == _SENT + _ASKED
    assert cluster.committed == []


def test_retries_are_told_with_reason_and_growing_waits(cluster: Cluster) -> None:
    cluster.faults = ["quorum lost"] * 3
    told: list[tuple[str, str, float]] = []
    waits: list[float] = []
    client = _client(
        cluster.connection,
        wait=waits.append,
        on_retry=lambda load, reason, pause: told.append((load.label, reason, pause)),
    )

    client.load(_LOAD)

    assert [(label, reason) for label, reason, _ in told] == [(_LOAD.label, "quorum lost")] * 3
    assert [pause for _, _, pause in told] == waits
    assert 0.1 <= waits[0] <= 0.2 <= waits[1] <= 0.4 <= waits[2] <= 0.8


def test_a_wrong_password_is_refused_at_once_and_never_shown(cluster: Cluster) -> None:
    wrong = dataclasses.replace(cluster.connection, password="s3cret")

    with pytest.raises(StreamLoadError) as raised:
        _client(wrong).load(_LOAD)

    assert str(raised.value) == (
        "cannot load retail_raw.raw_orders (label raw_orders-a-b-0123): HTTP 401: check "
        "STARROCKS_USER and STARROCKS_PASSWORD, and that this user may INSERT into the raw tables"
    )
    assert "s3cret" not in repr(wrong)
    assert cluster.requests == _SENT[:1]


@pytest.mark.parametrize("redirect", ["{backend}/elsewhere", "ftp://127.0.0.1"])
def test_a_redirect_to_another_endpoint_gets_no_credentials(
    cluster: Cluster, redirect: str
) -> None:
    cluster.redirect = redirect.format(backend=cluster.redirect)

    with pytest.raises(StreamLoadError, match="redirects elsewhere than to /api/retail_raw/"):
        _client(cluster.connection).load(_LOAD)

    assert cluster.requests == _SENT[:1]


@pytest.mark.parametrize("redirect", ["http://back..end:8040", "http://127.0.0.1:backend"])
def test_an_impossible_address_is_an_outage_like_any_other(cluster: Cluster, redirect: str) -> None:
    cluster.redirect = redirect
    now = iter(range(1000))

    with pytest.raises(
        StreamLoadError, match=r"is not settled after 5 s .*(label empty|Port could)"
    ):
        _client(cluster.connection, clock=lambda: next(now), deadline_seconds=5).load(_LOAD)


def test_another_json_service_is_no_warehouse(cluster: Cluster) -> None:
    cluster.foreign = {"detail": "Not Found"}

    with pytest.raises(StreamLoadError, match="check STARROCKS_HOST and STARROCKS_HTTP_PORT"):
        _client(cluster.connection).load(_LOAD)

    assert cluster.requests == _SENT[:1]


def test_an_endless_redirect_ends_at_the_deadline(cluster: Cluster) -> None:
    cluster.redirect = f"http://127.0.0.1:{cluster.connection.http_port}"
    now = iter(range(1000))

    with pytest.raises(StreamLoadError, match="more than 3 redirects, the last one to"):
        _client(cluster.connection, clock=lambda: next(now), deadline_seconds=5).load(_LOAD)


def test_a_counter_that_differs_from_the_rows_sent_is_an_error(cluster: Cluster) -> None:
    cluster.faults = ["one row short"]

    with pytest.raises(StreamLoadError, match="sent 2 rows, but the warehouse read 1 and loaded 1"):
        _client(cluster.connection).load(_LOAD)


def test_a_permanent_failure_is_not_repeated(cluster: Cluster) -> None:
    cluster.faults = ["too many filtered rows"]

    with pytest.raises(StreamLoadError, match="too many filtered rows"):
        _client(cluster.connection).load(_LOAD)

    assert cluster.requests == _SENT


def test_an_outage_beyond_the_deadline_says_that_the_command_can_be_repeated(
    cluster: Cluster,
) -> None:
    cluster.faults = ["No backend alive"] * 100
    now = 0.0

    def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    with pytest.raises(StreamLoadError) as raised:
        _client(cluster.connection, wait=wait, clock=lambda: now, deadline_seconds=60).load(_LOAD)

    assert str(raised.value) == (
        "retail_raw.raw_orders (label raw_orders-a-b-0123) is not settled after 60 s "
        "(last: No backend alive): run the command again, it continues where it stopped"
    )
    assert 45 <= now <= 60


def test_an_empty_load_is_never_sent(cluster: Cluster) -> None:
    with pytest.raises(ValueError, match="has no rows"):
        _client(cluster.connection).load(dataclasses.replace(_LOAD, rows=0, body=b""))

    assert cluster.requests == []


def test_an_impossible_host_is_unreachable() -> None:
    transport = HttpTransport(Connection("a..b", 1, 8030, "root", ""))

    with pytest.raises(
        SimulatorError, match=r"no StarRocks frontend answers HTTP at http://a\.\.b:"
    ):
        transport.check_reachable()


def test_the_reachability_check_names_the_variables() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        transport = HttpTransport(Connection("127.0.0.1", 1, port, "root", ""))

        with pytest.raises(SimulatorError) as raised:
            transport.check_reachable()

    assert str(raised.value) == (
        f"no StarRocks frontend answers HTTP at http://127.0.0.1:{port} (Failed to establish a new "
        f"connection: [Errno {errno.ECONNREFUSED}] Connection refused): "
        "check STARROCKS_HOST and STARROCKS_HTTP_PORT, and that the warehouse runs"
    )
