"""The chart's README, and the program that writes its table."""

import subprocess
import sys
from pathlib import Path

import pytest
from chart_rendering import CHART

PROGRAM = CHART.parent / "readme.py"


def readme(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROGRAM), *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(
        "# Head\n<!-- values: written by readme.py -->\nold\n<!-- end of values -->\ntail\n"
    )
    return tmp_path


def test_the_table_is_current() -> None:
    done = readme("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_each_described_value_is_a_row(chart: Path) -> None:
    (chart / "values.yaml").write_text(
        "# A heading.\n"
        "group:\n"
        "  # -- How many,\n"
        "  # at most\n"
        "  count: 1\n"
        "  # -- One | the other\n"
        "  kind: {a: [1], b: {}}\n"
    )
    assert readme("--check", f"--chart={chart}").returncode == 1
    assert readme(f"--chart={chart}").returncode == 0
    assert (chart / "README.md").read_text() == (
        "# Head\n"
        "<!-- values: written by readme.py -->\n"
        "| value | default | what it is |\n"
        "|---|---|---|\n"
        "| `group.count` | `1` | How many, at most |\n"
        '| `group.kind` | `{"a": [1], "b": {}}` | One \\| the other |\n'
        "<!-- end of values -->\n"
        "tail\n"
    )
    assert readme("--check", f"--chart={chart}").returncode == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("group:\n  count: 1\n", "group.count has no description: begin one with `# --` above it"),
        (
            "# -- One\nfirst: 1\n# -- Nothing below\n",
            "2 descriptions, but 1 of them stand above a value",
        ),
    ],
)
def test_a_value_and_its_description_go_together(chart: Path, values: str, message: str) -> None:
    (chart / "values.yaml").write_text(values)
    done = readme(f"--chart={chart}")
    assert (done.returncode, done.stderr) == (1, f"readme.py: {message}\n")


def test_a_readme_without_marks_is_left_alone(chart: Path) -> None:
    (chart / "README.md").write_text("# Head\n")
    (chart / "values.yaml").write_text("# -- One\nfirst: 1\n")
    done = readme(f"--chart={chart}")
    assert done.returncode == 1
    assert "README.md has no lines" in done.stderr
    assert (chart / "README.md").read_text() == "# Head\n"
