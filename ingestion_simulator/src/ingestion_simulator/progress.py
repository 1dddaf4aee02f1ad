"""What long work tells: a progress bar on a terminal, one JSON line per event elsewhere."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Value = str | int | float | Decimal | date

# Events that begin a stretch of work: what the bar says, and what it counts.
_STARTS = {"load_started": ("loading", "windows"), "verify_started": ("verifying", "days")}
_ENDS = ("load_finished", "verify_finished")
# Events that move the bar, by their count or by one.
_STEPS = ("windows_committed", "day_verified")


class Reporter(Protocol):
    """Receives events."""

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        """Reports one event.

        Args:
            name: What happened, in snake case.
            level: "info", "warning" or "error".
            fields: Facts about it; never credentials.
        """

    def close(self) -> None:
        """Leaves the output ready for whoever writes next."""


def reporter_for(out: TextIO) -> Reporter:
    """Chooses by where the output goes."""
    return TerminalReporter(out) if out.isatty() else JsonReporter(out)


class JsonReporter:
    """One JSON object per line, flushed at once: what `kubectl logs` and log collectors read."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        """Writes one line."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps(
            {"ts": now, "level": level, "event": name, **fields},
            ensure_ascii=False,
            default=_plain,
        )
        self._out.write(line + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing is held back."""


class TerminalReporter:
    """A bar that counts what is done, with the lines that matter above it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._rows = 0

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        """Moves the bar, or prints a line."""
        if name in _STARTS:
            verb, unit = _STARTS[name]
            self._start(f"{verb} {unit}", _count(fields[unit]))
        elif name == "batch_loaded":
            self._rows += _count(fields["rows"])
        elif name in _STEPS:
            self._advance(_count(fields.get("windows", 1)))
        else:
            if name in _ENDS:
                self.close()
            self._print(_sentence(name, level, fields))

    def close(self) -> None:
        """Removes the bar and shows the cursor again."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, title: str, total: int) -> None:
        # rich costs 60 ms to import: commands that show no bar do without.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn(title),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeRemainingColumn(),
            console=Console(file=self._out),
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, rows="")
        self._progress.start()

    def _advance(self, steps: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, advance=steps, rows=f"{self._rows:,} rows" if self._rows else ""
            )

    def _print(self, line: str) -> None:
        if self._progress is not None:
            self._progress.console.print(line, markup=False, highlight=False)
        else:
            self._out.write(line + "\n")
            self._out.flush()


def _sentence(name: str, level: str, fields: dict[str, Value]) -> str:
    facts = ", ".join(f"{key.replace('_', ' ')} {_shown(value)}" for key, value in fields.items())
    mark = "! " if level == "warning" else ""
    return (
        f"{mark}{name.replace('_', ' ')}: {facts}" if facts else f"{mark}{name.replace('_', ' ')}"
    )


def _shown(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(_plain(value))


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int) else 0


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value)
