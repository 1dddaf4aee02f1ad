"""What makes a fresh StarRocks cluster the platform's warehouse: `ingestion-simulator setup`.

Every step asks for what is there and adds what is missing, so that it may be run again at any time,
by two processes at once too.
"""

from ingestion_simulator.setup.passwords import Passwords
from ingestion_simulator.setup.patience import Patience
from ingestion_simulator.setup.prepare import prepare

__all__ = ["Passwords", "Patience", "prepare"]
