"""The headers of a Stream Load, checked.

Source: StarRocks documentation, "STREAM LOAD".
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from local_warehouse.stream_load.columns_header import ColumnsHeader
from local_warehouse.stream_load.errors import LoadError

MAXIMUM_JSON_BYTES = 100 * 1024 * 1024
"""`streaming_load_max_batch_size_mb`: StarRocks holds a JSON body in memory."""

_LABEL = re.compile(r"[-\w]{1,128}", re.ASCII)
_UNSUPPORTED = (
    "where",
    "partitions",
    "temporary_partitions",
    "row_delimiter",
    "trim_space",
    "enclose",
    "escape",
    "jsonpaths",
    "json_root",
    "envelope",
    "compression",
    "content-encoding",
    "merge_condition",
    "transaction_type",
)
_UNSUPPORTED_WHEN_TRUE = ("partial_update", "negative", "enable_merge_commit")


@dataclass(frozen=True)
class LoadRequest:
    """What one Stream Load asks for."""

    database: str
    table: str
    label: str
    format: str
    columns: ColumnsHeader | None
    strict: bool
    maximum_filter_ratio: float
    strip_outer_array: bool
    column_separator: str
    skip_header: int
    timeout_seconds: int

    @classmethod
    def from_headers(cls, database: str, table: str, headers: Mapping[str, str]) -> Self:
        """Read the headers; ``headers`` must compare names without regard to case.

        Raises:
            LoadError: A header is invalid, or asks for something that is not supported here.
        """
        _refuse_unsupported(headers)
        label = headers.get("label", str(uuid.uuid4()))
        if not _LABEL.fullmatch(label):
            raise LoadError(r"Label format error. regex: ^[-\w]{1,128}$, label: " + label)
        data_format = headers.get("format", "csv").lower()
        if data_format not in ("csv", "json"):
            raise LoadError(f"unknown data format, format={data_format}")
        if data_format == "json":
            _check_json_size(headers)
        columns = headers.get("columns")
        return cls(
            database=database,
            table=table,
            label=label,
            format=data_format,
            columns=ColumnsHeader.parse(columns) if columns else None,
            strict=_boolean(headers, "strict_mode"),
            maximum_filter_ratio=_ratio(headers.get("max_filter_ratio", "0")),
            strip_outer_array=headers.get("strip_outer_array", "").lower() == "true",
            column_separator=_separator(headers.get("column_separator", "\t")),
            skip_header=_integer(headers, "skip_header", default=0, lowest=0, highest=2**31),
            timeout_seconds=_integer(headers, "timeout", default=600, lowest=1, highest=259200),
        )


def _refuse_unsupported(headers: Mapping[str, str]) -> None:
    for name in _UNSUPPORTED:
        if headers.get(name):
            raise LoadError(f"header '{name}' is not supported by the local warehouse")
    for name in _UNSUPPORTED_WHEN_TRUE:
        if headers.get(name, "").lower() == "true":
            raise LoadError(f"header '{name}: true' is not supported by the local warehouse")


def _check_json_size(headers: Mapping[str, str]) -> None:
    length = headers.get("content-length", "")
    if _boolean(headers, "ignore_json_size") or not length.isdecimal():
        return
    if int(length) > MAXIMUM_JSON_BYTES:
        raise LoadError(
            f"The size of this batch exceed the max size [{MAXIMUM_JSON_BYTES}] of json type "
            f"data [ {length} ]. Set ignore_json_size to skip the check"
        )


def _boolean(headers: Mapping[str, str], name: str) -> bool:
    text = headers.get(name, "false").lower()
    if text not in ("true", "false"):
        raise LoadError(f"Invalid {name} format. Must be bool type, got '{text}'")
    return text == "true"


def _ratio(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0  # as StarRocks does


def _integer(
    headers: Mapping[str, str], name: str, *, default: int, lowest: int, highest: int
) -> int:
    text = headers.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or not lowest <= int(text) <= highest:
        raise LoadError(f"Invalid {name} format: '{text}'")
    return int(text)


def _separator(text: str) -> str:
    if text.startswith("\\x"):
        try:
            return bytes.fromhex(text[2:]).decode()
        except ValueError:
            raise LoadError(f"Invalid column separator '{text}'") from None
    return text.replace("\\t", "\t")
