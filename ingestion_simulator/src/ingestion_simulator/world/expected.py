"""What the warehouse must hold, computed from the seed alone.

Nothing here reads a frame that a source has sent or shares code with a dbt model: `verify` compares
the two. A row of the marts depends on what has arrived, so every function takes the coverage: for
each source the intervals of arrival that are in the warehouse.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.windows import Window
from ingestion_simulator.world import catalogue, customers, orders, rates
from ingestion_simulator.world.baskets import Baskets, baskets
from ingestion_simulator.world.changes import Changes, arrival_of, is_broken
from ingestion_simulator.world.clock import day_of, microseconds
from ingestion_simulator.world.markets import CHANNELS, COUNTRIES, CURRENCIES
from ingestion_simulator.world.orders import Placements
from ingestion_simulator.world.randomness import Integers

Coverage = Mapping[str, Sequence[Window]]

_DAY = timedelta(days=1)
_SOURCES = (rates.SOURCE, customers.SOURCE, catalogue.SOURCE, orders.SOURCE)
_ONE = 10**8  # an exchange rate of 1
# Arrays of this many orders and their lines take about 60 MB.
_ORDERS_AT_ONCE = 100_000
_GRAIN = ("sales_date", "product_id", "ship_country_code", "channel")
_AMOUNTS = (
    *("gross_sales_eur", "discount_eur", "returns_eur", "net_sales_eur", "cost_eur"),
    "cancelled_eur",
)


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
        return self.sales.drop(_GRAIN).sum().row(0, named=True)


def covered_between(start: datetime, end: datetime) -> Coverage:
    """The coverage in which every source has delivered all of [start, end)."""
    return {source: (Window(start, end),) for source in _SOURCES}


def expected_daily(settings: WorldSettings, day: date, covered: Coverage) -> ExpectedDay:
    """The expectation for one UTC day; needs about 100 MB, whatever the day or its volume."""
    start = datetime.combine(day, time(), UTC)
    raw = {}
    for source in _SOURCES:
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
    return ExpectedDay(raw, _expected_sales(settings, day, covered))


def expected_raw(settings: WorldSettings, source: str, start: datetime, end: datetime) -> RawTotals:
    """The totals of what a source delivers in [start, end).

    Args:
        settings: The world.
        source: Name of the source.
        start: An aware datetime.
        end: A later one.
    """
    row_count = reject_count = control = 0
    pieces = 1 + (end - start) // _DAY * settings.orders_per_day // _ORDERS_AT_ONCE
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


class _Arrived:
    """Tells whether changes of a source are covered."""

    def __init__(self, settings: WorldSettings, source: str, covered: Coverage) -> None:
        self._settings = settings
        self._source = source
        windows = sorted(covered.get(source, ()))
        self._starts = np.array([microseconds(window.start) for window in windows], dtype=np.int64)
        self._ends = np.array([microseconds(window.end) for window in windows], dtype=np.int64)

    def __call__(
        self,
        entity: Integers,
        sequence: Integers,
        changed_at: Integers,
        punctual: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.bool_]:
        moment = arrival_of(self._settings, self._source, entity, sequence, changed_at, punctual)
        # The newest interval that had begun by then must not have ended.
        interval = np.searchsorted(self._starts, moment, side="right") - 1
        ends = np.append(self._ends, np.iinfo(np.int64).min)
        inside: NDArray[np.bool_] = moment < ends[interval]
        return inside


def _expected_sales(settings: WorldSettings, day: date, covered: Coverage) -> pl.DataFrame:
    number = day_of(settings, microseconds(datetime.combine(day, time(), UTC)))
    rate = _known_rates(settings, number, _Arrived(settings, rates.SOURCE, covered))
    per_span = max(1, min(24, _ORDERS_AT_ONCE * 12 // settings.orders_per_day))
    parts = []
    for hour in range(number * 24, number * 24 + 24, per_span):
        placed = orders.placements(settings, hour, min(hour + per_span, number * 24 + 24))
        parts.append(_sales_of(settings, placed, rate, covered))
    measures = pl.concat(parts).group_by(_GRAIN[1:]).sum().sort(_GRAIN[1:])
    return measures.select(
        pl.lit(day).alias("sales_date"),
        *_GRAIN[1:],
        *("order_count", "quantity"),
        *((pl.col(name).cast(pl.Decimal(38, 2)) / Decimal("100.00")) for name in _AMOUNTS),
    )


def _sales_of(
    settings: WorldSettings, placed: Placements, rate: Integers, covered: Coverage
) -> pl.DataFrame:
    """The measures of some orders' lines, amounts in cents, one row per grain."""
    status = _known_status(settings, placed, _Arrived(settings, orders.SOURCE, covered))
    known = status >= 0
    placed, status = placed.take(known), status[known]
    held = baskets(settings, placed)
    lines = held.lines
    gross = _in_euro(held, lines.quantity * lines.unit_price, rate)
    discount = _in_euro(held, lines.discount_amount, rate)
    cost = lines.quantity * _known_cost(
        settings, lines.product_id, lines.version, _Arrived(settings, catalogue.SOURCE, covered)
    )
    cancelled = status[lines.order] == orders.CANCELLED
    sold = ~cancelled
    returned = np.where(status[lines.order] == orders.RETURNED, gross - discount, 0)
    frame = pl.DataFrame(
        {
            "product_id": lines.product_id,
            "ship_country_code": pl.Series(COUNTRIES).gather(held.country[lines.order]),
            "channel": pl.Series(CHANNELS).gather(held.channel[lines.order]),
            # The lines of an order are of different products, so each one is an order of its row.
            "order_count": sold.astype(np.int64),
            "quantity": lines.quantity * sold,
            "gross_sales_eur": gross * sold,
            "discount_eur": discount * sold,
            "returns_eur": returned,
            "net_sales_eur": (gross - discount) * sold - returned,
            "cost_eur": cost * sold,
            "cancelled_eur": (gross - discount) * cancelled,
        }
    )
    return frame.group_by(_GRAIN[1:]).sum()


def _in_euro(held: Baskets, cents: Integers, rate: Integers) -> Integers:
    """Rounds half up; amounts are never negative."""
    line_rate = rate[held.currency[held.lines.order]]
    return (cents * line_rate + _ONE // 2) // _ONE


def _known_status(settings: WorldSettings, placed: Placements, arrived: _Arrived) -> Integers:
    """The newest status that has arrived of each order; -1 if nothing of it has."""
    status = np.full(len(placed.order_id), -1, dtype=np.int64)
    course = orders.course(settings, placed)
    for code in sorted(course, key=lambda code: int(orders.SEQUENCES[code])):
        sequence = np.full(len(status), orders.SEQUENCES[code], dtype=np.int64)
        there = arrived(placed.order_id, sequence, course[code]) & (course[code] > 0)
        status[there] = code
    return status


def _known_rates(settings: WorldSettings, day: int, arrived: _Arrived) -> Integers:
    """The rate of each currency that holds for a day: its newest, else that of an earlier day."""
    found = np.zeros(len(CURRENCIES), dtype=np.int64)
    found[0] = _ONE
    while day >= 0 and not found.all():
        ids, sequence, _, changed_at = rates.publications(settings, np.array([day]))
        there = arrived(ids, sequence, changed_at, rates.is_punctual(ids))
        value = rates.rates(settings, ids, sequence)
        missing = found == 0
        # Corrections come last, so that they replace what they correct.
        for position in np.flatnonzero(there & missing[ids % 8]):
            found[ids[position] % 8] = value[position]
        day -= 1
    return found


def _known_cost(
    settings: WorldSettings, product_id: Integers, version: Integers, arrived: _Arrived
) -> Integers:
    """Cost of each line's product by the newest version up to the line's own that has arrived."""
    pairs, position = np.unique(product_id * 1000 + version, return_inverse=True)
    product, candidate = np.divmod(pairs, 1000)
    cost = np.zeros(len(pairs), dtype=np.int64)
    open_ = np.arange(len(pairs))
    while len(open_):
        made_at = catalogue.version_made_at(settings, product[open_], candidate[open_])
        there = arrived(
            product[open_], candidate[open_] + 1, made_at, punctual=candidate[open_] == 0
        )
        found = open_[there]
        cost[found] = catalogue.prices(settings, product[found], candidate[found])[1]
        candidate[open_] -= 1
        open_ = open_[~there & (candidate[open_] >= 0)]
    return cost[position]
