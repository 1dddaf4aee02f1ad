"""The definitions of the real dbt project."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from transformation_pipeline.definitions import defs
from transformation_pipeline.defs.dbt.assets import BUILD_POOL
from transformation_pipeline.lib.dbt_project import ManifestMissingError
from transformation_pipeline.lib.settings import SettingError

from .describe import describe

SNAPSHOT = Path(__file__).parent / "definitions.json"
RECONCILIATION = {
    "retail_staging/stg_orders:raw_equals_manifest",
    "retail_staging/stg_order_items:staging_equals_raw",
    "retail_marts/fact_orders:fact_orders_equals_staging",
    "retail_marts/fact_orders:fact_orders_equals_fact_order_items",
    "retail_marts/fact_daily_sales:fact_daily_sales_equals_fact_order_items",
}


def prepare(target: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "transformation_pipeline.prepare"],
        env={**os.environ, "DBT_TARGET_PATH": str(target), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("target")
    prepared = prepare(target)
    assert (prepared.returncode, prepared.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def definitions(target: Path) -> Iterator[dg.Definitions]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_TARGET_PATH", str(target))
        yield defs()


def test_prepare_leaves_what_definitions_and_runs_need(target: Path) -> None:
    assert {"manifest.json", "partial_parse.msgpack"} <= {path.name for path in target.iterdir()}


def test_prepare_reports_a_bad_setting_in_one_line(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, STARROCKS_QUERY_PORT="ninety")
    assert (prepared.returncode, prepared.stderr) == (
        2,
        "STARROCKS_QUERY_PORT must be a port from 1 to 65535, not 'ninety'\n",
    )


def test_definitions_are_those_of_the_snapshot(definitions: dg.Definitions) -> None:
    described = json.loads(json.dumps(describe(definitions)))
    assert described == json.loads(SNAPSHOT.read_text()), (
        "Meant? Then: python tests/orchestration/describe.py > tests/orchestration/definitions.json"
    )


def test_definitions_can_be_loaded_as_a_code_location(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_dbt_test_is_an_asset_check(definitions: dg.Definitions, target: Path) -> None:
    nodes = json.loads((target / "manifest.json").read_text())["nodes"].values()
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    graph = definitions.resolve_asset_graph()
    assert {key.name for key in graph.asset_check_keys} == tests


def test_reconciliation_blocks_what_lies_downstream_and_says_what_it_checks(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    described = {
        key.to_user_string()
        for key in graph.asset_check_keys
        if graph.get(key).blocking and graph.get(key).description
    }
    assert described == RECONCILIATION


def test_missing_manifest_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    with pytest.raises(ManifestMissingError) as caught:
        defs()
    assert str(caught.value) == (
        f"{tmp_path}/manifest.json does not exist. "
        "Run `python -m transformation_pipeline.prepare` first."
    )


def test_bad_setting_is_found_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARROCKS_QUERY_PORT", "ninety")
    with pytest.raises(SettingError, match="STARROCKS_QUERY_PORT must be a port"):
        defs()


def test_every_model_is_built_in_the_pool(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    pools = [graph.get(key).pools for key in graph.materializable_asset_keys]
    assert pools == [{BUILD_POOL}] * len(pools) != []
