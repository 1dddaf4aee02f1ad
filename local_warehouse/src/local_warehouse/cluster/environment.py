"""What the operator tells a pod by its environment."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local_warehouse.process import StartError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a pod's ports are for the other pods

SHUTDOWN_SECONDS = 6.0
"""How long running requests may go on after SIGTERM: the pod is gone within 10 s."""


@dataclass(frozen=True)
class Environment:
    """The variables that count, from whatever runs the process.

    Attributes:
        root: Folder of the installation, with the volumes `fe/meta`, `be/storage` and others.
        conf_mount: Folder of the mounted configuration; None where there is none.
        host: The name or address under which the other nodes reach this one.
        pod: Name of the pod; empty outside Kubernetes.
        query_port: MySQL port of the frontend's service.
        password: Password of root, which backends need to register.
    """

    root: Path
    conf_mount: Path | None
    host: str
    pod: str
    query_port: int
    password: str

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Read the variables that the operator sets on the pods of a StarRocksCluster.

        Raises:
            StartError: FE_QUERY_PORT is no port.
        """
        mount = variables.get("CONFIGMAP_MOUNT_PATH")
        return cls(
            root=Path(variables.get("STARROCKS_ROOT") or "/opt/starrocks"),
            conf_mount=Path(mount) if mount else None,
            host=_own_host(variables),
            pod=variables.get("POD_NAME", ""),
            query_port=_port(variables.get("FE_QUERY_PORT") or "9030"),
            password=variables.get("MYSQL_PWD", ""),
        )

    def conf(self, component: str) -> Path:
        """The configuration file of `fe` or `be`: the mounted one, else that of the image."""
        name = f"{component}.conf"
        if self.conf_mount is not None and (self.conf_mount / name).exists():
            return self.conf_mount / name
        return self.root / component / "conf" / name


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65536:
        raise StartError(f"FE_QUERY_PORT = {text} is no port: it is fe.conf's query_port")
    return int(text)


def _own_host(variables: Mapping[str, str]) -> str:
    if variables.get("HOST_TYPE") == "FQDN":
        return socket.getfqdn()
    return variables.get("POD_IP") or "127.0.0.1"
