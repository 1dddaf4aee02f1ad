"""Bodies of loads on disk, from their first byte to the end of the load."""

import shutil
import uuid
from pathlib import Path


class Spool:
    """Files of the loads that run, and the error logs of those that ran.

    Args:
        directory: Where request bodies lie. Left-overs of a killed process are removed.
        error_logs: Where error logs lie, for as long as the process lives.
    """

    def __init__(self, directory: Path, error_logs: Path) -> None:
        self._directory = directory
        self._error_logs = error_logs
        for folder in (directory, error_logs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def new_body(self) -> Path:
        """Return a path for the body of one load; the caller removes the file."""
        return self._directory / uuid.uuid4().hex

    def write_error_log(self, lines: list[str]) -> str:
        """Keep the messages about rejected rows and return the log's name."""
        number = uuid.uuid4().hex
        name = f"error_log_{number[:16]}_{number[16:]}"
        (self._error_logs / name).write_text("".join(f"{line}\n" for line in lines))
        return name

    def read_error_log(self, name: str) -> bytes | None:
        """Return an error log, or None where there is none of that name."""
        found = {path.name: path for path in self._error_logs.iterdir()}.get(name)
        return found.read_bytes() if found else None
