"""The statements that make users, and what is beyond them."""

import pytest

from ingestion_simulator.setup.users import (
    USERS,
    User,
    administrator_statement,
    beyond_need,
    grant_statements,
    literal,
    password_statements,
)

_BY_NAME = {user.name: user for user in USERS}


def test_each_user_gets_the_least_that_its_work_needs() -> None:
    assert {user.name: grant_statements(user) for user in USERS} == {
        "loader": ["GRANT SELECT, INSERT ON ALL TABLES IN DATABASE retail_raw TO USER loader"],
        "transformer": [
            "GRANT SELECT ON ALL TABLES IN DATABASE retail_raw TO USER transformer",
            "GRANT CREATE TABLE ON DATABASE retail_staging TO USER transformer",
            "GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE retail_staging"
            " TO USER transformer",
            "GRANT CREATE TABLE ON DATABASE retail_marts TO USER transformer",
            "GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE retail_marts"
            " TO USER transformer",
        ],
        "observer": ["GRANT SELECT ON ALL TABLES IN DATABASE retail_raw TO USER observer"],
        "bi_reader": ["GRANT SELECT ON ALL TABLES IN DATABASE retail_marts TO USER bi_reader"],
    }


def test_a_user_is_created_and_an_existing_one_gets_the_password() -> None:
    assert password_statements(_BY_NAME["bi_reader"], r"it's a \ 100%") == [
        r"CREATE USER IF NOT EXISTS bi_reader IDENTIFIED BY 'it\'s a \\ 100%'",
        r"ALTER USER bi_reader IDENTIFIED BY 'it\'s a \\ 100%'",
    ]
    assert administrator_statement("root", "a'b") == (r"SET PASSWORD FOR 'root' = PASSWORD('a\'b')")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ('"double"', "'\"double\"'"),
        ("'", r"'\''"),
        ("\\", r"'\\'"),
        (r"\'", r"'\\\''"),
        ("пароль €", "'пароль €'"),
    ],
)
def test_a_literal_cannot_be_left(text: str, written: str) -> None:
    assert literal(text) == written


@pytest.mark.parametrize(
    "shown",
    [
        # As a frontend of StarRocks 4.1 writes them.
        [
            "GRANT SELECT ON ALL TABLES IN DATABASE retail_raw TO USER 'transformer'@'%'",
            "GRANT CREATE TABLE ON DATABASE retail_staging TO USER 'transformer'@'%'",
            "GRANT ALTER, DROP, INSERT, SELECT ON ALL TABLES IN DATABASE retail_marts TO "
            "USER 'transformer'@'%'",
        ],
        # The short form of all tables of a database.
        [
            "GRANT SELECT ON retail_raw.* TO USER 'transformer'@'%'",
            "GRANT CREATE TABLE ON `retail_staging`.* TO USER 'transformer'@'%'",
        ],
        [],
    ],
)
def test_what_is_needed_is_not_reported(shown: list[str]) -> None:
    assert beyond_need(_BY_NAME["transformer"], shown) == []


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        (
            _BY_NAME["observer"],
            "GRANT INSERT, SELECT ON ALL TABLES IN DATABASE retail_raw TO USER 'observer'@'%'",
        ),
        (_BY_NAME["observer"], "GRANT SELECT ON retail_marts.* TO USER 'observer'@'%'"),
        (_BY_NAME["observer"], "GRANT DROP ON DATABASE retail_raw TO USER 'observer'@'%'"),
        (_BY_NAME["loader"], "GRANT CREATE TABLE ON retail_raw.* TO USER 'loader'@'%'"),
        (_BY_NAME["loader"], "GRANT 'db_admin' TO 'loader'@'%'"),
    ],
)
def test_what_is_not_needed_is_reported_as_the_warehouse_says_it(user: User, shown: str) -> None:
    needed = f"GRANT SELECT ON ALL TABLES IN DATABASE retail_raw TO USER '{user.name}'@'%'"
    assert beyond_need(user, [needed, shown]) == [shown]
