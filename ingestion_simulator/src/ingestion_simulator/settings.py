"""What makes one world differ from another: the `SIMULATOR_*` settings."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion_simulator.errors import UsageError

# Part of every world's identity: raise it whenever the same settings come to mean other data.
_WORLD_VERSION = 1

_DAY = timedelta(days=1)
_HIGHEST_SEED = 2**63 - 1
# order_id leaves six decimal digits for the orders of one hour; the peak hour holds 9 % of a day.
_MOST_ORDERS_PER_DAY = 5_000_000
_HIGHEST_RATE = 0.5
# The manifest is read from 1970 on, and every time must have a next day.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
# An order has 4.0 events, and the busiest hour of a week holds 1.6 times the mean of all hours.
_PEAK_EVENTS_PER_ORDER = 7
# A window is held in memory and loaded as a whole: as many events take up to 400 MB of memory and
# 65 MB of JSON, of which StarRocks accepts 100 MB in one load unless it is set otherwise.
_MOST_EVENTS_PER_WINDOW = 125_000


class SettingsError(UsageError):
    """A setting that no world can be made of; the message names the variable and the remedy."""


@dataclass(frozen=True)
class WorldSettings:
    """Everything that the data depends on besides the code.

    Attributes:
        seed: Any number from 0 to 2^63 - 1.
        epoch: The UTC midnight at which the retailer opens; an aware datetime.
        tick: Width of a window; a whole number of seconds that divides a day.
        orders_per_day: Mean number of orders placed per day.
        duplicate_rate: Share of events that are sent twice.
        late_rate: Share of events that arrive up to 24 hours after they happened.
        invalid_rate: Share of events that are followed by a copy that breaks the contract.

    Raises:
        SettingsError: A value is out of its range.
    """

    seed: int = 42
    epoch: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    tick: timedelta = timedelta(minutes=5)
    orders_per_day: int = 2400
    duplicate_rate: float = 0.002
    late_rate: float = 0.01
    invalid_rate: float = 0.001

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= _HIGHEST_SEED:
            raise SettingsError(
                f"SIMULATOR_SEED={self.seed} is out of range: give a number from 0 to 2^63-1"
            )
        if self.epoch.tzinfo is None or self.epoch != _midnight(self.epoch):
            raise SettingsError(
                f"SIMULATOR_EPOCH={self.epoch.isoformat()} is not a UTC midnight: "
                "give a date such as 2026-01-01"
            )
        if not _FIRST_YEAR <= self.epoch.year <= _LAST_YEAR:
            raise SettingsError(
                f"SIMULATOR_EPOCH={self.epoch.isoformat()} is out of range: "
                f"give a year from {_FIRST_YEAR} to {_LAST_YEAR}"
            )
        seconds = self.tick.total_seconds()
        if seconds < 1 or self.tick.microseconds or _DAY % self.tick:
            raise SettingsError(
                f"SIMULATOR_TICK={seconds:g} s does not divide a day: "
                "give whole seconds, minutes or hours such as 5m"
            )
        if not 1 <= self.orders_per_day <= _MOST_ORDERS_PER_DAY:
            raise SettingsError(
                f"SIMULATOR_ORDERS_PER_DAY={self.orders_per_day} is out of range: "
                f"give a number from 1 to {_MOST_ORDERS_PER_DAY}"
            )
        if self.peak_events_per_window > _MOST_EVENTS_PER_WINDOW:
            raise SettingsError(
                f"SIMULATOR_TICK={seconds:g} s is too long for "
                f"SIMULATOR_ORDERS_PER_DAY={self.orders_per_day}: a window would hold about "
                f"{self.peak_events_per_window:,.0f} events of at most "
                f"{_MOST_EVENTS_PER_WINDOW:,}; give a shorter tick or fewer orders"
            )
        for name in ("duplicate_rate", "late_rate", "invalid_rate"):
            if not 0 <= getattr(self, name) <= _HIGHEST_RATE:
                raise SettingsError(
                    f"SIMULATOR_{name.upper()}={getattr(self, name)} is not a share: "
                    f"give a number from 0 to {_HIGHEST_RATE}"
                )

    @property
    def peak_events_per_window(self) -> float:
        """About how many events of orders arrive in a window of the busiest hour of a week."""
        return self.orders_per_day * _PEAK_EVENTS_PER_ORDER * (self.tick / _DAY)

    @property
    def world_id(self) -> str:
        """Names the world: equal for two settings only if all their data are equal."""
        values = [_WORLD_VERSION, *(_plain(getattr(self, field.name)) for field in fields(self))]
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **overrides: Any) -> "WorldSettings":
        """Reads `SIMULATOR_<NAME>`; an override that is not None comes before the variable.

        Args:
            environ: The process environment.
            **overrides: Values by attribute name: text as in the variable, or the value itself.

        Raises:
            SettingsError: A value cannot be read or is out of its range.
        """
        values: dict[str, Any] = {}
        for name, read in _READERS.items():
            value = overrides.pop(name, None)
            variable = f"SIMULATOR_{name.upper()}"
            if value is None:
                value = environ.get(variable)
            if isinstance(value, str):
                try:
                    value = read(value.strip())
                except (ValueError, OverflowError):
                    raise SettingsError(
                        f"{variable}={value!r} cannot be read: give {_EXAMPLES[name]}"
                    ) from None
            if value is not None:
                values[name] = value
        if overrides:
            raise TypeError(f"no such setting: {', '.join(sorted(overrides))}")
        return cls(**values)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def _read_epoch(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_duration(text: str) -> timedelta:
    """Reads a number of seconds, minutes, hours or days.

    Raises:
        ValueError: It is none.
        OverflowError: It is more than any date allows.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    return timedelta(seconds=int(number) * _UNITS[unit])


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_READERS: dict[str, Callable[[str], Any]] = {
    "seed": int,
    "epoch": _read_epoch,
    "tick": read_duration,
    "orders_per_day": int,
    "duplicate_rate": float,
    "late_rate": float,
    "invalid_rate": float,
}
DURATION_EXAMPLE = "a duration such as 5m (s, m, h or d; a plain number is seconds)"
_EXAMPLES = {
    "seed": "a whole number such as 42",
    "epoch": "a date such as 2026-01-01",
    "tick": DURATION_EXAMPLE,
    "orders_per_day": "a whole number such as 2400",
    "duplicate_rate": "a share such as 0.002",
    "late_rate": "a share such as 0.01",
    "invalid_rate": "a share such as 0.001",
}
