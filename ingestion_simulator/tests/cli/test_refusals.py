"""Mistakes that are found before anything is started: one line, a non-zero status."""

import resource
import socket
import subprocess
from collections.abc import Iterator

import pytest

from .conftest import Run

_RANGE = ("--from", "2026-01-01", "--to", "2026-01-02")


@pytest.fixture
def closed_port() -> Iterator[str]:
    """A port that is bound, so that nobody else takes it, and that refuses connections."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield str(reserved.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "settings", "line"),
    [
        (
            ["backfill", "--from", "2026-01-02", "--to", "2026-01-01"],
            {},
            "--from 2026-01-02 is not before --to 2026-01-01: give an earlier --from",
        ),
        (
            ["backfill", "--from", "2025-12-31", "--to", "2026-01-01"],
            {},
            "--from 2025-12-31 is before the epoch 2026-01-01: "
            "give a later --from or set SIMULATOR_EPOCH",
        ),
        (
            ["backfill", "--from", "2026-01-01T00:03", "--to", "2026-01-02"],
            {},
            "--from 2026-01-01T00:03 lies within a window: "
            "give a multiple of SIMULATOR_TICK (0:05:00) after midnight",
        ),
        (
            ["backfill", "--from", "2026-01-01", "--to", "2026-01-01T01:30:00", "--tick", "1h"],
            {},
            "--to 2026-01-01T01:30:00 lies within a window: "
            "give a multiple of SIMULATOR_TICK (1:00:00) after midnight",
        ),
        (
            ["backfill", "--from", "2026-01-01T00:00+01:00", "--to", "2026-01-02"],
            {},
            "--from '2026-01-01T00:00+01:00' is not a UTC time: give YYYY-MM-DD[THH:MM[:SS]]",
        ),
        (
            ["catch-up", "--until", "soon"],
            {},
            "--until 'soon' is not a UTC time: give YYYY-MM-DD[THH:MM[:SS]]",
        ),
        (
            ["catch-up", "--until", "9999-01-01"],
            {},
            "--until 9999-01-01 is out of range: give an earlier year",
        ),
        (
            ["catch-up", "--until", "2025-06-01"],
            {},
            "--until 2025-06-01 is before the epoch 2026-01-01: "
            "give a later time or set SIMULATOR_EPOCH",
        ),
        (
            ["backfill", *_RANGE, "--seed", "many"],
            {},
            "SIMULATOR_SEED='many' cannot be read: give a whole number such as 42",
        ),
        (
            ["backfill", *_RANGE],
            {"SIMULATOR_LATE_RATE": "2"},
            "SIMULATOR_LATE_RATE=2.0 is not a share: give a number from 0 to 0.5",
        ),
        (
            ["verify"],
            {"STARROCKS_HTTP_PORT": "http"},
            "STARROCKS_HTTP_PORT='http' is not a port: give a number from 1 to 65535",
        ),
        (
            ["init", "--reset"],
            {},
            "init --reset drops retail_raw, retail_staging, retail_marts with everything in them: "
            "repeat it with --yes",
        ),
    ],
)
def test_what_cannot_be_acted_on_is_refused_in_one_line(
    run: Run, arguments: list[str], settings: dict[str, str], line: str
) -> None:
    refused = run(*arguments, **settings)

    assert (refused.stdout, refused.stderr, refused.returncode) == (
        "",
        f"ingestion-simulator: {line}\n",
        2,
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "ingestion-simulator: the following arguments are required: COMMAND"),
        (
            ["backfill"],
            "ingestion-simulator backfill: the following arguments are required: --from, --to",
        ),
        (
            ["backfill", *_RANGE, "--frm", "x"],
            "ingestion-simulator: unrecognized arguments: --frm x",
        ),
        (
            ["generate", *_RANGE, "--output", "o", "--format", "csv"],
            "ingestion-simulator generate: argument --format: "
            "invalid choice: 'csv' (choose from 'ndjson', 'parquet')",
        ),
    ],
)
def test_a_mistyped_command_line_is_refused_in_one_line(
    run: Run, arguments: list[str], line: str
) -> None:
    refused = run(*arguments)

    prog = line.split(":")[0]
    # Python 3.12 and later quote the choices in another way.
    shown = refused.stderr.replace("choose from ndjson, parquet", "choose from 'ndjson', 'parquet'")
    assert (refused.stdout, shown, refused.returncode) == (
        "",
        f"{line} (see `{prog} --help`)\n",
        2,
    )


@pytest.mark.parametrize(
    "arguments",
    [["init"], ["backfill", *_RANGE], ["catch-up"], ["stream"], ["verify"]],
    ids=lambda arguments: arguments[0],
)
def test_an_unreachable_warehouse_names_the_variables(
    run: Run, closed_port: str, arguments: list[str]
) -> None:
    refused = run(*arguments, STARROCKS_QUERY_PORT=closed_port, STARROCKS_HTTP_PORT=closed_port)

    assert (refused.stdout, refused.returncode) == ("", 1)
    [line] = refused.stderr.splitlines()
    assert line.startswith("ingestion-simulator: no ")
    assert f"127.0.0.1:{closed_port}" in line
    assert "check STARROCKS_HOST and STARROCKS_" in line


def test_help_costs_less_than_a_third_of_a_second(
    command: str, environment: dict[str, str]
) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = subprocess.run(
        [command, "--help"], env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert shown.returncode == 0
    assert "STARROCKS_HOST" in shown.stdout
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.3
