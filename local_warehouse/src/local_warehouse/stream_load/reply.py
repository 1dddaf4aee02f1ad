"""The JSON that answers a load."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """Milliseconds spent in the phases of a load."""

    load: int = 0
    begin: int = 0
    plan: int = 0
    read: int = 0
    write: int = 0
    commit: int = 0


def status_unknown(cause: str) -> str:
    """The message of a load that may be committed or not."""
    return (
        f"Commit transaction fail cause {cause}, "
        "Transaction status unknown, you can retry with same label."
    )


@dataclass(frozen=True)
class LoadReply:
    """How a load ended.

    Attributes:
        label: The label.
        status: "Success", "Publish Timeout", "Label Already Exists" or "Fail".
        message: "OK", or why not.
        transaction_id: -1 where the load did not begin.
        existing_job_status: RUNNING or FINISHED where the label is taken.
        total_rows: Rows in the body.
        filtered_rows: Rows that were rejected.
        received_bytes: Length of the body.
        timings: Where the time went.
        error_log: Name of the file with the rejected rows.
    """

    label: str
    status: str
    message: str
    transaction_id: int = -1
    existing_job_status: str | None = None
    total_rows: int = 0
    filtered_rows: int = 0
    received_bytes: int = 0
    timings: Timings = Timings()
    error_log: str | None = None

    def to_json(self, error_url: str | None = None) -> dict[str, str | int]:
        """Return the fields in the order in which StarRocks writes them."""
        document: dict[str, str | int] = {
            "TxnId": self.transaction_id,
            "Label": self.label,
            "Status": self.status,
        }
        if self.existing_job_status:
            document["ExistingJobStatus"] = self.existing_job_status
        document |= {
            "Message": self.message,
            "NumberTotalRows": self.total_rows,
            "NumberLoadedRows": self.total_rows - self.filtered_rows,
            "NumberFilteredRows": self.filtered_rows,
            "NumberUnselectedRows": 0,
            "LoadBytes": self.received_bytes,
            "LoadTimeMs": self.timings.load,
            "BeginTxnTimeMs": self.timings.begin,
            "StreamLoadPlanTimeMs": self.timings.plan,
            "ReadDataTimeMs": self.timings.read,
            "WriteDataTimeMs": self.timings.write,
            "CommitAndPublishTimeMs": self.timings.commit,
        }
        if error_url:
            document["ErrorURL"] = error_url
        return document
