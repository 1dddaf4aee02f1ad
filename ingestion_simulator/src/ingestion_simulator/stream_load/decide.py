"""What to do after each outcome: the whole policy of the client, without any input or output.

Rules: StarRocks documentation, "Stream Load" (return values) and "Loading transaction labels".
A label is bound to its content, so sending it again is always safe: the worst answer is that it is
already there.
"""

from dataclasses import dataclass

from ingestion_simulator.stream_load.outcomes import (
    Foreign,
    LabelState,
    LoadResult,
    Outcome,
    Refused,
    Unanswered,
)


@dataclass(frozen=True)
class Done:
    """Every row is committed and visible."""


@dataclass(frozen=True)
class CheckLabel:
    """Ask what became of the label before anything is sent again.

    Attributes:
        reason: Why it is not known.
        at_once: There is nothing to wait for: the answer is settled by now.
    """

    reason: str
    at_once: bool = False


@dataclass(frozen=True)
class Resend:
    """Nothing was committed: send the same bytes under the same label."""

    reason: str


@dataclass(frozen=True)
class GiveUp:
    """No repetition can help."""

    reason: str


Action = Done | CheckLabel | Resend | GiveUp

# Fragments of `Message` (lower case) that come back however often the same bytes are sent.
_PERMANENT = {
    "too many filtered rows": "the warehouse rejects rows that the contract accepts",
    "unrecognized json format": "the warehouse cannot read the body",
    "illegal json started with": "the warehouse cannot read the body",
    "failed to parse json as": "the warehouse cannot read the body",
    "all partitions have no load data": "the warehouse saw an empty body; "
    "STARROCKS_HTTP_PORT must be a frontend's",
    "the size of this batch exceed the max size": "the batch is too large for one load",
    "exceed limit": "the batch is too large for one load",
    "column has no default value": "the table is not the one of the contract, "
    "run `ingestion-simulator init --reset`",
    "mapping column is not in table": "the table is not the one of the contract, "
    "run `ingestion-simulator init --reset`",
    "unknown table": "run `ingestion-simulator init` first",
    "unknown database": "run `ingestion-simulator init` first",
    "database not found": "run `ingestion-simulator init` first",
    "table not found": "run `ingestion-simulator init` first",
    "access denied": "grant INSERT on the raw tables to STARROCKS_USER",
    "no valid basic authorization": "check STARROCKS_USER and STARROCKS_PASSWORD",
    "label format error": "the label breaks the warehouse's rule",
    "there is no 100-continue header": "a proxy before STARROCKS_HTTP_PORT drops `Expect`",
}


def decide(outcome: Outcome, rows_sent: int) -> Action:
    """Chooses the next step after one request.

    Args:
        outcome: What the request taught.
        rows_sent: Rows in the body, which a success must confirm one by one.
    """
    match outcome:
        case LoadResult():
            return _after_reply(outcome, rows_sent)
        case LabelState(state):
            return _after_label_state(state)
        case Refused(http_status):
            return GiveUp(
                f"HTTP {http_status}: check STARROCKS_USER and STARROCKS_PASSWORD, "
                "and that this user may INSERT into the raw tables"
            )
        case Unanswered(reason):
            return CheckLabel(reason)
        case Foreign(reason):
            return GiveUp(f"{reason}: check STARROCKS_HOST and STARROCKS_HTTP_PORT")


def _after_reply(result: LoadResult, rows_sent: int) -> Action:
    match result.status:
        case "Success":
            return _confirmed(result, rows_sent)
        case "Publish Timeout":
            return CheckLabel("committed, not yet visible")
        case "Label Already Exists":
            # FINISHED covers COMMITTED too; the manifest may only claim what can be read.
            job = result.existing_job_status
            return CheckLabel(f"the label is {job or 'taken'}", at_once=job == "FINISHED")
        case _:
            return _after_failure(result)


def _confirmed(result: LoadResult, rows_sent: int) -> Action:
    if result.total_rows == result.loaded_rows == rows_sent:
        return Done()
    return GiveUp(
        f"sent {rows_sent} rows, but the warehouse read {result.total_rows} "
        f"and loaded {result.loaded_rows}"
    )


def _after_failure(result: LoadResult) -> Action:
    message = " ".join(result.message.split()) or f"status {result.status!r} without a message"
    for fragment, remedy in _PERMANENT.items():
        if fragment in message.lower():
            details = f" (rejected rows: {result.error_url})" if result.error_url else ""
            return GiveUp(f"{remedy}: {message}{details}")
    return Resend(message)


def _after_label_state(state: str) -> Action:
    match state:
        case "VISIBLE":
            return Done()
        case "COMMITTED" | "PREPARED" | "PREPARE":
            return CheckLabel(f"the label is {state}")
        case _:
            return Resend(f"the label is {state}")
