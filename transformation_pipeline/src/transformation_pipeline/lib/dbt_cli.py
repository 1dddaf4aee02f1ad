"""dagster-dbt's command line resource without the work that this project does not use."""

import sys
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_dbt import DbtCliResource
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Sequence

# The one of this interpreter's environment, whether or not that is on PATH.
DBT_EXECUTABLE = str(Path(sys.executable).with_name("dbt"))


class LeanDbtCli(DbtCliResource):
    """Starts dbt at once.

    Before each command dagster-dbt 0.29 runs `dbt --version` (about 6 CPU seconds) and initialises
    an adapter in the run's own process (about 2.4), the latter only for row counts and column
    metadata, which this project does not fetch. These two private hooks are overridden, no more.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: "Sequence[str]") -> None:  # type: ignore[override]
        """Returns no adapter: dbt's own process makes the only connection."""
