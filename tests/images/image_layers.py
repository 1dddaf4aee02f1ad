"""What the layers of an image hold: a file that a later layer deletes is still sent around."""

import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CERTIFICATE = re.compile(
    rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END"
)
# With a line of key material: sources of cryptographic libraries hold the header alone.
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}")
# Longer files are libraries; a bundle of all public certificates has 220 kB.
_MOST_BYTES_READ = 2_000_000
_START = 16


@dataclass(frozen=True)
class Entry:
    """One file, folder or link of one layer.

    Attributes:
        path: Without a leading slash.
        kind: `file`, `folder` or `other`.
        mode: Permission bits.
        size: Bytes of a file.
        modified: When, in whole seconds.
        start: The first 16 bytes of a file.
        certificates: The base64 of each certificate in it, without white space.
        private_key: Whether it holds one.
    """

    path: str
    kind: str
    mode: int
    size: int
    modified: int
    start: bytes
    certificates: frozenset[bytes]
    private_key: bool

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


def entries_of(image: str) -> list[Entry]:
    """Everything in all layers of an image, the base's too."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "image.tar"
        subprocess.run(["docker", "save", "--output", str(saved), image], check=True)
        with tarfile.open(saved) as archive:
            return list(_walk_image(archive))


def certificates_in(text: bytes) -> frozenset[bytes]:
    """The certificates of a PEM file, as their base64 without white space."""
    return frozenset(b"".join(match.split()) for match in CERTIFICATE.findall(text))


def _walk_image(archive: tarfile.TarFile) -> Iterator[Entry]:
    manifest = archive.extractfile("manifest.json")
    assert manifest
    [described] = json.load(manifest)
    for name in described["Layers"]:
        with tarfile.open(fileobj=archive.extractfile(name)) as layer:
            yield from _walk_layer(layer)


def _walk_layer(layer: tarfile.TarFile) -> Iterator[Entry]:
    for member in layer:
        content = b""
        if file := layer.extractfile(member) if member.isfile() else None:
            content = file.read(-1 if member.size <= _MOST_BYTES_READ else _START)
        kind = "file" if member.isfile() else "folder" if member.isdir() else "other"
        yield Entry(
            path=member.name.removeprefix("./").rstrip("/"),
            kind=kind,
            mode=member.mode,
            size=member.size,
            modified=int(member.mtime),
            start=content[:_START],
            certificates=certificates_in(content),
            private_key=bool(PRIVATE_KEY.search(content)),
        )
