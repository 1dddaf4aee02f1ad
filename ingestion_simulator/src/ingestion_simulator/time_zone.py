"""The warehouse must run on UTC.

`DEFAULT CURRENT_TIMESTAMP` is computed by the frontend when it plans a load, in its global
`time_zone`; the load's own `timezone` header does not matter (measured with StarRocks 4.1: with
Asia/Shanghai, `_loaded_at` is 8 hours ahead). The pipeline finds new rows by that column, and
compares it with `utc_timestamp()`.
"""

from datetime import datetime, timedelta
from typing import Final

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.warehouse import Warehouse

_NAMES: Final = ("utc", "etc/utc", "+00:00", "z")
# now() and utc_timestamp() are of the same statement; zones differ by 15 minutes at least.
_TOLERANCE: Final = timedelta(minutes=1)


def require_utc(warehouse: Warehouse) -> str:
    """The name of the frontend's global time zone.

    Raises:
        SimulatorError: It is not UTC; the message says how to change it.
    """
    [variable] = warehouse.records("SHOW GLOBAL VARIABLES LIKE 'time_zone'")
    [(now, utc)] = warehouse.execute("SELECT now(), utc_timestamp()")
    zone = str(variable["Value"])
    check_utc(zone, now, utc)
    return zone


def check_utc(zone: str, now: datetime, utc: datetime) -> None:
    """Refuses a zone that is not UTC, by its name and by what it makes of the time.

    Raises:
        SimulatorError: It is not.
    """
    if zone.lower() in _NAMES and abs(now - utc) < _TOLERANCE:
        return
    raise SimulatorError(
        f"the warehouse's global time_zone is {zone!r} (its now() is {now}, UTC is {utc}), so that "
        "rows would be stamped with another time than UTC: start its frontends with TZ=UTC, or run "
        "SET GLOBAL time_zone = 'UTC', then repeat this"
    )
