"""The command `ingestion-simulator`."""

import sys

from ingestion_simulator.cli.parser import parse_arguments


def main() -> int:
    """Runs one command and returns its exit status."""
    arguments = parse_arguments(sys.argv[1:])
    # Imported late: `--help` and a mistyped flag need no libraries.
    from ingestion_simulator.cli.run import run

    return run(arguments)
