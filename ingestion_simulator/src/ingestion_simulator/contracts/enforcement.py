"""The door of the raw layer: which rows may pass, and an account of those that may not."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl

from ingestion_simulator.contracts.contract import Contract
from ingestion_simulator.contracts.files import to_ndjson
from ingestion_simulator.contracts.rules import Rule, rules_of

_LONGEST_REASON = 500
_LONGEST_PAYLOAD = 65_533
_REJECTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "_window_start": pl.Datetime("us"),
    "reject_id": pl.String,
    "reason": pl.String,
    "payload": pl.String,
}


@dataclass(frozen=True)
class Enforced:
    """What became of the rows of a frame: accepted, rejected and dropped ones add up to it.

    Attributes:
        accepted: The rows that keep the contract, each key once per window.
        rejected: `_window_start`, `reject_id` (SHA-256 of the payload), `reason` (every rule that
            the row breaks) and `payload` (the row as JSON) of the rows that break it.
        duplicates_dropped: How many rows were exact copies of an earlier row of their window.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    duplicates_dropped: int


@dataclass(frozen=True)
class WindowTotals:
    """What the manifest records of one source and window."""

    row_count: int = 0
    reject_count: int = 0
    control_total: Decimal = Decimal(0)


def enforce(contract: Contract, frame: pl.DataFrame) -> Enforced:
    """Splits a source's rows by the contract; order is kept, and no row is lost silently.

    Args:
        contract: The contract of the frame's table.
        frame: Rows with the contract's `sent_columns`.
    """
    unique = _without_copies(contract, frame)
    rules = rules_of(contract)
    broken = unique.select(pl.any_horizontal(rule.broken for rule in rules)).to_series()
    kept, turned_down = unique.filter(~broken), unique.filter(broken)
    reasons = _reasons(rules, turned_down)

    # Two different rows under one key: the table can hold one only, so the first stays.
    key = [*contract.key, "_window_start"]
    again = kept.select(~pl.struct(key).is_first_distinct()).to_series()
    if again.any():
        conflicts = kept.filter(again)
        kept, turned_down = kept.filter(~again), turned_down.vstack(conflicts)
        reasons += [f"another row has the same key: {', '.join(contract.key)}"] * len(conflicts)
    return Enforced(kept, _account(turned_down, reasons), len(frame) - len(unique))


def control_totals(contract: Contract, enforced: Enforced) -> dict[datetime, WindowTotals]:
    """Counts and the sum of the control column, by start of window (aware UTC).

    A window without rows is not in the answer: its totals are those of `WindowTotals()`.
    """
    sums = enforced.accepted.group_by("_window_start").agg(
        pl.len(), pl.col(contract.control_total).sum().cast(pl.Decimal(38, 8))
    )
    accepted = {start: (count, total) for start, count, total in sums.iter_rows()}
    rejected = dict(enforced.rejected.group_by("_window_start").agg(pl.len()).iter_rows())
    totals = {}
    for start in sorted(accepted.keys() | rejected.keys()):
        count, total = accepted.get(start, (0, Decimal(0)))
        totals[start.replace(tzinfo=UTC)] = WindowTotals(count, rejected.get(start, 0), total)
    return totals


def _without_copies(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    # Whole rows hold lists, which are slow to compare; rows that share a key are few.
    key = [*contract.key, "_window_start"]
    suspects = frame.with_row_index("_position").filter(pl.struct(key).is_duplicated())
    if suspects.is_empty():
        return frame
    lines = to_ndjson(suspects.drop("_position")).splitlines()
    text = pl.Series("text", lines)
    copies = suspects["_position"].filter(~text.is_first_distinct())
    return (
        frame.with_row_index("_position")
        .filter(~pl.col("_position").is_in(copies.implode()))
        .drop("_position")
    )


def _reasons(rules: list[Rule], rows: pl.DataFrame) -> list[str]:
    if rows.is_empty():
        return []
    broken = rows.select(rule.broken.alias(str(number)) for number, rule in enumerate(rules))
    return [
        "; ".join(rule.reason for rule, is_broken in zip(rules, row, strict=True) if is_broken)
        for row in broken.iter_rows()
    ]


def _account(rows: pl.DataFrame, reasons: list[str]) -> pl.DataFrame:
    payloads = to_ndjson(rows).splitlines()
    return pl.DataFrame(
        {
            "_window_start": rows["_window_start"],
            "reject_id": [hashlib.sha256(payload).hexdigest() for payload in payloads],
            "reason": [_cut(reason.encode(), _LONGEST_REASON) for reason in reasons],
            "payload": [_cut(payload, _LONGEST_PAYLOAD) for payload in payloads],
        },
        schema=_REJECTED,
    )


def _cut(text: bytes, length: int) -> str:
    return text[:length].decode(errors="ignore")
