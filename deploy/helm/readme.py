"""Writes the table of values into the chart's README, from the comments in `values.yaml`.

A comment that begins with `# --` describes the value below it; further comment lines go on with it.
What has no comment of its own is part of the nearest value above that has one.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

CHART = Path(__file__).parent / "retail-analytics"
_BEGIN, _END = "<!-- values: written by readme.py -->", "<!-- end of values -->"
_MARK = "# --"


class ReadmeError(Exception):
    """The README cannot be written; the message says why."""


@dataclass(frozen=True)
class Value:
    """One row of the table.

    Attributes:
        path: Such as `dagster.run.maxRetries`.
        default: As it stands in `values.yaml`.
        description: Its comment.
    """

    path: str
    default: object
    description: str

    @property
    def row(self) -> str:
        """The row, in Markdown."""
        cells = (f"`{self.path}`", f"`{json.dumps(self.default)}`", self.description)
        return " | ".join(["", *(cell.replace("|", "\\|") for cell in cells), ""]).strip()


def described_values(text: str) -> list[Value]:
    """The values that a text of YAML describes, in its order.

    Raises:
        ReadmeError: A value has no description, or a description has no value.
    """
    lines = text.splitlines()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    values = list(_described(root, (), lines))
    written = sum(line.lstrip().startswith(_MARK) for line in lines)
    if written != len(values):
        raise ReadmeError(f"{written} descriptions, but {len(values)} of them stand above a value")
    return values


def _described(
    node: yaml.Node | None, path: tuple[str, ...], lines: Sequence[str]
) -> Iterator[Value]:
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise ReadmeError(f"{'.'.join(path)} has no description: begin one with `{_MARK}` above it")
    for key, value in node.value:
        inner = (*path, key.value)
        description = _comment_above(key.start_mark.line, lines)
        if description:
            yield Value(".".join(inner), _loaded(value), description)
        else:
            yield from _described(value, inner, lines)


def _loaded(node: yaml.Node) -> object:
    return yaml.safe_load(yaml.serialize(node))


def _comment_above(line: int, lines: Sequence[str]) -> str:
    comment: list[str] = []
    while line > 0 and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        comment.insert(0, lines[line].strip())
        if comment[0].startswith(_MARK):
            return " ".join(part.removeprefix(_MARK).removeprefix("#").strip() for part in comment)
    return ""


def with_table(readme: str, values: Sequence[Value]) -> str:
    """The README with a table of these values between its marks.

    Raises:
        ReadmeError: It has no marks.
    """
    head, begin, rest = readme.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not (begin and end):
        raise ReadmeError(f"README.md has no lines {_BEGIN} and {_END}")
    table = ["| value | default | what it is |", "|---|---|---|", *(value.row for value in values)]
    return f"{head}{_BEGIN}\n" + "\n".join(table) + f"\n{_END}{tail}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the table, or with `--check` says whether it is current."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it would")
    parser.add_argument("--chart", type=Path, default=CHART, help="folder of the chart")
    options = parser.parse_args(arguments)
    readme = options.chart / "README.md"
    try:
        current = readme.read_text()
        values = described_values((options.chart / "values.yaml").read_text())
        wanted = with_table(current, values)
    except ReadmeError as error:
        print(f"readme.py: {error}", file=sys.stderr)  # noqa: T201 (a command's message)
        return 1
    if current == wanted:
        return 0
    if options.check:
        print("readme.py: README.md is not current: run deploy/helm/readme.py", file=sys.stderr)  # noqa: T201
        return 1
    readme.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
