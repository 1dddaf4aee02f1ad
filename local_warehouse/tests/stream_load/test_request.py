import pytest
from multidict import CIMultiDict

from local_warehouse.stream_load.columns_header import ColumnsHeader
from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.request import LoadRequest


def parse(**headers: str) -> LoadRequest:
    return LoadRequest.from_headers("retail_raw", "raw_orders", CIMultiDict(headers))


def test_every_header_arrives() -> None:
    assert parse(
        Label="orders-1",
        Format="JSON",
        columns="a,b='x'",
        strict_mode="TRUE",
        max_filter_ratio="0.25",
        strip_outer_array="true",
        timezone="UTC",
        timeout="30",
    ) == LoadRequest(
        database="retail_raw",
        table="raw_orders",
        label="orders-1",
        format="json",
        columns=ColumnsHeader(("a",), {"b": "'x'"}),
        strict=True,
        maximum_filter_ratio=0.25,
        strip_outer_array=True,
        column_separator="\t",
        skip_header=0,
        timeout_seconds=30,
    )


def test_defaults_are_those_of_starrocks() -> None:
    request = parse(label="a")
    assert request == LoadRequest(
        database="retail_raw",
        table="raw_orders",
        label="a",
        format="csv",
        columns=None,
        strict=False,
        maximum_filter_ratio=0.0,
        strip_outer_array=False,
        column_separator="\t",
        skip_header=0,
        timeout_seconds=600,
    )


def test_a_load_without_label_gets_one_of_its_own() -> None:
    assert parse().label != parse().label


@pytest.mark.parametrize(("sent", "separator"), [("|", "|"), ("\\x01", "\x01"), ("\\t", "\t")])
def test_separators_may_be_written_in_hex(sent: str, separator: str) -> None:
    assert parse(column_separator=sent).column_separator == separator


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"label": "a b"}, r"Label format error. regex: ^[-\w]{1,128}$, label: a b"),
        ({"label": "x" * 129}, r"Label format error. regex: ^[-\w]{1,128}$, label: " + "x" * 129),
        ({"format": "orc"}, "unknown data format, format=orc"),
        ({"strict_mode": "yes"}, "Invalid strict_mode format. Must be bool type, got 'yes'"),
        ({"timeout": "0"}, "Invalid timeout format: '0'"),
        ({"timeout": "1.5"}, "Invalid timeout format: '1.5'"),
        (
            {"format": "json", "content-length": "104857601"},
            "The size of this batch exceed the max size [104857600] of json type data "
            "[ 104857601 ]. Set ignore_json_size to skip the check",
        ),
        ({"where": "a > 1"}, "header 'where' is not supported by the local warehouse"),
        ({"jsonpaths": '["$.a"]'}, "header 'jsonpaths' is not supported by the local warehouse"),
        (
            {"Content-Encoding": "gzip"},
            "header 'content-encoding' is not supported by the local warehouse",
        ),
        (
            {"partial_update": "true"},
            "header 'partial_update: true' is not supported by the local warehouse",
        ),
    ],
)
def test_invalid_and_unsupported_headers_fail_by_name(
    headers: dict[str, str], message: str
) -> None:
    with pytest.raises(LoadError) as failure:
        parse(**headers)
    assert failure.value.message == message


def test_the_size_of_json_may_be_left_unchecked() -> None:
    request = parse(**{"format": "json", "content-length": "104857601", "ignore_json_size": "true"})
    assert request.format == "json"
