"""The command's errors: one clear line, a failing exit status, nothing half done."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from warehouse_server import StartServer

PORTS = ("--mysql-port", "0", "--fe-http-port", "0", "--be-http-port", "0")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local_warehouse.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("flag", ["--mysql-port", "--fe-http-port", "--be-http-port"])
def test_a_port_in_use_is_named_with_its_flag(flag: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--data-dir", str(tmp_path), *PORTS, flag, str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        f"local-warehouse: cannot listen on 127.0.0.1:{port}: address already in use. "
        f"Choose another port with {flag} (0 takes a free one) or another address with --host."
    )
    assert "Traceback" not in done.stderr


def test_a_folder_in_use_is_named(start_server: StartServer) -> None:
    server = start_server()
    done = run("serve", "--data-dir", str(server.data_dir), *PORTS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"local-warehouse: {server.data_dir} is in use by another local-warehouse. "
        "Stop it, or choose another folder with --data-dir.\n"
    )
    assert server.query("SELECT 1") == [(1,)]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "data"
    done = run("serve", "--data-dir", str(place), *PORTS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"local-warehouse: cannot write to {place}: not a directory. "
        "Choose another folder with --data-dir.\n"
    )


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.write_text("")
    done = run("serve", "--data-dir", str(place), *PORTS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"local-warehouse: cannot write to {place}: file exists. "
        "Choose another folder with --data-dir.\n"
    )


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "default_catalog.duckdb").write_text("no warehouse" * 1000)
    done = run("serve", "--data-dir", str(tmp_path), *PORTS)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith(f"local-warehouse: Cannot open the warehouse in {tmp_path}: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("serve",), "the following arguments are required: --data-dir"),
        (
            ("serve", "--data-dir", "x", "--mysql-port", "99999"),
            "argument --mysql-port: '99999' is no port: use a number from 0 to 65535",
        ),
        (("serve", "--data-dir", "x", "--unknown"), "unrecognized arguments: --unknown"),
    ],
)
def test_wrong_usage_is_explained(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"error: {message}")


def test_help_teaches_the_environment_and_an_example() -> None:
    shown = run("serve", "--help").stdout
    for text in ("STARROCKS_PASSWORD", "--data-dir DIR", "9030", '"event": "ready"', "SIGTERM"):
        assert text in shown
