"""UTC by its names and by the clock; nothing else."""

from datetime import datetime, timedelta

import pytest

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.time_zone import check_utc

_UTC = datetime(2026, 1, 15, 12)  # noqa: DTZ001 - as the warehouse gives it


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "+00:00", "utc"])
def test_utc_is_accepted(zone: str) -> None:
    check_utc(zone, _UTC + timedelta(seconds=1), _UTC)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Asia/Shanghai", 8),
        # The same as UTC in winter, and only then.
        ("Europe/London", 0),
        # A name alone proves nothing.
        ("UTC", 1),
        ("UTC", -1),
    ],
)
def test_another_zone_is_refused_with_the_remedy(zone: str, hours: int) -> None:
    with pytest.raises(SimulatorError) as error:
        check_utc(zone, _UTC + timedelta(hours=hours), _UTC)
    assert f"global time_zone is {zone!r}" in str(error.value)
    assert "TZ=UTC" in str(error.value)
    assert error.value.exit_status == 1
