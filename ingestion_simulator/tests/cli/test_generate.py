"""Files instead of loads."""

import json
import os
import resource
import shlex
import signal
import subprocess
from pathlib import Path

import polars as pl
import pytest

from .conftest import Run

_WORLD = ("--orders-per-day", "300", "--tick", "6h", "--invalid-rate", "0.05")
_RANGE = ("--from", "2026-01-01", "--to", "2026-01-03")


def _generate(run: Run, output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run("generate", *_WORLD, "--output", str(output), *(arguments or _RANGE), *_FORMAT)
    assert (done.returncode, done.stderr) == (0, "")
    return done


_FORMAT = ("--format", "ndjson")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_there_is_one_file_per_table_and_day_that_has_rows(run: Run, tmp_path: Path) -> None:
    done = _generate(run, tmp_path / "new" / "folder")

    events = [json.loads(line) for line in done.stdout.splitlines()]
    written = {event["file"]: event["rows"] for event in events[:-1]}
    files = _contents(tmp_path / "new" / "folder")
    assert {name: text.count(b"\n") for name, text in files.items()} == written
    days = ("20260101T000000-20260102T000000", "20260102T000000-20260103T000000")
    always = ("raw_customers", "raw_fx_rates", "raw_orders", "raw_rejects")
    assert {f"{table}-{day}.ndjson" for table in always for day in days} <= files.keys()
    assert f"raw_products-{days[0]}.ndjson" in files
    assert events[-1]["event"] == "generate_finished"
    assert events[-1]["rows"] == sum(written.values())


def test_the_same_settings_give_the_same_bytes_and_another_seed_others(
    run: Run, tmp_path: Path
) -> None:
    _generate(run, tmp_path / "a")
    _generate(run, tmp_path / "b")
    _generate(run, tmp_path / "c", *_RANGE, "--seed", "43")

    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")
    assert _contents(tmp_path / "a") != _contents(tmp_path / "c")


def test_a_part_of_a_day_is_a_part_of_its_file(run: Run, tmp_path: Path) -> None:
    _generate(run, tmp_path / "day", "--from", "2026-01-02", "--to", "2026-01-03")
    _generate(run, tmp_path / "parts", "--from", "2026-01-02", "--to", "2026-01-02T06:00")
    _generate(run, tmp_path / "parts", "--from", "2026-01-02T06:00", "--to", "2026-01-03")

    whole = (tmp_path / "day" / "raw_orders-20260102T000000-20260103T000000.ndjson").read_bytes()
    parts = sorted((tmp_path / "parts").glob("raw_orders-*"))
    assert [part.name for part in parts] == [
        "raw_orders-20260102T000000-20260102T060000.ndjson",
        "raw_orders-20260102T060000-20260103T000000.ndjson",
    ]
    assert b"".join(part.read_bytes() for part in parts) == whole


def test_parquet_holds_the_same_rows_with_exact_types(run: Run, tmp_path: Path) -> None:
    _generate(run, tmp_path)
    done = run("generate", *_WORLD, *_RANGE, "--output", str(tmp_path), "--format", "parquet")
    assert done.returncode == 0

    stem = tmp_path / "raw_orders-20260101T000000-20260102T000000"
    frame = pl.read_parquet(stem.with_suffix(".parquet"))
    lines = [json.loads(line) for line in stem.with_suffix(".ndjson").read_text().splitlines()]
    assert frame.schema["total_amount"] == pl.Decimal(38, 2)
    assert frame.schema["changed_at"] == pl.Datetime("us")
    assert [str(amount) for amount in frame["total_amount"]] == [
        line["total_amount"] for line in lines
    ]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_stopped_run_leaves_whole_files_only(
    command: str, environment: dict[str, str], tmp_path: Path, number: signal.Signals, status: int
) -> None:
    years = ("--from", "2026-01-01", "--to", "2036-01-01")
    with subprocess.Popen(
        [command, "generate", *_WORLD, *years, "--output", str(tmp_path), *_FORMAT],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (
        status,
        f"ingestion-simulator: stopped by {number.name}: run the same command again to continue\n",
    )
    assert {path.suffix for path in tmp_path.iterdir()} == {".ndjson"}
    for path in tmp_path.iterdir():
        assert path.read_bytes().endswith(b"}\n")


def test_an_output_that_is_no_folder_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    refused = run(
        "generate", *_WORLD, *_RANGE, "--output", str(tmp_path / "file"), "--format", "ndjson"
    )

    assert (refused.stdout, refused.returncode) == ("", 1)
    assert refused.stderr == (
        f"ingestion-simulator: cannot write {tmp_path / 'file'} (File exists): "
        "give another --output or make room\n"
    )


@pytest.mark.parametrize("file_format", ["ndjson", "parquet"])
def test_a_full_disk_ends_in_one_line_with_whole_files_only(
    command: str, environment: dict[str, str], tmp_path: Path, file_format: str
) -> None:
    def allow_short_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    arguments = (*_WORLD, *_RANGE, "--output", str(tmp_path), "--format", file_format)
    failed = subprocess.run(
        [command, "generate", *arguments],
        env=environment,
        preexec_fn=allow_short_files,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert failed.returncode == 1
    [line] = failed.stderr.splitlines()
    assert line.startswith(f"ingestion-simulator: cannot write {tmp_path}/raw_customers-2026")
    assert "File too large" in line
    assert [path.name for path in tmp_path.iterdir()] == [
        f"raw_fx_rates-20260101T000000-20260102T000000.{file_format}"
    ]


def test_a_reader_that_has_gone_ends_it_quietly(
    command: str, environment: dict[str, str], tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [command, "generate", *_WORLD, *_RANGE, *_FORMAT, "--output", str(tmp_path)],
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_a_closed_output_does_not_keep_it_from_its_work(
    command: str, environment: dict[str, str], tmp_path: Path
) -> None:
    started = [command, "generate", *_WORLD, *_RANGE, *_FORMAT, "--output", str(tmp_path)]
    ended = subprocess.run(
        ["bash", "-c", f"{shlex.join(started)} >&-"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(list(tmp_path.iterdir())) == 9
