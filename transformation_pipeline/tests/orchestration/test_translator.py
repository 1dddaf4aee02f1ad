from typing import Any

import pytest

from transformation_pipeline.lib.translator import RetailTranslator


def code_version(model: str = "select 1", macro: str = "round", adapter: str = "now") -> str:
    """The code version of a model in a project with one macro, beside one of the adapter."""
    manifest: dict[str, Any] = {
        "metadata": {"project_name": "retail"},
        "macros": {
            "macro.retail.in_euro": {"package_name": "retail", "macro_sql": macro},
            "macro.dbt.current_timestamp": {"package_name": "dbt", "macro_sql": adapter},
        },
    }
    return RetailTranslator(manifest).get_code_version({"raw_code": model})


@pytest.mark.parametrize(
    ("change", "new"),
    [({"model": "select 2"}, True), ({"macro": "floor"}, True), ({"adapter": "utc"}, False)],
)
def test_changed_model_or_macro_of_the_project_is_new_code(
    change: dict[str, str], new: bool
) -> None:
    assert (code_version(**change) != code_version()) is new
