"""What the load manifest says is in the warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.warehouse import Warehouse
from ingestion_simulator.windows import Window

# The loader's own tables have no event of a source, so their window is a plain column.
_OWN_TABLES = ("raw_rejects", "raw_load_manifest")


@dataclass(frozen=True)
class DayRecord:
    """One UTC day of the manifest.

    Attributes:
        rows: Manifest rows, one per source and window.
        worlds: Identities of the worlds that they come from, at most two of them.
    """

    rows: int
    worlds: frozenset[str]


def recorded_days(
    warehouse: Warehouse, since: datetime | None = None
) -> Mapping[datetime, DayRecord]:
    """Sums the manifest up by UTC midnight: a short row per day, however long history is."""
    rows = warehouse.execute(
        "SELECT date_trunc('day', window_start), count(*), min(world_id), max(world_id) "
        "FROM retail_raw.raw_load_manifest WHERE window_start >= %s "
        "GROUP BY date_trunc('day', window_start)",
        (_literal(since or datetime(1970, 1, 1, tzinfo=UTC)),),
    )
    return {
        _midnight(day): DayRecord(int(count), frozenset((lowest, highest)))
        for day, count, lowest, highest in rows
    }


def recorded_windows(warehouse: Warehouse, day: datetime) -> set[tuple[str, datetime]]:
    """Lists (source, window start) of the manifest rows of one UTC day."""
    rows = warehouse.execute(
        "SELECT source, window_start FROM retail_raw.raw_load_manifest "
        "WHERE window_start >= %s AND window_start < %s",
        (_literal(day), _literal(day + timedelta(days=1))),
    )
    return {(source, window_start.replace(tzinfo=UTC)) for source, window_start in rows}


def count_rows(warehouse: Warehouse, table: str, batch: Sequence[Window]) -> int:
    """Counts the rows of a raw table that arrived in the windows of a batch."""
    column = "window_start" if table in _OWN_TABLES else "_window_start"
    rows = warehouse.execute(
        f"SELECT count(*) FROM retail_raw.{table} WHERE {column} >= %s AND {column} < %s",  # noqa: S608 - names of our own
        (_literal(batch[0].start), _literal(batch[-1].end)),
    )
    return int(rows[0][0])


def require_one_world(days: Mapping[datetime, DayRecord], world_id: str) -> None:
    """Refuses to mix two worlds in one warehouse.

    Raises:
        SimulatorError: The manifest holds rows of another world.
    """
    for record in days.values():
        if record.worlds != {world_id}:
            raise SimulatorError(
                "retail_raw holds another world: use the same SIMULATOR_ settings that loaded it, "
                "or start over with `ingestion-simulator init --reset`"
            )


def _literal(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _midnight(day: date | datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
