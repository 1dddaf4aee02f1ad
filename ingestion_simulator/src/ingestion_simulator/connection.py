"""How to reach the warehouse: the `STARROCKS_*` settings that every part of the platform shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion_simulator.errors import UsageError

_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a StarRocks frontend.

    Attributes:
        host: Name or address of a frontend (FE).
        query_port: Port of its MySQL protocol.
        http_port: Port of its HTTP server, where Stream Load starts.
        user: Warehouse user.
        password: Its password; kept out of `repr`, so that no log can hold it.
    """

    host: str
    query_port: int
    http_port: int
    user: str
    password: str = field(repr=False)

    @property
    def at(self) -> str:
        """Where SQL goes, for messages."""
        return f"{self.host}:{self.query_port}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Connection":
        """Reads the settings, with the defaults of a StarRocks on this machine.

        Raises:
            UsageError: A setting cannot be used; the message names the variable.
        """
        return cls(
            host=_text(environ, "STARROCKS_HOST", "127.0.0.1"),
            query_port=_port(environ, "STARROCKS_QUERY_PORT", 9030),
            http_port=_port(environ, "STARROCKS_HTTP_PORT", 8030),
            user=_text(environ, "STARROCKS_USER", "root"),
            password=environ.get("STARROCKS_PASSWORD", ""),
        )


def _text(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, default)
    if not value or value != value.strip() or any(character in value for character in "/@ \n"):
        raise UsageError(f"{name}={value!r} is not a plain name: give it without scheme or blanks")
    return value


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= _HIGHEST_PORT:
        raise UsageError(f"{name}={value!r} is not a port: give a number from 1 to {_HIGHEST_PORT}")
    return int(value)
