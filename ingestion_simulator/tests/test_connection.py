"""The STARROCKS_ settings."""

import pytest

from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import UsageError


def test_the_defaults_are_a_warehouse_on_this_machine() -> None:
    assert Connection.from_environment({}) == Connection("127.0.0.1", 9030, 8030, "root", "")


def test_every_setting_is_read() -> None:
    environ = {
        "STARROCKS_HOST": "fe.example",
        "STARROCKS_QUERY_PORT": "19030",
        "STARROCKS_HTTP_PORT": "18030",
        "STARROCKS_USER": "loader",
        "STARROCKS_PASSWORD": " p@ß ",
    }

    assert Connection.from_environment(environ) == Connection(
        "fe.example", 19030, 18030, "loader", " p@ß "
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "STARROCKS_HOST",
            "http://fe:8030",
            "STARROCKS_HOST='http://fe:8030' is not a plain name: give it without scheme or blanks",
        ),
        (
            "STARROCKS_HOST",
            "",
            "STARROCKS_HOST='' is not a plain name: give it without scheme or blanks",
        ),
        (
            "STARROCKS_USER",
            "a b",
            "STARROCKS_USER='a b' is not a plain name: give it without scheme or blanks",
        ),
        (
            "STARROCKS_QUERY_PORT",
            "ninety",
            "STARROCKS_QUERY_PORT='ninety' is not a port: give a number from 1 to 65535",
        ),
        (
            "STARROCKS_HTTP_PORT",
            "65536",
            "STARROCKS_HTTP_PORT='65536' is not a port: give a number from 1 to 65535",
        ),
        (
            "STARROCKS_HTTP_PORT",
            "0",
            "STARROCKS_HTTP_PORT='0' is not a port: give a number from 1 to 65535",
        ),
    ],
)
def test_an_unusable_setting_is_refused_by_its_name(name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        Connection.from_environment({name: value})

    assert str(raised.value) == message
    assert raised.value.exit_status == 2


def test_the_password_is_not_part_of_what_gets_printed() -> None:
    assert "hunter2" not in repr(Connection.from_environment({"STARROCKS_PASSWORD": "hunter2"}))
