"""What the demo asks of Dagster, over the GraphQL API of its webserver."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

ACTIVE = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")

_STATE = """
query State($active: [RunStatus!]) {
  assetNodes { assetKey { path } isMaterializable staleStatus }
  runsOrError(filter: {statuses: $active}, limit: 10) {
    __typename
    ... on Runs { results { runId } }
    ... on PythonError { message }
  }
}
"""

_RUNS = """
query Runs($limit: Int!) {
  runsOrError(limit: $limit) {
    __typename
    ... on Runs { results { runId status creationTime startTime endTime } }
    ... on PythonError { message }
  }
}
"""

_OBSERVED = """
query Observed($key: AssetKeyInput!) {
  assetOrError(assetKey: $key) {
    __typename
    ... on Asset { assetObservations(limit: 1) { timestamp } }
  }
}
"""

_CHECKS = """
query Checks {
  assetNodes {
    assetKey { path }
    assetChecksOrError {
      __typename
      ... on AssetChecks {
        checks { name executionForLatestMaterialization { status } }
      }
    }
  }
}
"""


class DagsterApiError(Exception):
    """The webserver answered something else than data."""


@dataclass(frozen=True)
class Run:
    """One Dagster run; times are seconds since the Unix epoch, None until reached."""

    run_id: str
    status: str
    created: float
    started: float | None
    ended: float | None


@dataclass(frozen=True)
class State:
    """The materializable assets that are not fresh, and whether a run is under way."""

    materializable: int
    not_fresh: tuple[str, ...]
    active_runs: int

    @property
    def settled(self) -> bool:
        """Everything is built from the newest observed input and nothing runs."""
        return self.materializable > 0 and not self.not_fresh and not self.active_runs


@dataclass(frozen=True)
class Check:
    """The newest result of one asset check; `status` is None when it has never run."""

    asset: str
    name: str
    status: str | None


class DagsterApi:
    """A client of the webserver at `url`, without a trailing slash.

    `host` is the name that an ingress at that address knows the webserver by.
    """

    def __init__(self, url: str, host: str = "") -> None:
        self.url = url
        self._session = requests.Session()
        if host:
            self._session.headers["Host"] = host

    def is_up(self) -> bool:
        """Whether the webserver answers and has loaded the code location."""
        try:
            return self.state().materializable > 0
        except (requests.RequestException, DagsterApiError):
            return False

    def state(self) -> State:
        """Freshness of every materializable asset, and the runs under way."""
        data = self._query(_STATE, {"active": ACTIVE})
        nodes = [node for node in data["assetNodes"] if node["isMaterializable"]]
        return State(
            materializable=len(nodes),
            not_fresh=tuple(
                sorted(_name(node) for node in nodes if node["staleStatus"] != "FRESH")
            ),
            active_runs=len(_runs(data)),
        )

    def runs(self, limit: int = 25) -> list[Run]:
        """The newest runs, newest first."""
        rows = _runs(self._query(_RUNS, {"limit": limit}))
        return [
            Run(row["runId"], row["status"], row["creationTime"], row["startTime"], row["endTime"])
            for row in rows
        ]

    def last_observed(self, database: str, table: str) -> datetime | None:
        """When the newest observation of a raw table was reported, or None before the first."""
        data = self._query(_OBSERVED, {"key": {"path": [database, table]}})
        observations = data["assetOrError"].get("assetObservations", [])
        if not observations:
            return None
        return datetime.fromtimestamp(int(observations[0]["timestamp"]) / 1000, UTC)

    def checks(self) -> list[Check]:
        """Every asset check with the result for the asset's newest materialization."""
        found = []
        for node in self._query(_CHECKS, {})["assetNodes"]:
            result = node["assetChecksOrError"]
            if result["__typename"] != "AssetChecks":
                raise DagsterApiError(f"checks of {_name(node)}: {result['__typename']}")
            found += [_check(_name(node), check) for check in result["checks"]]
        return found

    def _query(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        response = self._session.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30
        )
        body = response.json()
        if "data" not in body or body.get("errors"):
            raise DagsterApiError(f"{self.url}/graphql: {body.get('errors', body)}")
        data: dict[str, Any] = body["data"]
        return data


def _name(node: dict[str, Any]) -> str:
    return ".".join(node["assetKey"]["path"])


def _runs(data: dict[str, Any]) -> list[dict[str, Any]]:
    result = data["runsOrError"]
    if result["__typename"] != "Runs":
        raise DagsterApiError(result.get("message", result["__typename"]))
    rows: list[dict[str, Any]] = result["results"]
    return rows


def _check(asset: str, check: dict[str, Any]) -> Check:
    execution = check["executionForLatestMaterialization"] or {}
    return Check(asset, check["name"], execution.get("status"))
