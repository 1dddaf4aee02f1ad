"""What long work tells: a progress bar on a terminal, one JSON line per event elsewhere."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Value = str | int | float


class Reporter(Protocol):
    """Receives events; safe to call from several threads."""

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        """Reports one event.

        Args:
            name: What happened, in snake case. `load_started` and `windows_committed` carry
                `windows`, which moves the bar.
            level: "info" or "warning".
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
        line = json.dumps({"ts": now, "level": level, "event": name, **fields}, ensure_ascii=False)
        self._out.write(line + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing is held back."""


class TerminalReporter:
    """A bar that counts windows, with the lines that matter above it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._rows = 0

    def event(self, name: str, *, level: str = "info", **fields: Value) -> None:
        """Moves the bar, or prints a line."""
        if name == "load_started":
            self._start(int(fields["windows"]))
        elif name == "batch_loaded":
            self._rows += int(fields["rows"])
        elif name == "windows_committed":
            self._advance(int(fields["windows"]))
        else:
            if name == "load_finished":
                self.close()
            self._print(_sentence(name, level, fields))

    def close(self) -> None:
        """Removes the bar and shows the cursor again."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, windows: int) -> None:
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
            TextColumn("loading windows"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeRemainingColumn(),
            console=Console(file=self._out),
            transient=True,
        )
        self._task = self._progress.add_task("", total=windows, rows=0)
        self._progress.start()

    def _advance(self, windows: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=windows, rows=self._rows)

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
    return value if isinstance(value, str) else f"{value:,}"
