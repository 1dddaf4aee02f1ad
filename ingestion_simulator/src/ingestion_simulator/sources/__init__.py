"""The four systems that write into the warehouse, in the order in which a window is loaded."""

from ingestion_simulator.sources.catalog import CATALOG
from ingestion_simulator.sources.crm import CRM
from ingestion_simulator.sources.order_management import ORDER_MANAGEMENT
from ingestion_simulator.sources.rates_api import RATES_API
from ingestion_simulator.sources.source import Source

# Rates and dimensions first: what an order refers to is there before it, unless it is late.
SOURCES: tuple[Source, ...] = (RATES_API, CRM, CATALOG, ORDER_MANAGEMENT)

__all__ = ["CATALOG", "CRM", "ORDER_MANAGEMENT", "RATES_API", "SOURCES", "Source"]
