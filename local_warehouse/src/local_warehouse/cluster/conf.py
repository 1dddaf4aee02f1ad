"""fe.conf and be.conf: the keys that mean something here.

They are Java properties. A file written for StarRocks has many more keys; those are named in one
line of the log and have no effect.
"""

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from local_warehouse.process import StartError

logger = logging.getLogger(__name__)

FRONTEND = {
    "http_port": 8030,
    "query_port": 9030,
    "rpc_port": 9020,
    "edit_log_port": 9010,
    "default_replication_num": 3,
}
BACKEND = {
    "be_http_port": 8040,
    "heartbeat_service_port": 9050,
    "be_port": 9060,
    "brpc_port": 8060,
}
"""What StarRocks uses where the file is silent."""

_ASSIGNMENT = re.compile(r"([^\s=:]+)\s*[=:\s]\s*(.*)", re.DOTALL)
_OLD_NAMES = {"webserver_port": "be_http_port"}


def read_conf(path: Path, defaults: Mapping[str, int]) -> dict[str, int]:
    """Read the numbers that are known, with the defaults of those that the file lacks.

    Raises:
        StartError: A known key has no number.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise StartError(f"cannot read {path}: {error.strerror}") from error
    found = {_OLD_NAMES.get(name, name): value for name, value in parse_properties(text).items()}
    if unused := sorted(found.keys() - defaults.keys()):
        logger.info("%s: keys without effect here: %s", path, ", ".join(unused))
    known = {name: value for name, value in found.items() if name in defaults}
    return dict(defaults) | {name: _number(path, name, value) for name, value in known.items()}


def parse_properties(text: str) -> dict[str, str]:
    """Read Java properties; of two lines with one key the later counts."""
    joined = re.sub(r"\\\n[ \t]*", "", text.replace("\r\n", "\n"))
    properties = {}
    for line in joined.split("\n"):
        stripped = line.strip()
        if stripped and stripped[0] not in "#!":
            match = _ASSIGNMENT.fullmatch(stripped)
            name, value = match.groups() if match else (stripped, "")
            properties[name] = value
    return properties


def _number(path: Path, name: str, value: str) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) > 65535:
        raise StartError(f"{path}: {name} = {value} is no number from 0 to 65535")
    return int(value)
