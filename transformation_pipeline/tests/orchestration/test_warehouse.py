import socket
from typing import NoReturn

import pymysql
import pytest

from transformation_pipeline.lib.settings import WarehouseSettings
from transformation_pipeline.lib.warehouse import (
    StarRocks,
    WarehouseRefusedError,
    WarehouseUnreachableError,
    wait_until_answering,
)

from .fake_warehouse import FakeWarehouse


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


DOWN = WarehouseUnreachableError("down")


def test_waits_out_a_restart() -> None:
    clock = Clock()
    warehouse = FakeWarehouse(*[DOWN] * 90, [(1,)])
    assert wait_until_answering(warehouse, clock=clock, sleep=clock.sleep) == 180.0


def test_gives_up_after_its_patience() -> None:
    clock = Clock()
    with pytest.raises(WarehouseUnreachableError):
        wait_until_answering(FakeWarehouse(DOWN), 300.0, clock, clock.sleep)
    assert clock.now == 300.0


def test_refused_user_is_not_waited_for() -> None:
    clock = Clock()
    with pytest.raises(WarehouseRefusedError):
        wait_until_answering(
            FakeWarehouse(WarehouseRefusedError("no")), clock=clock, sleep=clock.sleep
        )
    assert clock.now == 0.0


def test_unreachable_port_is_one_line_with_the_variables() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        settings = WarehouseSettings("127.0.0.1", port, "root", "s3cret")
        with pytest.raises(WarehouseUnreachableError) as caught:
            StarRocks(settings).fetch("SELECT 1")
    message = str(caught.value)
    assert message.startswith(f"The warehouse at 127.0.0.1:{port} cannot answer: ")
    assert message.endswith(". Check STARROCKS_HOST and STARROCKS_QUERY_PORT.")
    assert "s3cret" not in message
    assert "\n" not in message


# What each client's failure says is MySQL's protocol and StarRocks' own: 5203 is its answer to a
# missing privilege, where MySQL has 1142.
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1045, WarehouseRefusedError),
        (5203, WarehouseRefusedError),
        (1064, WarehouseUnreachableError),
        (2013, WarehouseUnreachableError),
    ],
)
def test_only_a_refusal_is_final(
    monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    def refuse(**_: object) -> NoReturn:
        raise pymysql.OperationalError(code, "Access denied; you need SELECT.")

    monkeypatch.setattr(pymysql, "connect", refuse)
    settings = WarehouseSettings("warehouse", 9030, "transformer", "s3cret")
    with pytest.raises(error, match=r"Access denied; you need SELECT\."):
        StarRocks(settings).fetch("SELECT 1")
