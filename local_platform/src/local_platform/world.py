"""The simulator's world in the demo and the benchmarks: fixed, so that numbers can be compared."""

from datetime import datetime, timedelta

EPOCH = datetime(2026, 9, 1)  # noqa: DTZ001 - the platform's times are UTC without an offset
TICK = timedelta(minutes=15)


def world(orders_per_day: int) -> dict[str, str]:
    """The simulator's settings, as environment variables."""
    return {
        "SIMULATOR_SEED": "42",
        "SIMULATOR_EPOCH": f"{EPOCH:%Y-%m-%d}",
        "SIMULATOR_TICK": f"{TICK // timedelta(minutes=1)}m",
        "SIMULATOR_ORDERS_PER_DAY": str(orders_per_day),
    }
