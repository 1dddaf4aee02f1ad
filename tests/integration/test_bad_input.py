"""Each mistake gets one clear line with its remedy, a non-zero exit status, and changes nothing."""

import os
import subprocess
from pathlib import Path

import pytest
from real_processes import Simulator, Site

from local_platform.platform import BIN
from local_platform.processes import free_port

DAY = ("--from", "2026-09-01", "--to", "2026-09-02")


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "mentions"),
    [
        (("backfill", *DAY), {"STARROCKS_HOST": "no-such-host.invalid"}, 1, "STARROCKS_HOST"),
        (("backfill", *DAY), {"STARROCKS_PASSWORD": "wrong"}, 1, "STARROCKS_PASSWORD"),
        (("backfill", *DAY), {"STARROCKS_QUERY_PORT": "{closed}"}, 1, "STARROCKS_QUERY_PORT"),
        (("backfill", *DAY), {"STARROCKS_HTTP_PORT": "{closed}"}, 1, "STARROCKS_HTTP_PORT"),
        (("init",), {"STARROCKS_QUERY_PORT": "ninety"}, 2, "STARROCKS_QUERY_PORT"),
        (("backfill", *DAY), {"SIMULATOR_TICK": "7m"}, 2, "SIMULATOR_TICK"),
        (("backfill", *DAY), {"SIMULATOR_ORDERS_PER_DAY": "many"}, 2, "SIMULATOR_ORDERS_PER_DAY"),
        (("backfill", "--from", "2026-09-02", "--to", "2026-09-01"), {}, 2, "--from"),
        (("backfill", "--from", "2026-08-01", "--to", "2026-09-02"), {}, 2, "SIMULATOR_EPOCH"),
        (("backfill", "--from", "yesterday", "--to", "2026-09-02"), {}, 2, "--from"),
        (("backfill", *DAY, "--colour", "red"), {}, 2, "--colour"),
        (("init", "--reset"), {}, 2, "--yes"),
    ],
)
def test_the_simulator(
    site: Site, arguments: tuple[str, ...], environment: dict[str, str], status: int, mentions: str
) -> None:
    environment = {name: value.format(closed=free_port()) for name, value in environment.items()}
    refused = site.simulator.run(*arguments, **environment)
    assert (refused.returncode, refused.stdout) == (status, "")
    [line] = refused.stderr.splitlines()
    assert mentions in line
    assert site.warehouse.query("select count(*) from retail_raw.raw_load_manifest") == [(0,)]


def test_the_simulator_without_its_tables(site: Site) -> None:
    site.warehouse.query("drop database retail_raw")
    refused = site.simulator.run("backfill", *DAY)
    assert (refused.returncode, refused.stdout) == (1, "")
    [line] = refused.stderr.splitlines()
    assert "ingestion-simulator init" in line


def test_verify_without_marts(site: Site) -> None:
    site.simulator.succeed("backfill", *DAY)
    refused = site.simulator.run("verify")
    assert refused.returncode == 1
    assert "--raw-only" in refused.stdout + refused.stderr


def test_the_demo_with_a_port_in_use(site: Site, tmp_path: Path) -> None:
    taken = site.platform.environment["STARROCKS_QUERY_PORT"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("STARROCKS_")
    }
    refused = subprocess.run(
        [BIN / "local-platform", "demo", "--directory", tmp_path / "demo"],
        env=environment | {"STARROCKS_QUERY_PORT": taken},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr == (
        f"local-platform: port {taken} is in use: set STARROCKS_QUERY_PORT to another, "
        "or unset it\n"
    )


def test_the_simulator_s_settings_are_named_in_help() -> None:
    shown = Simulator(dict(os.environ)).succeed("backfill", "--help")
    assert "STARROCKS_HOST" in shown
    assert "SIMULATOR_" in shown
