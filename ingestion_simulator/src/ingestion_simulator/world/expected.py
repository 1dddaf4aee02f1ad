"""What the warehouse must hold, computed from the seed alone.

Nothing here reads a frame that a source has sent or shares code with a dbt model: `verify` compares
the two. A row of the marts depends on what has arrived, so the expectation takes the coverage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world import catalogue, customers, orders, rates
from ingestion_simulator.world.baskets import baskets
from ingestion_simulator.world.changes import Changes, is_broken
from ingestion_simulator.world.clock import microseconds
from ingestion_simulator.world.coverage import Coverage
from ingestion_simulator.world.expected_sales import GRAIN, expected_sales
from ingestion_simulator.world.randomness import Integers

_DAY = timedelta(days=1)
# Arrays of this many orders and their lines take about 60 MB.
_ORDERS_AT_ONCE = 100_000


@dataclass(frozen=True)
class RawTotals:
    """What a raw table and the rejects hold of a source's events in some interval of arrival."""

    row_count: int
    reject_count: int
    control_total: Decimal


@dataclass(frozen=True)
class ExpectedDay:
    """What the warehouse must hold about one UTC day.

    Attributes:
        raw: By source, the totals of the events that arrived on that day and are covered.
        sales: `fact_daily_sales` of the orders placed on that day, as known from the coverage:
            one row per sales_date, product_id, ship_country_code and channel, in this order.
            Amounts of an order line whose rate or cost is not covered count as 0.
    """

    raw: dict[str, RawTotals]
    sales: pl.DataFrame

    @property
    def sales_totals(self) -> dict[str, int | Decimal]:
        """The sum of every measure over the rows of `sales`."""
        return self.sales.drop(GRAIN).sum().row(0, named=True)


def expected_daily(settings: WorldSettings, day: date, covered: Coverage) -> ExpectedDay:
    """The expectation for one UTC day; needs about 100 MB, whatever the day or its volume."""
    start = datetime.combine(day, time(), UTC)
    raw = {}
    for source in _CHANGES:
        parts = [
            expected_raw(settings, source, max(start, window.start), min(start + _DAY, window.end))
            for window in covered.get(source, ())
            if window.start < start + _DAY and window.end > start
        ]
        raw[source] = RawTotals(
            sum(part.row_count for part in parts),
            sum(part.reject_count for part in parts),
            sum((part.control_total for part in parts), Decimal(0)),
        )
    return ExpectedDay(raw, expected_sales(settings, day, covered))


def expected_raw(settings: WorldSettings, source: str, start: datetime, end: datetime) -> RawTotals:
    """The totals of what a source delivers in [start, end).

    Args:
        settings: The world.
        source: Name of the source.
        start: An aware datetime.
        end: A later one.
    """
    row_count = reject_count = control = 0
    pieces = 1 + (end - start) * settings.orders_per_day // (_DAY * _ORDERS_AT_ONCE)
    bounds = np.linspace(microseconds(start), microseconds(end), pieces + 1, dtype=np.int64)
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        changes = _CHANGES[source](settings, first, last)
        row_count += len(changes)
        reject_count += int(is_broken(settings, source, changes).sum())
        control += sum(int(values.sum()) for values in _CONTROLS[source](settings, changes))
    return RawTotals(row_count, reject_count, Decimal(control).scaleb(-_SCALES[source]))


def _sequences(_: WorldSettings, changes: Changes) -> Iterator[Integers]:
    yield changes.sequence


def _list_prices(settings: WorldSettings, changes: Changes) -> Iterator[Integers]:
    yield catalogue.prices(settings, changes.entity, catalogue.version_of(changes))[0]


def _order_totals(settings: WorldSettings, changes: Changes) -> Iterator[Integers]:
    ids, images = np.unique(changes.entity, return_counts=True)
    for first in range(0, len(ids), _ORDERS_AT_ONCE):
        part = slice(first, first + _ORDERS_AT_ONCE)
        placed = orders.placements_of(settings, ids[part])
        yield baskets(settings, placed).total_amount * images[part]


def _published(settings: WorldSettings, changes: Changes) -> Iterator[Integers]:
    yield rates.rates(settings, changes.entity, changes.sequence)


_CHANGES = {
    rates.SOURCE: rates.rate_changes,
    customers.SOURCE: customers.customer_changes,
    catalogue.SOURCE: catalogue.catalogue_changes,
    orders.SOURCE: orders.order_changes,
}
_CONTROLS = {
    rates.SOURCE: _published,
    customers.SOURCE: _sequences,
    catalogue.SOURCE: _list_prices,
    orders.SOURCE: _order_totals,
}
# Decimal places of the control column.
_SCALES = {rates.SOURCE: 8, customers.SOURCE: 0, catalogue.SOURCE: 2, orders.SOURCE: 2}
