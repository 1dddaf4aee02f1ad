"""Orders: how many are placed in an hour, and when each one moves on.

An order's id holds its hour and its place in it, so everything about an order follows from its id.
Every delay is bounded, so the changes of an interval come from orders of a bounded span before it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.changes import LONGEST_DELAY, Changes, arriving, join
from ingestion_simulator.world.clock import (
    DAY,
    HOUR,
    HOUR_SHARES,
    MINUTE,
    SECOND,
    WEEKDAY_SHARES,
    epoch_of,
    hour_of,
)
from ingestion_simulator.world.randomness import Integers, Words, bits, draw

SOURCE = "order_management"
STATUSES = ("placed", "paid", "shipped", "delivered", "returned", "cancelled")
PLACED, PAID, SHIPPED, DELIVERED, RETURNED, CANCELLED = range(6)
# change_seq of each status.
SEQUENCES: Integers = np.array([1, 2, 3, 4, 5, 2], dtype=np.int64)

_ID_STEP = 1_000_000
_CANCELLED_BELOW = 5 * 65536 // 100
_RETURNED_BELOW = 11 * 65536 // 100

# After which an order has seen its last change, returns aside, and returns included.
_DELIVERED_WITHIN = 8 * DAY
_RETURNED_WITHIN = 22 * DAY
# 2^17 orders at once keep every array within 1 MB; longer ones leave the cache and cost 1.6 times.
_ORDERS_AT_ONCE = 2**17
_ORDERS_PER_BLOCK = 60_000


@dataclass(frozen=True)
class Placements:
    """Orders by id, with the moment of placing and the random bits that decide their course."""

    order_id: Integers
    ordered_at: Integers
    fate: Words

    def take(self, chosen: NDArray[np.bool_]) -> "Placements":
        """The chosen orders."""
        return Placements(self.order_id[chosen], self.ordered_at[chosen], self.fate[chosen])


def orders_in(settings: WorldSettings, hours: Integers) -> Integers:
    """How many orders are placed in each hour counted from the epoch."""
    day, hour_of_day = np.divmod(hours, 24)
    weekday = (settings.epoch.weekday() + day) % 7
    words = draw(settings.seed, "order/count", hours)
    mood = 920 + (bits(words, 0, 16) * 161 >> 16)
    share = HOUR_SHARES[hour_of_day] * WEEKDAY_SHARES[weekday] * mood
    # Rounded up or down at random, so that small shops have orders too. Below 2^62 at the most.
    expected = settings.orders_per_day * share * 1024 // (1000 * 100 * 1000)
    count: Integers = (expected + bits(words, 16, 10)) >> 10
    return count


def placements(settings: WorldSettings, first_hour: int, end_hour: int) -> Placements:
    """All orders that are placed in [first_hour, end_hour), hours counted from the epoch."""
    hours = np.arange(first_hour, end_hour, dtype=np.int64)
    count = orders_in(settings, hours)
    order_id = _ids(hours, count)
    ordinal = order_id - np.repeat((hours + 1) * _ID_STEP, count)
    return _placed(settings, order_id, np.repeat(hours, count), ordinal, np.repeat(count, count))


def placements_of(settings: WorldSettings, order_id: Integers) -> Placements:
    """The orders with the given ids."""
    hour, ordinal = np.divmod(order_id, _ID_STEP)
    hours, position = np.unique(hour - 1, return_inverse=True)
    count = orders_in(settings, hours)[position]
    return _placed(settings, order_id, hours[position], ordinal, count)


def _returned(settings: WorldSettings, first_hour: int, end_hour: int) -> Placements:
    """The orders of [first_hour, end_hour) that are returned one day."""
    hours = np.arange(first_hour, end_hour, dtype=np.int64)
    order_id = _ids(hours, orders_in(settings, hours))
    outcome = draw(settings.seed, "order/fate", order_id) & np.uint64(0xFFFF)
    return placements_of(
        settings, order_id[(outcome >= _CANCELLED_BELOW) & (outcome < _RETURNED_BELOW)]
    )


def _ids(hours: Integers, count: Integers) -> Integers:
    first = (hours + 1) * _ID_STEP - (np.cumsum(count) - count)
    ids: Integers = np.arange(count.sum(), dtype=np.int64) + np.repeat(first, count)
    return ids


def _placed(
    settings: WorldSettings, order_id: Integers, hour: Integers, ordinal: Integers, count: Integers
) -> Placements:
    fate = draw(settings.seed, "order/fate", order_id)
    # Orders are spread evenly over the hour, each at random within its share of it. The first
    # second stays free: at the epoch it is when customers and products come into being.
    step = (HOUR - SECOND) // count
    shake = bits(fate * np.uint64(0xD1342543DE82EF95), 34, 30)
    ordered_at = epoch_of(settings) + hour * HOUR + SECOND + ordinal * step + (shake * step >> 30)
    return Placements(order_id, ordered_at, fate)


def course(settings: WorldSettings, orders: Placements) -> dict[int, Integers]:
    """When each order takes each status; 0 where it never does."""
    fate = orders.fate
    outcome = bits(fate, 0, 16)
    cancelled = outcome < _CANCELLED_BELOW
    haste = bits(fate, 16, 16)
    # To the fourth power: half of the orders are paid within 45 minutes, all within 12 hours.
    patience = (haste * haste >> 8) * (haste * haste >> 8) >> 24
    paid = orders.ordered_at + MINUTE // 2 + (patience * (12 * HOUR) >> 24)
    shipped = paid + 4 * HOUR + (bits(fate, 32, 16) * (2 * DAY) >> 16)
    delivered = shipped + DAY + (bits(fate, 48, 16) * (4 * DAY) >> 16)
    returned = np.zeros(len(fate), dtype=np.int64)
    sent_back = np.flatnonzero(~cancelled & (outcome < _RETURNED_BELOW))
    wait = bits(draw(settings.seed, "order/return", orders.order_id[sent_back]), 0, 16)
    returned[sent_back] = delivered[sent_back] + DAY + (wait * (13 * DAY) >> 16)
    regret = orders.ordered_at + 5 * MINUTE + (haste * (11 * HOUR) >> 16)
    return {
        PLACED: orders.ordered_at,
        PAID: np.where(cancelled, 0, paid),
        SHIPPED: np.where(cancelled, 0, shipped),
        DELIVERED: np.where(cancelled, 0, delivered),
        RETURNED: returned,
        CANCELLED: np.where(cancelled, regret, 0),
    }


def order_changes(settings: WorldSettings, start: int, end: int) -> Changes:
    """The changes of orders that arrive in [start, end).

    To look back at 23 days of orders takes 0.12 s at 200,000 a day, for any interval up to a day.
    So changes are found for blocks of arrival of about 250,000, and the last block is kept: with
    one lookback per batch of 30,000 rows, that alone took two thirds of a backfill's time.
    """
    epoch = epoch_of(settings)
    length = DAY // (1 + settings.orders_per_day // _ORDERS_PER_BLOCK)
    parts = []
    for block in range(max(0, (start - epoch) // length), (end - 1 - epoch) // length + 1):
        first = epoch + block * length
        changes = _arriving_between(settings, first, first + length)
        inside = (changes.arrival >= start) & (changes.arrival < end)
        parts.append(changes.take(inside))
    return join(parts)


@lru_cache(maxsize=1)
def _arriving_between(settings: WorldSettings, start: int, end: int) -> Changes:
    since = start - LONGEST_DELAY
    found = []
    for first, last, only_returns in _lookback(settings, since, end):
        # Where only returns can happen any more, one draw each finds the few orders in question.
        orders = (_returned if only_returns else placements)(settings, first, last)
        for status, moment in course(settings, orders).items():
            near = np.flatnonzero((moment > since) & (moment < end))
            kind = np.full(len(near), status, dtype=np.int64)
            made = (orders.order_id[near], SEQUENCES[kind], kind, moment[near])
            found.append(arriving(settings, SOURCE, start, end, made))
    return join(found)


def _lookback(settings: WorldSettings, since: int, end: int) -> list[tuple[int, int, bool]]:
    """Spans of hours whose orders can change in (since, end), and whether only by a return."""
    oldest = max(0, hour_of(settings, since - _RETURNED_WITHIN))
    recent = max(0, hour_of(settings, since - _DELIVERED_WITHIN))
    stop = max(0, hour_of(settings, end - 1) + 1)
    per_span = max(1, _ORDERS_AT_ONCE * 24 // settings.orders_per_day)
    return [
        (hour, min(last, hour + per_span), only_returns)
        for first, last, only_returns in ((oldest, recent, True), (recent, stop, False))
        for hour in range(first, last, per_span)
    ]
