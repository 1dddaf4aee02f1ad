"""The warehouse's address and credentials, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HIGHEST_PORT = 65535


class SettingError(ValueError):
    """A setting cannot be used; the message names the variable and says what it needs."""


@dataclass(frozen=True)
class WarehouseSettings:
    """How to reach the warehouse over the MySQL protocol.

    Attributes:
        host: Name or address of the warehouse's frontend.
        query_port: Port on which the frontend speaks the MySQL protocol.
        user: Name of the warehouse user.
        password: That user's password, empty if it has none; never shown.
    """

    host: str
    query_port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "WarehouseSettings":
        """Reads `STARROCKS_HOST`, `STARROCKS_QUERY_PORT`, `STARROCKS_USER`, `STARROCKS_PASSWORD`.

        Args:
            environment: The process's environment variables.

        Returns:
            The settings, with the project's default for each variable that is not set.

        Raises:
            SettingError: If a variable has a value that cannot be used.
        """
        return cls(
            host=_name(environment, "STARROCKS_HOST", "127.0.0.1"),
            query_port=_port(environment, "STARROCKS_QUERY_PORT", 9030),
            user=_name(environment, "STARROCKS_USER", "root"),
            password=environment.get("STARROCKS_PASSWORD", ""),
        )


def _name(environment: Mapping[str, str], variable: str, default: str) -> str:
    value = environment.get(variable, default)
    if not value or any(character.isspace() for character in value) or "/" in value:
        raise SettingError(f"{variable} must be a plain name without blanks or '/', not {value!r}")
    return value


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    value = environment.get(variable, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= HIGHEST_PORT):
        raise SettingError(f"{variable} must be a port from 1 to {HIGHEST_PORT}, not {value!r}")
    return int(value)
