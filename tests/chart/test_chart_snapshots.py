"""The rendered text as it was when somebody last looked: what a change changes is seen in its diff.

UPDATE_SNAPSHOTS=1 writes it anew.
"""

import os
import re

import pytest
from chart_rendering import CASES, HERE, render_text, values_of

SCRIPT = re.compile(r"^(  smoke_test\.py:) \|\n(?: {4}.*\n| *\n)+", re.MULTILINE)


@pytest.mark.parametrize("case", CASES)
def test_the_chart_renders_what_was_agreed(case: str) -> None:
    # The script of `helm test` is its own file, and is not looked at here again.
    rendered = SCRIPT.sub(r"\1 (the file)\n", render_text(values_of(case)))
    snapshot = HERE / "snapshots" / f"{case}.yaml"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(rendered)
    assert rendered == snapshot.read_text(), "if this is as it should be: UPDATE_SNAPSHOTS=1"
