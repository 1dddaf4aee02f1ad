"""What people and log collectors read."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

from ingestion_simulator.progress import JsonReporter, TerminalReporter, reporter_for


def test_elsewhere_than_on_a_terminal_every_event_is_one_json_line() -> None:
    out = io.StringIO()
    reporter = reporter_for(out)

    reporter.event("batch_loaded", source="crm", rows=3, seconds=0.5)
    reporter.event("load_retried", level="warning", reason="läuft\nnoch")

    assert isinstance(reporter, JsonReporter)
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    times = [datetime.fromisoformat(event.pop("ts")) for event in events]
    assert events == [
        {"level": "info", "event": "batch_loaded", "source": "crm", "rows": 3, "seconds": 0.5},
        {"level": "warning", "event": "load_retried", "reason": "läuft\nnoch"},
    ]
    assert all(datetime.now(UTC) - time < timedelta(minutes=1) for time in times)


def test_on_a_terminal_a_bar_counts_windows_and_other_events_are_sentences() -> None:
    out = io.StringIO()
    out.isatty = lambda: True  # type: ignore[method-assign]
    reporter = reporter_for(out)

    reporter.event("load_started", windows=4, already_loaded=0)
    reporter.event("batch_loaded", source="crm", rows=12345)
    reporter.event("windows_committed", windows=3)
    reporter.event("load_retried", level="warning", table="raw_orders", seconds=0.2)
    reporter.event("load_finished", windows=4, rows=1234567)
    reporter.close()

    assert isinstance(reporter, TerminalReporter)
    text = re.sub(r"\x1b\[[?\d;]*\w", "", out.getvalue())
    assert "! load retried: table raw_orders, seconds 0.2\n" in text
    assert "load finished: windows 4, rows 1,234,567\n" in text
    assert "batch_loaded" not in text
    assert "3/4 12,345 rows" in text
