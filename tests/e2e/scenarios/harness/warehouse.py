"""The warehouse as its users see it, through a port-forward to a frontend."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pytest_kind.cluster import KindCluster

from harness.release import NAMESPACE, RELEASE


@contextmanager
def connected(
    kind_cluster: KindCluster, user: str, password: str
) -> Iterator["pymysql.connections.Connection[Any]"]:
    """Opens one session of a warehouse user."""
    with kind_cluster.port_forward(
        f"service/{RELEASE}-fe-service", 9030, "--namespace", NAMESPACE
    ) as port:
        session = pymysql.connect(
            host="127.0.0.1",
            port=port,
            user=user,
            password=password.encode(),
            connect_timeout=10,
            read_timeout=60,
        )
        with session:
            yield session
