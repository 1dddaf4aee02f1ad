"""The nodes of the cluster: this frontend, and the backends that take loads.

`local-warehouse serve` is frontend and backend in one process. A frontend of its own knows the
backends that were added to it and finds out by heartbeats which of them are alive.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from local_warehouse.engine import catalog_store
from local_warehouse.engine.errors import analysis_error, backend_not_found

if TYPE_CHECKING:
    from local_warehouse.engine.warehouse import Warehouse

MISSED_HEARTBEATS = 3
"""How many heartbeats in a row a backend may miss: one late answer on a busy machine must not let
queries fail. (StarRocks' `heartbeat_retry_times` is 3 as well.)"""


@dataclass
class Frontend:
    """This process, as SHOW FRONTENDS lists it."""

    host: str = "127.0.0.1"
    http_port: int = 8030
    query_port: int = 9030
    rpc_port: int = 9020
    edit_log_port: int = 9010
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Heartbeat:
    """What a backend says of itself."""

    http_port: int = 8040
    be_port: int = 9060
    brpc_port: int = 8060
    started_at: datetime | None = None


@dataclass(frozen=True)
class Backend:
    """A backend, as SHOW BACKENDS lists it.

    Attributes:
        backend_id: its number, which no other backend ever had.
        host: its host as it was registered; clients are sent there.
        heartbeat_port: its port for heartbeats.
        heartbeat: what it last said of itself.
        heard_at: when; None before its first heartbeat.
        missed: heartbeats that it has missed since.
        alive: whether loads may be sent to it.
        error: why not.
    """

    backend_id: int
    host: str
    heartbeat_port: int = 9050
    heartbeat: Heartbeat = Heartbeat()
    heard_at: datetime | None = None
    missed: int = 0
    alive: bool = False
    error: str = ""

    @property
    def address(self) -> str:
        """Host and heartbeat port, by which statements name it."""
        return f"{self.host}:{self.heartbeat_port}"

    def heard(self, heartbeat: Heartbeat) -> "Backend":
        """The backend after a heartbeat."""
        return replace(
            self, heartbeat=heartbeat, heard_at=datetime.now(UTC), missed=0, alive=True, error=""
        )

    def not_heard(self, error: str, *, gone: bool) -> "Backend":
        """The backend after a heartbeat without an answer.

        Args:
            error: what happened.
            gone: nothing listens there, so there is nothing to wait for.
        """
        missed = self.missed + 1
        alive = self.alive and not gone and missed < MISSED_HEARTBEATS
        return replace(self, missed=missed, alive=alive, error="" if alive else error)


class Backends(Protocol):
    """The backends of a warehouse."""

    default_replication_num: int

    def all(self) -> Sequence[Backend]:
        """Every backend, in the order of their numbers."""

    def add(self, host: str, heartbeat_port: int) -> None:
        """Adds a backend.

        Raises:
            WarehouseError: it is there already, or backends cannot be added (1064).
        """

    def drop(self, host: str, heartbeat_port: int) -> None:
        """Forgets a backend.

        Raises:
            WarehouseError: there is none of this address (1064).
        """


class BuiltInBackend:
    """The one backend of a process that is frontend and backend at once; always alive."""

    def __init__(self, host: str = "127.0.0.1", http_port: int = 8040) -> None:
        self.default_replication_num = 1
        now = datetime.now(UTC)
        self._backend = Backend(10001, host).heard(Heartbeat(http_port, started_at=now))

    def all(self) -> Sequence[Backend]:
        """The one."""
        return (replace(self._backend, heard_at=datetime.now(UTC)),)

    def add(self, host: str, heartbeat_port: int) -> None:
        """Refused: loads come to this process."""
        raise analysis_error(f"{host}:{heartbeat_port} cannot be added: the backend is built in")

    def drop(self, host: str, heartbeat_port: int) -> None:
        """Refused: loads come to this process."""
        raise analysis_error(f"{host}:{heartbeat_port} cannot be dropped: the backend is built in")


class RegisteredBackends:
    """Backends that statements add and drop, kept in the warehouse; safe to use from any thread.

    Args:
        warehouse: where they are kept.
        default_replication_num: replicas of a table that names no number.
    """

    def __init__(self, warehouse: "Warehouse", default_replication_num: int) -> None:
        self.default_replication_num = default_replication_num
        self._warehouse = warehouse
        self._mutex = threading.Lock()
        # Held from the look at what is there until the change is noted, which is after its commit.
        self._changing = threading.Lock()
        with warehouse.write() as cursor:
            rows = cursor.execute(
                "select backend_id, host, heartbeat_port from _warehouse.backends order by all"
            ).fetchall()
        self._backends = {row[0]: Backend(*row) for row in rows}

    def all(self) -> Sequence[Backend]:
        """Every backend, in the order of their numbers."""
        with self._mutex:
            return tuple(self._backends.values())

    def add(self, host: str, heartbeat_port: int) -> None:
        """Adds a backend; it counts as dead until its first heartbeat."""
        with self._changing:
            if self._find(host, heartbeat_port) is not None:
                raise analysis_error(f"Backend already exists with same host {host} and port")
            with self._warehouse.write() as cursor:
                number = catalog_store.next_identifier(cursor)
                cursor.execute(
                    "insert into _warehouse.backends values (?, ?, ?)",
                    [number, host, heartbeat_port],
                )
            with self._mutex:
                self._backends[number] = Backend(number, host, heartbeat_port)

    def drop(self, host: str, heartbeat_port: int) -> None:
        """Forgets a backend."""
        with self._changing:
            backend = self._find(host, heartbeat_port)
            if backend is None:
                raise analysis_error(f"backend does not exists[{host}:{heartbeat_port}]")
            with self._warehouse.write() as cursor:
                cursor.execute(
                    "delete from _warehouse.backends where backend_id = ?", [backend.backend_id]
                )
            with self._mutex:
                self._backends.pop(backend.backend_id, None)

    def heard(self, backend_id: int, heartbeat: Heartbeat) -> None:
        """Notes a heartbeat."""
        with self._mutex:
            if backend := self._backends.get(backend_id):
                self._backends[backend_id] = backend.heard(heartbeat)

    def not_heard(self, backend_id: int, error: str, *, gone: bool) -> None:
        """Notes a heartbeat that got no answer; see `Backend.not_heard`."""
        with self._mutex:
            if backend := self._backends.get(backend_id):
                self._backends[backend_id] = backend.not_heard(error, gone=gone)

    def _find(self, host: str, heartbeat_port: int) -> Backend | None:
        address = Backend(0, host, heartbeat_port).address
        return next((found for found in self.all() if found.address == address), None)


def alive(backends: Backends) -> list[Backend]:
    """The backends that are alive."""
    return [backend for backend in backends.all() if backend.alive]


def require_backend(backends: Backends) -> None:
    """Refuses to touch rows while no backend is alive.

    Raises:
        WarehouseError: none is (1064).
    """
    if not alive(backends):
        raise backend_not_found()


def require_replicas(backends: Backends, replication_num: int) -> None:
    """Refuses a table whose replicas find no room.

    Raises:
        WarehouseError: fewer backends are alive (1064).
    """
    found = alive(backends)
    if replication_num > len(found):
        numbers = ",".join(str(backend.backend_id) for backend in found)
        raise analysis_error(
            "Table replication num should be less than or equal to the number of available BE "
            "nodes. You can change this default by setting the replication_num table properties. "
            f"Current alive backend is [{numbers}]"
        )
