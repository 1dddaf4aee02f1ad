import pytest

from transformation_pipeline.lib.settings import SettingError, WarehouseSettings


def test_defaults_are_a_warehouse_on_this_machine() -> None:
    assert WarehouseSettings.from_environment({}) == WarehouseSettings(
        host="127.0.0.1", query_port=9030, user="root", password=""
    )


def test_every_variable_is_read() -> None:
    environment = {
        "STARROCKS_HOST": "starrocks-fe.warehouse",
        "STARROCKS_QUERY_PORT": "19030",
        "STARROCKS_USER": "transformer",
        "STARROCKS_PASSWORD": "s3cret / with blanks",
    }
    assert WarehouseSettings.from_environment(environment) == WarehouseSettings(
        host="starrocks-fe.warehouse",
        query_port=19030,
        user="transformer",
        password="s3cret / with blanks",
    )


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("STARROCKS_QUERY_PORT", "0", "must be a port from 1 to 65535, not '0'"),
        ("STARROCKS_QUERY_PORT", "65536", "must be a port from 1 to 65535, not '65536'"),
        ("STARROCKS_QUERY_PORT", "", "must be a port from 1 to 65535, not ''"),
        ("STARROCKS_QUERY_PORT", "9030 ", "must be a port from 1 to 65535, not '9030 '"),
        ("STARROCKS_HOST", "", "must be a plain name without blanks or '/', not ''"),
        (
            "STARROCKS_HOST",
            "http://fe",
            "must be a plain name without blanks or '/', not 'http://fe'",
        ),
        ("STARROCKS_USER", "a b", "must be a plain name without blanks or '/', not 'a b'"),
    ],
)
def test_bad_value_names_its_variable(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        WarehouseSettings.from_environment({variable: value})
    assert str(caught.value) == f"{variable} {message}"


def test_password_is_never_shown() -> None:
    assert "s3cret" not in repr(
        WarehouseSettings.from_environment({"STARROCKS_PASSWORD": "s3cret"})
    )
