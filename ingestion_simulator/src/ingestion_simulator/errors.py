"""The failures that the command line turns into one clear line and an exit status."""


class SimulatorError(Exception):
    """A failure whose message says what happened and what to do about it.

    The message is one line and holds no secret. The command exits with `exit_status`.
    """

    exit_status = 1


class UsageError(SimulatorError):
    """Arguments or settings that cannot be acted on; nothing was started."""

    exit_status = 2
