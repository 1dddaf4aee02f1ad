"""The passwords that `setup` sets, each from an environment variable of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion_simulator.errors import UsageError
from ingestion_simulator.setup.users import USERS

_ADMINISTRATOR = "STARROCKS_PASSWORD"


@dataclass(frozen=True)
class Passwords:
    """What the users' passwords shall be; kept out of `repr`, so that no log can hold them.

    Attributes:
        administrator: Of the user that `setup` logs in as.
        users: By the name of the user.
    """

    administrator: str = field(repr=False)
    users: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], administrator: str) -> "Passwords":
        """Reads them.

        Args:
            environ: The process environment.
            administrator: Name of the user that `setup` logs in as.

        Raises:
            UsageError: One is missing or cannot be typed again; the message names the variable.
        """
        variables = [_ADMINISTRATOR, *(user.variable for user in USERS)]
        missing = [name for name in variables if not environ.get(name)]
        if missing:
            raise UsageError(
                f"{', '.join(missing)} not set or empty: setup gives each user of the warehouse a "
                "password, so give it one"
            )
        for name in variables:
            _check_printable(name, environ[name])
        if administrator in {user.name for user in USERS}:
            raise UsageError(
                f"STARROCKS_USER={administrator!r} is one of the users that setup creates: "
                "give an administrator such as root"
            )
        return cls(
            administrator=environ[_ADMINISTRATOR],
            users={user.name: environ[user.variable] for user in USERS},
        )


def _check_printable(name: str, password: str) -> None:
    # What a Secret made from a file with a last line break holds; no client would send it again.
    if not password.isprintable():
        raise UsageError(
            f"{name} holds a line break or another character that cannot be printed: "
            "take it out of the Secret"
        )
