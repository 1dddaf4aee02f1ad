"""SHOW FRONTENDS, SHOW BACKENDS, ALTER SYSTEM ADD and DROP BACKEND.

The columns are those of a StarRocks 4.1 frontend. What has no counterpart here (tablets, disks,
memory) is what an empty backend says.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from local_warehouse.engine.errors import analysis_error
from local_warehouse.engine.nodes import Backend, Frontend
from local_warehouse.engine.privileges import require_administrator
from local_warehouse.engine.results import Result, text_table
from local_warehouse.engine.variables import VERSION

if TYPE_CHECKING:
    from local_warehouse.engine.session import Session


def show_frontends(session: "Session") -> Result:
    """The one frontend."""
    require_administrator(session.user, "OPERATE")
    row = _frontend(session.warehouse.frontend)
    return text_table(list(row), [tuple(row.values())])


def show_backends(session: "Session") -> Result:
    """Every backend."""
    require_administrator(session.user, "OPERATE")
    rows = [_backend(backend) for backend in session.warehouse.backends.all()]
    return text_table(list(_backend(Backend(0, ""))), [tuple(row.values()) for row in rows])


def show_compute_nodes(session: "Session") -> Result:
    """None: there is no shared storage."""
    require_administrator(session.user, "OPERATE")
    return text_table(list(_backend(Backend(0, ""))), [])


def add_backend(session: "Session", match: re.Match[str]) -> Result:
    """Adds backends by host and heartbeat port."""
    require_administrator(session.user, "NODE")
    for host, port in _addresses(match["addresses"]):
        session.warehouse.backends.add(host, port)
    return Result()


def drop_backend(session: "Session", match: re.Match[str]) -> Result:
    """Forgets backends; no row lies with them."""
    require_administrator(session.user, "NODE")
    for host, port in _addresses(match["addresses"]):
        session.warehouse.backends.drop(host, port)
    return Result()


def _addresses(text: str) -> Iterator[tuple[str, int]]:
    for quoted in text.split(","):
        address = quoted.strip().strip("\"'")
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise analysis_error(f"Invalid host port: {address}")
        yield host.strip("[]"), int(port)


def _frontend(frontend: Frontend) -> dict[str, str]:
    return {
        "Id": "1",
        "Name": f"{frontend.host}_{frontend.edit_log_port}_{_epoch(frontend.started_at)}",
        "IP": frontend.host,
        "EditLogPort": str(frontend.edit_log_port),
        "HttpPort": str(frontend.http_port),
        "QueryPort": str(frontend.query_port),
        "RpcPort": str(frontend.rpc_port),
        "Role": "LEADER",
        "ClusterId": "1",
        "Join": "true",
        "Alive": "true",
        "ReplayedJournalId": "0",
        "LastHeartbeat": _time(datetime.now(frontend.started_at.tzinfo)),
        "IsHelper": "true",
        "ErrMsg": "",
        "StartTime": _time(frontend.started_at),
        "Version": VERSION,
    }


def _backend(backend: Backend) -> dict[str, str]:
    heartbeat = backend.heartbeat
    return {
        "BackendId": str(backend.backend_id),
        "IP": backend.host,
        "HeartbeatPort": str(backend.heartbeat_port),
        "BePort": str(heartbeat.be_port),
        "HttpPort": str(heartbeat.http_port),
        "BrpcPort": str(heartbeat.brpc_port),
        "LastStartTime": _time(heartbeat.started_at),
        "LastHeartbeat": _time(backend.heard_at),
        "Alive": "true" if backend.alive else "false",
        "SystemDecommissioned": "false",
        "ClusterDecommissioned": "false",
        "TabletNum": "0",
        "DataUsedCapacity": "0.000 B",
        "AvailCapacity": "0.000 B",
        "TotalCapacity": "0.000 B",
        "UsedPct": "0.00 %",
        "MaxDiskUsedPct": "0.00 %",
        "ErrMsg": backend.error,
        "Version": VERSION if backend.heard_at else "",
        "Status": json.dumps({"lastSuccessReportTabletsTime": "N/A"}),
        "DataTotalCapacity": "0.000 B",
        "DataUsedPct": "0.00 %",
        "CpuCores": "0",
        "MemLimit": "0.000 B",
        "NumRunningQueries": "0",
        "MemUsedPct": "0.00 %",
        "CpuUsedPct": "0.0 %",
        "DataCacheMetrics": "N/A",
        "Location": "",
        "StatusCode": "OK" if backend.alive else "CONNECTING",
    }


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else "NULL"


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
