"""The administrator's way in: with its password, or by setting it on a fresh cluster."""

from dataclasses import replace
from typing import Final

from ingestion_simulator.connection import Connection
from ingestion_simulator.setup.patience import NotReadyError
from ingestion_simulator.setup.users import administrator_statement
from ingestion_simulator.warehouse import LoginRefusedError, UnreachableError, Warehouse

# Long enough for a table on a busy cluster, short enough for one silent frontend among several.
_READ_TIMEOUT: Final = 120


class Administrator:
    """Opens sessions as the administrator, whose password a fresh cluster does not have yet."""

    def __init__(self, connection: Connection) -> None:
        """Remembers where and who.

        Args:
            connection: With the password that the administrator has or shall have.
        """
        self._connection = connection
        self.password_was_set = False

    def log_in(self) -> Warehouse:
        """Opens a session; gives the administrator its password where it has none.

        Raises:
            NotReadyError: No frontend answers yet.
            LoginRefusedError: The administrator has neither this password nor none.
        """
        try:
            return self._open(self._connection)
        except LoginRefusedError as refusal:
            if self.password_was_set:
                # Another frontend than the one that took the password, a moment behind it.
                raise NotReadyError(f"{refusal}; its password was set just now") from refusal
        self._set_password()
        return self.log_in()

    def _set_password(self) -> None:
        try:
            session = self._open(replace(self._connection, password=""))
        except LoginRefusedError as refusal:
            self._require_password(refusal)
            return
        with session:
            session.execute_secretly(
                administrator_statement(self._connection.user, self._connection.password),
                f"set the password of {self._connection.user!r}",
            )
        self.password_was_set = True

    def _require_password(self, refusal: LoginRefusedError) -> None:
        """Neither password is taken: did somebody set it in between, or is it another one?"""
        try:
            self._open(self._connection).close()
        except LoginRefusedError:
            user = self._connection.user
            raise LoginRefusedError(
                f"the warehouse at {self._connection.at} refuses user {user!r} with "
                "STARROCKS_PASSWORD, and with the empty password of a fresh cluster as well: put "
                f"{user}'s present password into the Secret of STARROCKS_PASSWORD (key "
                f"admin-password), or give {user} that password by SET PASSWORD"
            ) from refusal

    def _open(self, connection: Connection) -> Warehouse:
        try:
            return Warehouse(connection, read_timeout=_READ_TIMEOUT)
        except UnreachableError as unreachable:
            raise NotReadyError(str(unreachable)) from unreachable
