import pytest

from local_warehouse.stream_load.columns_header import ColumnsHeader
from local_warehouse.stream_load.errors import LoadError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a,b", ColumnsHeader(("a", "b"), {})),
        (" a , `order` ", ColumnsHeader(("a", "order"), {})),
        ("a,_label='x,(y'", ColumnsHeader(("a",), {"_label": "'x,(y'"})),
        (
            "a, tmp, b = upper(tmp), c=5",
            ColumnsHeader(("a", "tmp"), {"b": 'UPPER("tmp")', "c": "5"}),
        ),
        (
            "A, b = cast(a as int)",
            ColumnsHeader(("A",), {"b": 'TRY_CAST("A" AS INT)'}),
        ),
        ("a, a = coalesce(a, 'none')", ColumnsHeader(("a",), {"a": "COALESCE(\"a\", 'none')"})),
        ("__op='delete', a", ColumnsHeader(("a",), {"__op": "'delete'"})),
    ],
)
def test_fields_and_mappings_are_told_apart(header: str, expected: ColumnsHeader) -> None:
    assert ColumnsHeader.parse(header) == expected


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,a", "Duplicate column: a"),
        ("a,b=1,B=2", "Duplicate column: B"),
        ("a,,b", "Syntax error in columns header: ''"),
        ("a,b='x", "Syntax error in columns header: 'b='x'"),
        ("a,b=)", "Syntax error in columns header: 'b=)'"),
        ("a,b=missing", "Column 'missing' cannot be resolved"),
        (
            "a,b=read_text('/etc/passwd')",
            "Expression 'read_text('/etc/passwd')' in the columns header is not supported by the "
            "local warehouse: use constants, fields, CAST, CONCAT, COALESCE, CASE",
        ),
        (
            "a,b=(select 1)",
            "Expression '(select 1)' in the columns header is not supported by the local "
            "warehouse: use constants, fields, CAST, CONCAT, COALESCE, CASE",
        ),
    ],
)
def test_what_is_wrong_is_named(header: str, message: str) -> None:
    with pytest.raises(LoadError) as failure:
        ColumnsHeader.parse(header)
    assert failure.value.message == message
