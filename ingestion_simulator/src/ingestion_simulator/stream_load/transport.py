"""The two HTTP requests of Stream Load, each turned into an `Outcome`.

A frontend never reads a body: it answers 307 with the address of a backend. So the first request
carries the headers alone (with `Expect: 100-continue`, which frontends demand), and only the
redirected one carries the body. HTTP libraries drop the credentials when they follow a redirect to
another host, hence the redirect by hand.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth

from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.stream_load.outcomes import (
    Foreign,
    LabelState,
    Outcome,
    Refused,
    Unanswered,
    parse_load_result,
)

# The warehouse gives up first, so that the client's own timeout never cuts a load that may commit.
_LOAD_TIMEOUT_SECONDS: Final = 120
_READ_TIMEOUT: Final = _LOAD_TIMEOUT_SECONDS + 30.0
_CONNECT_TIMEOUT: Final = 10.0
_MOST_REDIRECTS: Final = 3
# An address that cannot be one comes out of urllib, urllib3 and the IDNA codec as a ValueError.
_UNREACHABLE: Final = (requests.RequestException, ValueError)


class HttpTransport:
    """Speaks to one frontend. Safe to share between threads: it holds no connection."""

    def __init__(self, connection: Connection) -> None:
        self._frontend = f"http://{_bracketed(connection.host)}:{connection.http_port}"
        # Bytes: requests would encode text as Latin-1 and fail on other passwords.
        self._auth = HTTPBasicAuth(connection.user.encode(), connection.password.encode())

    def check_reachable(self) -> None:
        """Fails early and clearly where no HTTP server answers at the frontend's address.

        Raises:
            SimulatorError: Nothing that speaks HTTP listens there.
        """
        try:
            with self._session() as session:
                session.get(f"{self._frontend}/api/health", timeout=_CONNECT_TIMEOUT)
        except _UNREACHABLE as error:
            raise SimulatorError(
                f"no StarRocks frontend answers HTTP at {self._frontend} ({_cause(error)}): "
                "check STARROCKS_HOST and STARROCKS_HTTP_PORT, and that the warehouse runs"
            ) from error

    def send(self, load: Load) -> Outcome:
        """Sends a load once, through the frontend's redirect to a backend."""
        path = f"/api/{load.database}/{load.table}/_stream_load"
        response = self._request(
            "PUT", path, headers=_headers(load), redirected_body=load.body, timeout=_READ_TIMEOUT
        )
        return _outcome(response) if isinstance(response, requests.Response) else response

    def label_state(self, database: str, label: str) -> Outcome:
        """Asks the frontend what became of a label; a follower sends the question to the leader."""
        path = f"/api/{database}/get_load_state"
        response = self._request("GET", path, query=f"?label={label}", timeout=_CONNECT_TIMEOUT)
        return _outcome(response) if isinstance(response, requests.Response) else response

    def _request(
        self,
        method: str,
        path: str,
        *,
        timeout: float,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        redirected_body: bytes = b"",
    ) -> requests.Response | Outcome:
        url, body = self._frontend + path + query, b""
        with self._session() as session:
            for _ in range(_MOST_REDIRECTS + 1):
                try:
                    response = session.request(
                        method,
                        url,
                        data=body,
                        headers=headers,
                        timeout=(_CONNECT_TIMEOUT, timeout),
                        allow_redirects=False,
                    )
                except _UNREACHABLE as error:
                    return Unanswered(f"{_origin(url)}: {_cause(error)}")
                if not response.is_redirect:
                    return response
                asked, url, body = url, response.headers["Location"], redirected_body
                # The next request carries credentials: follow nowhere but to the same endpoint.
                if urlsplit(url).scheme not in ("http", "https") or urlsplit(url).path != path:
                    return Foreign(f"{_origin(asked)} redirects elsewhere than to {path}")
        return Unanswered(f"more than {_MOST_REDIRECTS} redirects, the last one to {_origin(url)}")

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.auth = self._auth
        # A proxy or a .netrc meant for the internet must not see the warehouse's traffic.
        session.trust_env = False
        return session


def _headers(load: Load) -> dict[str, str]:
    return {
        "Expect": "100-continue",
        "label": load.label,
        "format": "json",
        "columns": ",".join(load.columns),
        "strict_mode": "true",
        "max_filter_ratio": "0",
        "timezone": "UTC",
        "timeout": str(_LOAD_TIMEOUT_SECONDS),
    }


def _outcome(response: requests.Response) -> Outcome:
    if response.status_code in (401, 403):
        return Refused(response.status_code)
    reply = _json_object(response)
    if reply is None or not reply.keys() & {"Status", "status", "state"}:
        answer = f"{_origin(response.url)} answers HTTP {response.status_code} without a result"
        # Gateways answer 5xx in HTML while the warehouse restarts behind them.
        return Unanswered(answer) if response.status_code >= 500 else Foreign(answer)
    if "state" in reply:
        return LabelState(str(reply["state"]).upper())
    return parse_load_result(reply)


def _json_object(response: requests.Response) -> dict[str, object] | None:
    try:
        reply = response.json()
    except requests.JSONDecodeError:
        return None
    return reply if isinstance(reply, dict) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or ''}"


def _cause(error: BaseException) -> str:
    """The innermost reason, in one line: requests wraps an OSError three times."""
    reason = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    if isinstance(reason, BaseException):
        return _cause(reason)
    # urllib3 puts the address in front, which the message names already.
    return " ".join(str(error).split("): ", 1)[-1].split()) or type(error).__name__


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
