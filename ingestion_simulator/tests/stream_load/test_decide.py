"""Every outcome and what follows from it."""

import pytest

from ingestion_simulator.stream_load.decide import Action, CheckLabel, Done, GiveUp, Resend, decide
from ingestion_simulator.stream_load.outcomes import (
    Foreign,
    LabelState,
    LoadResult,
    Outcome,
    Refused,
    Unanswered,
)


@pytest.mark.parametrize(
    ("outcome", "action"),
    [
        (LoadResult("Success", "OK", total_rows=3, loaded_rows=3), Done()),
        (
            LoadResult("Success", "OK", total_rows=3, loaded_rows=2),
            GiveUp("sent 3 rows, but the warehouse read 3 and loaded 2"),
        ),
        (
            LoadResult("Publish Timeout", "publish timeout"),
            CheckLabel("committed, not yet visible"),
        ),
        (
            LoadResult("Label Already Exists", existing_job_status="FINISHED"),
            CheckLabel("the label is FINISHED", at_once=True),
        ),
        (
            LoadResult("Label Already Exists", existing_job_status="RUNNING"),
            CheckLabel("the label is RUNNING"),
        ),
        (LabelState("VISIBLE"), Done()),
        (LabelState("COMMITTED"), CheckLabel("the label is COMMITTED")),
        (LabelState("PREPARED"), CheckLabel("the label is PREPARED")),
        (LabelState("PREPARE"), CheckLabel("the label is PREPARE")),
        (LabelState("ABORTED"), Resend("the label is ABORTED")),
        (LabelState("UNKNOWN"), Resend("the label is UNKNOWN")),
        (Unanswered("connection reset"), CheckLabel("connection reset")),
        (
            Refused(401),
            GiveUp(
                "HTTP 401: check STARROCKS_USER and STARROCKS_PASSWORD, "
                "and that this user may INSERT into the raw tables"
            ),
        ),
        (
            Foreign("http://a:1 answers HTTP 404 without a result"),
            GiveUp(
                "http://a:1 answers HTTP 404 without a result: "
                "check STARROCKS_HOST and STARROCKS_HTTP_PORT"
            ),
        ),
    ],
)
def test_each_outcome_has_one_next_step(outcome: Outcome, action: Action) -> None:
    assert decide(outcome, rows_sent=3) == action


@pytest.mark.parametrize(
    "message",
    [
        "close index channel failed because of too many versions, current/limit: 1001/1000",
        "current running txns on db 10 is 1000, larger than limit 1000",
        "Stream Load exceed http cuncurrent limit",
        "Service is shutting down",
        "No backend alive.",
        "timeout by txn manager",
        "[E1008]Reached timeout=1000ms",
        "Commit transaction fail cause rpc, Transaction status unknown, "
        "you can retry with same label.",
        "something that no release has said so far",
    ],
)
@pytest.mark.parametrize("status", ["Fail", "FAILED"])
def test_a_failure_that_may_pass_is_sent_again(status: str, message: str) -> None:
    assert decide(LoadResult(status, message), rows_sent=3) == Resend(message)


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("too many filtered rows", "the warehouse rejects rows that the contract accepts"),
        ("Unrecognized json format, stop json loader.", "the warehouse cannot read the body"),
        ("illegal json started with x", "the warehouse cannot read the body"),
        ("Failed to parse json as array", "the warehouse cannot read the body"),
        ("The size of this batch exceed the max size [1]", "the batch is too large for one load"),
        ("body exceed limit 1", "the batch is too large for one load"),
        ("Unknown table 'raw_orders'", "run `ingestion-simulator init` first"),
        ("unknown database, database=x", "run `ingestion-simulator init` first"),
        (
            "Access denied; you need INSERT",
            "grant INSERT on the raw tables to STARROCKS_USER",
        ),
        ("Label format error. regex: ^[-\\w]{1,128}$", "the label breaks the warehouse's rule"),
        (
            "Column has no default value. column: c",
            "the table is not the one of the contract, run `ingestion-simulator init --reset`",
        ),
        (
            "all partitions have no load data",
            "the warehouse saw an empty body; STARROCKS_HTTP_PORT must be a frontend's",
        ),
    ],
)
def test_a_failure_that_will_come_back_names_its_remedy(message: str, remedy: str) -> None:
    assert decide(LoadResult("Fail", message), rows_sent=3) == GiveUp(f"{remedy}: {message}")


def test_rejected_rows_are_pointed_at() -> None:
    result = LoadResult(
        "Fail", "too many filtered rows", error_url="http://be:8040/api/_log?file=e"
    )

    assert decide(result, rows_sent=3) == GiveUp(
        "the warehouse rejects rows that the contract accepts: too many filtered rows "
        "(rejected rows: http://be:8040/api/_log?file=e)"
    )
