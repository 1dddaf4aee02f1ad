"""Reading the spooled body as rows of text fields."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from local_warehouse.stream_load.conversion import Reason
from local_warehouse.stream_load.errors import LoadError
from local_warehouse.stream_load.plan import LoadPlan, identifier, literal
from local_warehouse.stream_load.request import LoadRequest

EMPTY = "all partitions have no load data"
_OBJECT_BYTES = 1024 * 1024
"""Sizes the reader's buffers, so that two cores share loads of a few megabytes; larger objects
make the reader grow them."""


@dataclass(frozen=True)
class Source:
    """SQL over the body.

    Attributes:
        readings: FROM items with the plan's fields; the next one is tried where one cannot parse.
        reasons: Reasons to filter a row before its fields are looked at.
        row_text: SQL for the row as the error log shows it.
    """

    readings: tuple[str, ...]
    reasons: list[Reason]
    row_text: str


def open_source(request: LoadRequest, plan: LoadPlan, body: Path) -> Source:
    """Return how to read a body.

    Raises:
        LoadError: The body is empty, or JSON of another shape than the headers say.
    """
    if request.format == "csv":
        return _csv(request, plan, body)
    first = _first_character(body)
    if not first:
        raise LoadError(EMPTY)
    if first == "{" and not request.strip_outer_array:
        # Documents may also be concatenated or span lines, which only the slower format reads.
        return _json(plan, body, "newline_delimited", "unstructured")
    if first == "[" and request.strip_outer_array:
        return _json(plan, body, "array")
    if first == "[":
        raise LoadError(
            "The value is array type in json document stream, you can set strip_outer_array=true "
            "to parse each element of the array as individual rows"
        )
    if first == "{":
        raise LoadError(
            "the value should be array type with strip_outer_array=true, value: an object"
        )
    raise LoadError(f"illegal json started with {first}")


def _json(plan: LoadPlan, body: Path, *formats: str) -> Source:
    fields = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in plan.fields.items())
    readings = tuple(
        f"read_json({literal(str(body))}, format={literal(name)}, auto_detect=false, "
        f"maximum_object_size={_OBJECT_BYTES}, columns={{{fields}}})"
        for name in formats
    )
    shown = ", ".join(f"{literal(name)}: {identifier(name)}" for name in plan.fields)
    return Source(readings, [], f"CAST(to_json({{{shown}}}) AS VARCHAR)")


def _csv(request: LoadRequest, plan: LoadPlan, body: Path) -> Source:
    # Lines are split here and not by the CSV reader, which cannot count a line's fields.
    lines = (
        f"read_csv({literal(str(body))}, columns={{'line': 'VARCHAR'}}, header=false, "
        f"auto_detect=false, delim='\\0', quote='', escape='', nullstr='', "
        f"skip={request.skip_header})"
    )
    parts = f"string_split(line, {literal(request.column_separator)})"
    fields = ", ".join(
        f"nullif(parts[{position}], '\\N') AS {identifier(name)}"
        for position, name in enumerate(plan.fields, start=1)
    )
    reading = (
        f"(SELECT line, len(parts) AS parts, {fields} "  # noqa: S608
        f"FROM (SELECT line, {parts} AS parts FROM {lines}))"
    )
    count = len(plan.fields)
    mismatch = Reason(
        f"(parts <> {count})",
        f"'Target column count: {count} doesn''t match source value column count: ' || parts",
    )
    return Source((reading,), [mismatch], "line")


def _first_character(body: Path) -> str:
    with body.open("rb") as file:
        data = file.read(4096).removeprefix(codecs.BOM_UTF8)
        while data and not data.strip():
            data = file.read(4096)
    return data.lstrip()[:1].decode(errors="replace")
