"""What must hold for each image of `make images`; needs the Docker engine that has them."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import certifi
import pytest
from image_layers import Entry, certificates_in, entries_of

REPOSITORY = Path(__file__).parents[2]
VERSION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
PACKAGES = {
    "simulator": "ingestion_simulator",
    "pipeline": "transformation_pipeline",
    "warehouse": "local_warehouse",
}
IMAGES = {name: f"retail-analytics/{name}:{VERSION}" for name in PACKAGES}
every_image = pytest.mark.parametrize("name", IMAGES)

BUILD_TOOLS = re.compile(
    r"(x86_64-linux-gnu-|aarch64-linux-gnu-)?"
    r"(cc|c\+\+|gcc|g\+\+|clang|cpp|ld|as|make|cmake|ninja|rustc|cargo|go|uv|uvx)(-\d+)?"
)
CACHES = re.compile(
    r"(^|/)(\.cache|\.npm|\.cargo)/.|\.deb$|^var/lib/apt/lists/.*(Packages|Sources|InRelease)"
)
SECRET_NAMES = re.compile(
    r"(^|/)(\.env|\.netrc|\.pypirc|\.npmrc|\.pgpass|id_(rsa|ed25519|ecdsa)|kubeconfig)$"
    r"|(^|/)(\.docker/config\.json|\.kube/)|^(run/secrets|var/run/secrets)/."
)
REPOSITORY_NAMES = re.compile(r"(^|/)(\.git|\.github|\.ci|\.venv|\.pytest_cache|\.mypy_cache)(/|$)")


@cache
def layers(image: str) -> list[Entry]:
    return entries_of(image)


@cache
def configuration(image: str) -> dict[str, Any]:
    done = subprocess.run(
        ["docker", "image", "inspect", image], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr.strip()}: run `make images` first"
    [described] = json.loads(done.stdout)
    return dict(described)


def run_confined(
    name: str, *command: str, user: str = "10001:10001"
) -> subprocess.CompletedProcess[str]:
    """Runs a command in a container with a read-only root, no network and no capability."""
    confined = [
        "--read-only",
        "--network=none",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
    ]
    return subprocess.run(
        ["docker", "run", "--rm", *confined, f"--user={user}", IMAGES[name], *command],
        capture_output=True,
        text=True,
        check=False,
    )


def tools(entries: Iterable[Entry]) -> set[str]:
    return {
        entry.path
        for entry in entries
        if entry.kind != "folder"
        and re.search(r"(^|/)s?bin/[^/]+$", entry.path)
        and BUILD_TOOLS.fullmatch(entry.name)
    }


def named(entries: Iterable[Entry], pattern: re.Pattern[str]) -> set[str]:
    return {entry.path for entry in entries if pattern.search(entry.path)}


def writable_by_all(entries: Iterable[Entry]) -> set[str]:
    """Files, and folders where anybody may delete another's files."""
    return {
        entry.path
        for entry in entries
        if entry.mode & 0o002
        and (entry.kind == "file" or (entry.kind == "folder" and not entry.mode & 0o1000))
        and not entry.path.startswith("tmp/")
    }


def foreign_certificates(entries: Iterable[Entry], bundle: bytes) -> set[str]:
    """Files with a certificate of the bundle that is neither Mozilla's nor Debian's package's."""
    entries = list(entries)
    public = certificates_in(Path(certifi.where()).read_bytes()).union(
        *(e.certificates for e in entries if e.path.startswith("usr/share/ca-certificates/"))
    )
    own = certificates_in(bundle) - public
    return {entry.path for entry in entries if entry.certificates & own}


@pytest.fixture(scope="module")
def planted() -> Iterator[list[Entry]]:
    """An image with one thing of each forbidden kind, which its last layer deletes."""
    tag = f"retail-analytics/planted:{os.getpid()}"
    dockerfile = f"""
FROM {IMAGES["simulator"]}
USER 0:0
RUN mkdir -p /root/.cache/uv /src/.git && touch /usr/bin/gcc-14 /root/.cache/uv/x.whl \\
    /src/.git/HEAD /src/.env /app/open && chmod 666 /app/open \\
    && printf '%s\\n' '-----BEGIN RSA PRIVATE KEY-----' {"A" * 64} > /src/key \\
    && printf '%s\\n' '-----BEGIN CERTIFICATE-----' {"A" * 64} '-----END CERTIFICATE-----' \\
       > /src/ca.crt
RUN rm -r /root/.cache /src /usr/bin/gcc-14 /app/open
"""
    subprocess.run(
        ["docker", "buildx", "build", "--quiet", "--load", "--tag", tag, "-"],
        input=dockerfile.encode(),
        check=True,
    )
    try:
        yield entries_of(tag)
    finally:
        subprocess.run(["docker", "image", "rm", tag], check=True, capture_output=True)


def test_the_walk_finds_what_a_later_layer_deletes(planted: list[Entry]) -> None:
    bundle = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % (b"A" * 64)
    assert tools(planted) == {"usr/bin/gcc-14"}
    assert named(planted, CACHES) == {"root/.cache/uv", "root/.cache/uv/x.whl"}
    assert named(planted, REPOSITORY_NAMES) == {"src/.git", "src/.git/HEAD"}
    assert named(planted, SECRET_NAMES) == {"src/.env"}
    assert {entry.path for entry in planted if entry.private_key} == {"src/key"}
    assert foreign_certificates(planted, bundle) == {"src/ca.crt"}
    assert writable_by_all(planted) == {"app/open"}


@every_image
def test_no_layer_holds_what_only_the_build_needs(name: str) -> None:
    entries = layers(IMAGES[name])
    assert len(entries) > 1000
    assert tools(entries) == set()
    assert named(entries, CACHES) == set()
    assert named(entries, REPOSITORY_NAMES) == set()


@every_image
def test_no_layer_holds_a_secret(name: str) -> None:
    entries = layers(IMAGES[name])
    assert named(entries, SECRET_NAMES) == set()
    assert {entry.path for entry in entries if entry.private_key} == set()
    described = configuration(IMAGES[name])
    assert not [
        variable
        for variable in described["Config"]["Env"]
        if re.search(r"PASSWORD|TOKEN|SECRET|PROXY|INDEX|CERT", variable, re.IGNORECASE)
    ]


@every_image
def test_no_layer_holds_a_certificate_of_the_machine_that_built_it(name: str) -> None:
    bundle = Path(os.environ.get("CA_BUNDLE") or certifi.where()).read_bytes()
    assert len(certificates_in(bundle)) > 0
    assert foreign_certificates(layers(IMAGES[name]), bundle) == set()


@every_image
def test_nobody_may_write_what_others_run(name: str) -> None:
    assert writable_by_all(layers(IMAGES[name])) == set()


@every_image
def test_it_runs_as_a_numeric_user_and_says_what_it_is(name: str) -> None:
    config = configuration(IMAGES[name])["Config"]
    assert config["User"] == "10001:10001"
    assert not config["Entrypoint"]
    labels = {
        key.removeprefix("org.opencontainers.image."): value
        for key, value in config["Labels"].items()
        if key.startswith("org.opencontainers.image.")
    }
    assert labels["title"] == f"retail-analytics {name}"
    assert labels["version"] == VERSION
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["revision"])
    assert labels["licenses"] == "Apache-2.0"
    assert labels["description"]


@every_image
def test_every_module_is_compiled_and_the_bytecode_is_up_to_date(name: str) -> None:
    files = {e.path: e for e in layers(IMAGES[name]) if e.path.startswith("app/lib/")}
    compiled = {
        re.sub(r"__pycache__/([^/]+)\.cpython-\d+\.pyc$", r"\1.py", path): entry
        for path, entry in files.items()
        if path.endswith(".pyc")
    }
    sources = {path: entry for path, entry in files.items() if path.endswith(".py")}
    assert len([path for path in sources if f"/{PACKAGES[name]}/" in path]) > 20
    assert sorted(sources.keys() - compiled.keys()) == []
    # Python compares time and size of the source, which follow four bytes each of magic and flags.
    stale = [
        path
        for path, source in sources.items()
        if compiled[path].start[4:]
        != b"".join(number.to_bytes(4, "little") for number in (0, source.modified, source.size))
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        ("simulator", "ingestion_simulator.cli.run, ingestion_simulator.cli.setup"),
        ("pipeline", "dagster._cli, dbt.cli.main, transformation_pipeline.definitions"),
        ("warehouse", "local_warehouse.server, local_warehouse.cluster.backend"),
    ],
)
def test_no_process_compiles_what_it_imports(name: str, modules: str) -> None:
    """Python's own library comes with the base image, with bytecode or without."""
    done = run_confined(name, "python", "-v", "-c", f"import {modules}")
    assert done.returncode == 0
    # Python names a file of bytecode in quotes, and a source that it had to compile without.
    loaded = re.findall(r"^# code object from (\S+)$", done.stderr, re.MULTILINE)
    assert len(loaded) > 100
    assert [file for file in loaded if not file.startswith("'")] == []


@pytest.mark.parametrize(
    ("name", "user", "command", "says"),
    [
        ("simulator", "10001:10001", ["ingestion-simulator", "--help"], "ingestion-simulator"),
        ("simulator", "10001:10001", ["ingestion-simulator", "setup", "--help"], "BI_READER"),
        ("pipeline", "10001:10001", ["dagster", "--version"], "dagster, version 1."),
        (
            "pipeline",
            "10001:10001",
            ["python", "-c", "import transformation_pipeline as t; print(t.__name__)"],
            "transformation_pipeline",
        ),
        ("warehouse", "10001:10001", ["local-warehouse", "--help"], "local-warehouse"),
        ("warehouse", "1000:1000", ["local-warehouse", "frontend", "--help"], "frontend"),
        ("warehouse", "0:0", ["local-warehouse", "backend", "--help"], "backend"),
    ],
)
def test_it_starts_with_a_read_only_root_and_without_any_capability(
    name: str, user: str, command: list[str], says: str
) -> None:
    done = run_confined(name, *command, user=user)
    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


def test_the_simulator_needs_no_path_to_write_to() -> None:
    """The polars and numpy of the image, cut down as they are, make rows and say them."""
    script = (
        "from ingestion_simulator.sources import SOURCES; "
        "from ingestion_simulator.extract import extract; "
        "from ingestion_simulator.settings import WorldSettings; "
        "from ingestion_simulator.windows import window_grid; "
        "from datetime import timedelta; "
        "s = WorldSettings(); "
        "w = window_grid(s, s.epoch, s.epoch + timedelta(hours=1)); "
        "print([len(extract(s, source, w).enforced.accepted) > 0 for source in SOURCES])"
    )
    done = run_confined("simulator", "python", "-c", script)
    assert (done.stdout, done.stderr) == ("[True, True, True, True]\n", "")


@pytest.mark.parametrize(("name", "limit"), [("simulator", 350), ("pipeline", 900)])
def test_it_is_no_larger_than_promised(name: str, limit: int) -> None:
    assert configuration(IMAGES[name])["Size"] <= limit * 1_000_000


def test_the_simulator_is_without_dagster_and_dbt() -> None:
    packages = {
        match[1]
        for entry in layers(IMAGES["simulator"])
        if (match := re.match(r"app/lib/python[\d.]+/site-packages/([^/]+)/", entry.path))
    }
    assert "ingestion_simulator" in packages
    assert not packages & {"dagster", "dbt", "kubernetes", "duckdb", "local_warehouse"}
