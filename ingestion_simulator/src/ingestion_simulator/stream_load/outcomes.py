"""What one request can teach about a load, in the warehouse's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LoadResult:
    """The reply to a Stream Load, from a backend or from a frontend that refused it.

    Attributes:
        status: `Success`, `Publish Timeout`, `Label Already Exists`, `Fail` (a frontend: `FAILED`).
        message: The warehouse's explanation; "OK" on success.
        existing_job_status: `RUNNING` or `FINISHED`, only where the label is taken.
        total_rows: Rows that the warehouse read.
        loaded_rows: Rows that it committed.
        error_url: Where the backend explains rejected rows, if it does.
    """

    status: str
    message: str = ""
    existing_job_status: str = ""
    total_rows: int = 0
    loaded_rows: int = 0
    error_url: str = ""


@dataclass(frozen=True)
class LabelState:
    """A label's transaction: UNKNOWN, PREPARE, PREPARED, COMMITTED, VISIBLE or ABORTED."""

    state: str


@dataclass(frozen=True)
class Refused:
    """HTTP 401 or 403: the credentials or the privileges do not suffice."""

    http_status: int


@dataclass(frozen=True)
class Unanswered:
    """No usable answer came back, so whatever was sent may or may not have taken effect."""

    reason: str


@dataclass(frozen=True)
class Foreign:
    """An answer that no StarRocks gives: something else listens at that address."""

    reason: str


Outcome = LoadResult | LabelState | Refused | Unanswered | Foreign


def parse_load_result(reply: Mapping[str, Any]) -> LoadResult:
    """Reads a reply in a backend's key style (`Status`) or in a frontend's (`status`, `msg`)."""
    return LoadResult(
        status=str(reply.get("Status") or reply.get("status") or ""),
        message=str(reply.get("Message") or reply.get("msg") or reply.get("message") or ""),
        existing_job_status=str(reply.get("ExistingJobStatus") or ""),
        total_rows=int(reply.get("NumberTotalRows") or 0),
        loaded_rows=int(reply.get("NumberLoadedRows") or 0),
        error_url=str(reply.get("ErrorURL") or ""),
    )
