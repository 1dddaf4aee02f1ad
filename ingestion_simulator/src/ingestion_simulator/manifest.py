"""What the load manifest says is in the warehouse."""

from datetime import date, datetime, timedelta

from ingestion_simulator.warehouse import Warehouse


def foreign_world(warehouse: Warehouse, world_id: str) -> str | None:
    """Returns the identity of another world that the manifest holds rows of, if any."""
    rows = warehouse.execute(
        "SELECT world_id FROM retail_raw.raw_load_manifest WHERE world_id <> %s LIMIT 1",
        (world_id,),
    )
    return rows[0][0] if rows else None


def rows_per_day(warehouse: Warehouse) -> dict[date, int]:
    """Counts manifest rows per day: one short row per day, however long history is."""
    rows = warehouse.execute(
        "SELECT date_trunc('day', window_start) AS window_day, count(*) "
        "FROM retail_raw.raw_load_manifest GROUP BY date_trunc('day', window_start)"
    )
    return {_as_date(day): int(count) for day, count in rows}


def loaded_on(warehouse: Warehouse, day: date) -> set[tuple[str, datetime]]:
    """Lists (source, window start) of one day's manifest rows."""
    rows = warehouse.execute(
        "SELECT source, window_start FROM retail_raw.raw_load_manifest "
        "WHERE window_start >= %s AND window_start < %s",
        (f"{day} 00:00:00", f"{day + timedelta(days=1)} 00:00:00"),
    )
    return {(source, window_start) for source, window_start in rows}


def _as_date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
