"""Points and stretches of time as arguments."""

from datetime import MAXYEAR, UTC, datetime, timedelta

from ingestion_simulator.errors import UsageError
from ingestion_simulator.settings import DURATION_EXAMPLE, WorldSettings, read_duration

_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


def parse_time(flag: str, text: str) -> datetime:
    """Reads a UTC time.

    Raises:
        UsageError: It is none.
    """
    for pattern in _FORMATS:
        try:
            moment = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        # The day after it must be a date as well.
        if moment.year == MAXYEAR:
            raise UsageError(f"{flag} {text} is out of range: give an earlier year")
        return moment
    raise UsageError(f"{flag} {text!r} is not a UTC time: give YYYY-MM-DD[THH:MM[:SS]]")


def parse_duration(flag: str, text: str) -> timedelta:
    """Reads a positive duration such as `15m`.

    Raises:
        UsageError: It is none.
    """
    try:
        duration = read_duration(text)
    except (ValueError, OverflowError):
        duration = timedelta(0)
    if duration <= timedelta(0):
        raise UsageError(f"{flag} {text!r} is not a duration: give {DURATION_EXAMPLE}")
    return duration


def parse_range(settings: WorldSettings, from_text: str, to_text: str) -> tuple[datetime, datetime]:
    """Reads `--from` and `--to` and checks that they enclose whole windows of this world.

    Raises:
        UsageError: They do not; the message says which and why.
    """
    from_, to = parse_time("--from", from_text), parse_time("--to", to_text)
    if from_ >= to:
        raise UsageError(f"--from {from_text} is not before --to {to_text}: give an earlier --from")
    if from_ < settings.epoch:
        raise UsageError(
            f"--from {from_text} is before the epoch {settings.epoch:%Y-%m-%d}: "
            "give a later --from or set SIMULATOR_EPOCH"
        )
    for flag, text, moment in (("--from", from_text, from_), ("--to", to_text, to)):
        midnight = moment.replace(hour=0, minute=0, second=0)
        if (moment - midnight) % settings.tick != timedelta(0):
            raise UsageError(
                f"{flag} {text} lies within a window: give a multiple of "
                f"SIMULATOR_TICK ({settings.tick}) after midnight"
            )
    return from_, to
