"""`ingestion-simulator verify`: the warehouse against the seed."""

from ingestion_simulator.connection import Connection
from ingestion_simulator.settings import WorldSettings


def verify(settings: WorldSettings, connection: Connection, *, raw_only: bool) -> int:
    """Placeholder."""
    raise NotImplementedError
