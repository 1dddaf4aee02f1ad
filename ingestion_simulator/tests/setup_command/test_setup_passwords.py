"""Passwords that are missing or useless are refused by the name of their variable."""

import pytest

from ingestion_simulator.errors import UsageError
from ingestion_simulator.setup import Passwords

_ENVIRONMENT = {
    "STARROCKS_PASSWORD": "a",
    "LOADER_PASSWORD": "l",
    "TRANSFORMER_PASSWORD": "t",
    "OBSERVER_PASSWORD": "o o",
    "BI_READER_PASSWORD": "ключ €",
}


def test_every_password_has_its_variable() -> None:
    passwords = Passwords.from_environment(_ENVIRONMENT, "root")
    assert (passwords.administrator, passwords.users) == (
        "a",
        {"loader": "l", "transformer": "t", "observer": "o o", "bi_reader": "ключ €"},
    )
    assert "ключ" not in repr(passwords)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"OBSERVER_PASSWORD": "", "STARROCKS_PASSWORD": ""},
            "STARROCKS_PASSWORD, OBSERVER_PASSWORD not set or empty: setup gives each user of the "
            "warehouse a password, so give it one",
        ),
        (
            {"LOADER_PASSWORD": "secret\n"},
            "LOADER_PASSWORD holds a line break or another character that cannot be printed: "
            "take it out of the Secret",
        ),
        (
            {"STARROCKS_PASSWORD": "\x00"},
            "STARROCKS_PASSWORD holds a line break or another character that cannot be printed: "
            "take it out of the Secret",
        ),
    ],
)
def test_a_useless_password_is_refused_by_name(changed: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        Passwords.from_environment(_ENVIRONMENT | changed, "root")
    assert (str(error.value), error.value.exit_status) == (message, 2)


def test_the_administrator_is_none_of_the_users_that_are_created() -> None:
    with pytest.raises(UsageError) as error:
        Passwords.from_environment(_ENVIRONMENT, "loader")
    assert str(error.value) == (
        "STARROCKS_USER='loader' is one of the users that setup creates: "
        "give an administrator such as root"
    )
