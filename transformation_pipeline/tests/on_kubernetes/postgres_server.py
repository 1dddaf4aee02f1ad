"""A real Postgres server in a folder of its own, on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from transformation_pipeline.kubernetes.postgres import PostgresSettings, connect

USER = "dagster"
PASSWORD = "s3cret, пароль"

# initdb refuses to work for root.
UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Server:
    port: int

    def settings(self, database: str, password: str = PASSWORD) -> PostgresSettings:
        return PostgresSettings("127.0.0.1", self.port, database, USER, password)

    def create(self, database: str, template: str = "template1") -> PostgresSettings:
        """Creates a database as a copy of another one."""
        with closing(connect(self.settings("postgres"))) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {database} TEMPLATE {template}")
        return self.settings(database)


def programs() -> Path:
    """Returns the folder of the server's programs."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not on_path and not debian:
        pytest.fail("These tests need a Postgres server: `apt-get install -y postgresql`.")
    return Path(on_path).resolve().parent if on_path else debian[-1].parent


@contextmanager
def reserved_port() -> Iterator[int]:
    """Keeps a port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


@contextmanager
def serve(port: int | None = None) -> Iterator[Server]:
    """Runs a server until the context ends."""
    if port is None:
        with reserved_port() as port:
            pass
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        secret = Path(folder) / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            owner = pwd.getpwnam(UNPRIVILEGED)
            for path in (secret, Path(folder)):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        data, log = f"{folder}/data", f"{folder}/log"
        _run(
            *("initdb", "--pgdata", data, "--username", USER, "--auth", "scram-sha-256"),
            *("--pwfile", str(secret), "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run("pg_ctl", "start", "--wait", "--pgdata", data, "--log", log, "--options", options)
        try:
            yield Server(port)
        finally:
            _run("pg_ctl", "stop", "--wait", "--pgdata", data, "--mode", "immediate")


def _run(program: str, *arguments: str) -> None:
    as_whom: dict[str, object] = {}
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        as_whom = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    done = subprocess.run(  # type: ignore[call-overload]
        [str(programs() / program), *arguments],
        cwd="/",
        # Not a pipe: the server inherits it, and a reader would wait for the server's end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if program == "pg_ctl" else None,
        check=False,
        timeout=60,
        **as_whom,
    )
    assert done.returncode == 0, f"{program} failed"
