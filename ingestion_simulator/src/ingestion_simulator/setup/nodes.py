"""Whether the cluster's nodes are there: that a pod runs says nothing about its registration."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingestion_simulator.setup.patience import NotReadyError


def alive(nodes: Sequence[Mapping[str, Any]]) -> int:
    """How many rows of SHOW FRONTENDS or SHOW BACKENDS are of a live node."""
    return sum(str(node["Alive"]).lower() == "true" for node in nodes)


def require_alive(kind: str, nodes: Sequence[Mapping[str, Any]]) -> int:
    """The number of live nodes.

    Raises:
        NotReadyError: There is none.
    """
    count = alive(nodes)
    if count:
        return count
    if not nodes:
        raise NotReadyError(f"no {kind} has registered yet: look at its pod and its log")
    said = " ".join(str(nodes[0].get("ErrMsg") or "no heartbeat yet").split())
    raise NotReadyError(f"none of {len(nodes)} {kind}s is alive: {said}")
