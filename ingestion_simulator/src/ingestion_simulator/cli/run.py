"""From parsed arguments to an exit status: every failure becomes one line on stderr."""

import argparse
import os
import sys
from pathlib import Path

from ingestion_simulator.cli.parser import WORLD_SETTINGS
from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.first_contact import await_first_contact
from ingestion_simulator.interrupts import Interrupted, Interrupts
from ingestion_simulator.settings import WorldSettings

_BROKEN_PIPE_STATUS = 141


def run(arguments: argparse.Namespace) -> int:
    """Runs the command that the arguments name and returns the exit status."""
    if sys.stdout is None:
        # Started with a closed output (`>&-`): nobody listens, which is no reason to fail.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - never closed
    try:
        with Interrupts() as interrupts:
            return _dispatch(arguments, interrupts)
    except SimulatorError as error:
        return _fail(str(error), error.exit_status)
    except Interrupted as interrupted:
        return _fail(
            f"stopped by {interrupted}: run the same command again to continue",
            interrupted.exit_status,
        )
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE_STATUS
    except OSError as error:
        return _fail(f"{error.filename or 'output'}: {error.strerror or error}", 1)


def _dispatch(arguments: argparse.Namespace, interrupts: Interrupts) -> int:
    if arguments.command == "init":
        from ingestion_simulator.cli.init import init

        return init(Connection.from_environment(os.environ), arguments.reset, arguments.yes)
    if arguments.command == "setup":
        from ingestion_simulator.cli.setup import setup

        return setup(os.environ, arguments.timeout, interrupts)
    settings = WorldSettings.from_environment(
        os.environ, **{name: getattr(arguments, name) for name in WORLD_SETTINGS}
    )
    if arguments.command == "generate":
        from ingestion_simulator.cli.generate import generate

        return generate(settings, arguments)
    connection = Connection.from_environment(os.environ)
    await_first_contact(connection, interrupts.wait)
    if arguments.command == "verify":
        from ingestion_simulator.cli.verify import verify

        return verify(settings, connection, raw_only=arguments.raw_only)
    from ingestion_simulator.cli.load import load

    return load(settings, connection, arguments, interrupts)


def _fail(message: str, status: int) -> int:
    sys.stderr.write(f"ingestion-simulator: {message}\n")
    return status
