"""How a backend becomes known to the frontend: over MySQL, as root."""

import asyncio
import logging
from dataclasses import dataclass

import pymysql
from pymysql.cursors import DictCursor

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
CONNECT_SECONDS = 2
ANSWER_SECONDS = 10

_ACCESS_DENIED = 1045


@dataclass(frozen=True)
class Registration:
    """Who registers where.

    Attributes:
        frontend: Host of the frontend's service.
        query_port: Its MySQL port.
        password: Root's password, from MYSQL_PWD.
        host: The backend's own host, as clients will be redirected to.
        heartbeat_port: The backend's port for heartbeats.
    """

    frontend: str
    query_port: int
    password: str
    host: str
    heartbeat_port: int


async def register(registration: Registration, stopping: asyncio.Event) -> int | None:
    """Register, however long the frontend or root's password are in coming.

    Returns:
        The frontend's rpc_port; None where the process was told to stop.
    """
    while not stopping.is_set():
        try:
            return await asyncio.to_thread(_register_once, registration)
        except pymysql.MySQLError as failure:
            logger.warning(
                "not registered with %s:%d yet: %s; next attempt in %.0f s",
                registration.frontend,
                registration.query_port,
                _explained(failure),
                RETRY_SECONDS,
            )
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                await stopping.wait()
        except TimeoutError:
            continue
    return None


def _register_once(registration: Registration) -> int:
    connection = pymysql.connect(
        host=registration.frontend,
        port=registration.query_port,
        user="root",
        password=registration.password.encode(),  # pymysql itself would take Latin-1
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        cursorclass=DictCursor,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW BACKENDS")
        own = (registration.host, str(registration.heartbeat_port))
        if own not in [(row["IP"], row["HeartbeatPort"]) for row in cursor.fetchall()]:
            address = f"{registration.host}:{registration.heartbeat_port}"
            cursor.execute(f'ALTER SYSTEM ADD BACKEND "{address}"')
            logger.info("registered as %s", address)
        cursor.execute("SHOW FRONTENDS")
        return next(int(row["RpcPort"]) for row in cursor.fetchall() if row["Role"] == "LEADER")


def _explained(failure: pymysql.MySQLError) -> str:
    code, *texts = failure.args or (0,)
    if code == _ACCESS_DENIED:
        return (
            "MYSQL_PWD is not the password of root (in a new cluster root has none until "
            "SET PASSWORD has run)"
        )
    return str(texts[0]) if texts else str(code)
