"""Progress of long work: a spinner on a terminal, a line every few seconds elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from local_platform.platform import CommandResult, Platform

QUIET_SECONDS = 5.0
"""Without a terminal, how often a step that is still going on says so."""


@contextmanager
def step(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Show a step, what the yielded function is told of its progress, and its seconds."""
    began = last_said = time.monotonic()
    console.print(f"[bold]{title}[/bold]")
    with console.status("") as status:

        def say(text: str) -> None:
            nonlocal last_said
            now = time.monotonic()
            status.update(f"{text} ({now - began:.0f} s)")
            if not console.is_terminal and now - last_said > QUIET_SECONDS:
                last_said = now
                console.print(f"  {text} ({now - began:.0f} s)")

        yield say
    console.print(f"  done in {time.monotonic() - began:.1f} s")


def load(platform: Platform, say: Callable[[str], None], *arguments: str) -> CommandResult:
    """Run a simulator command that loads, saying how many rows it has loaded so far."""
    rows = 0

    def on_event(event: dict[str, Any]) -> None:
        nonlocal rows
        if event["event"] == "batch_loaded":
            rows += int(event["rows"])
            say(f"{rows:,} rows loaded")

    return platform.simulator(*arguments, on_event=on_event)


def loaded_rows(result: CommandResult) -> int:
    """Rows that a simulator command loaded into the raw tables."""
    return sum(int(event["rows"]) for event in result.events if event["event"] == "batch_loaded")
