import pytest
from warehouse_server import basic

from local_warehouse.http.authentication import Credentials, parse_basic


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (basic("root", ""), Credentials("root", "")),
        (basic("ana", "pä:ss"), Credentials("ana", "pä:ss")),
        (basic("ana", "x").replace("Basic", "basic"), Credentials("ana", "x")),
        (None, None),
        ("", None),
        ("Bearer abc", None),
        ("Basic", None),
        ("Basic !!!", None),
        ("Basic cm9vdA==", None),
        ("Basic /////w==", None),
    ],
)
def test_only_valid_basic_headers_are_read(
    header: str | None, expected: Credentials | None
) -> None:
    assert parse_basic(header) == expected
