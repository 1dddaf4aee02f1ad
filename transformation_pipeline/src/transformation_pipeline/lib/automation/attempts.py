"""Whether the latest attempt to build an asset already used the inputs that lie there now."""

from collections.abc import Iterable
from dataclasses import dataclass

# Stands on every run that automation launches, with the hash of all models' code.
CODE_VERSION_TAG = "transformation_pipeline/code_version"


@dataclass(frozen=True)
class Input:
    """One direct dependency of an asset, seen from the asset's latest attempt.

    Attributes:
        version_at_attempt: Its data version when the attempt was planned; None if it had none.
        version_now: Its data version now; None if it has none.
        written_by_attempt: Whether the attempt's own run wrote the version that lies there now.
    """

    version_at_attempt: str | None
    version_now: str | None
    written_by_attempt: bool


def repeats(
    attempted_code: str | None, current_code: str, inputs: Iterable[Input], waits_for_retry: bool
) -> bool:
    """Whether another attempt would repeat the latest one.

    Retrying a run without a bound once cost a public platform 368,000 failed runs in 14 days, so
    automation asks once per code and input version, whatever became of the attempt; a run's own
    retries (`run_retries` in dagster.yaml) are the only repetition.

    Args:
        attempted_code: The models' code version on the attempt's run; None for a run of a person.
        current_code: The models' code version now.
        inputs: The asset's direct dependencies.
        waits_for_retry: Whether Dagster is about to retry the attempt's run.

    Returns:
        True if code and inputs are those of the latest attempt, or it is about to be retried.
    """
    if waits_for_retry:
        return True
    return attempted_code == current_code and all(
        item.written_by_attempt or item.version_at_attempt == item.version_now for item in inputs
    )
