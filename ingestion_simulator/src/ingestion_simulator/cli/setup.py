"""`ingestion-simulator setup`: a fresh cluster becomes the platform's warehouse."""

import sys
from collections.abc import Mapping

from ingestion_simulator.cli.times import parse_duration
from ingestion_simulator.connection import Connection
from ingestion_simulator.interrupts import Interrupts
from ingestion_simulator.progress import reporter_for
from ingestion_simulator.setup import Passwords, Patience, prepare


def setup(environ: Mapping[str, str], timeout: str, interrupts: Interrupts) -> int:
    """Reads the settings, then prepares the warehouse."""
    connection = Connection.from_environment(environ)
    passwords = Passwords.from_environment(environ, connection.user)
    limit = parse_duration("--timeout", timeout)
    reporter = reporter_for(sys.stdout)
    prepare(connection, passwords, Patience(limit, interrupts.wait, reporter), reporter)
    return 0
