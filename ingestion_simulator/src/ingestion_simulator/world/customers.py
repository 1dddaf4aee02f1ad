"""The customers: a base population at the epoch, sign-ups, changes of details, erasures.

A customer is an index: 0 to `base_population` - 1 are there at the epoch, later ones sign up at
times with a closed form. Whoever was among the newest `active_population` customers is touched once
in a cycle of 60 days; which hour of the cycle is a matter of the index modulo the cycle's length,
so that the customers who change in a given hour are an arithmetic progression.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.changes import LONGEST_DELAY, Changes, arriving
from ingestion_simulator.world.clock import DAY, HOUR, HOUR_SHARES, epoch_of, hour_of
from ingestion_simulator.world.markets import COUNTRY_BOUNDS
from ingestion_simulator.world.randomness import (
    Integers,
    below,
    bits,
    choose,
    draw,
    happens,
)

SOURCE = "crm"
REGISTERED, UPDATED, ERASED = 0, 1, 2

_FIRST_ID = 100_001
_CYCLE_HOURS = 60 * 24
# Coprime with the cycle's length: consecutive hours pick remainders far apart.
_HOUR_STRIDE = 1007
_ERASED_SHARE = 0.02
_ERASED_AFTER = 10 * DAY
_ERASED_BEFORE = 90 * DAY
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Profile:
    """How customers look at a change; indexes into the vocabulary, modulo its pools' sizes."""

    country: Integers
    given_name: Integers
    family_name: Integers
    city: Integers
    mail_domain: Integers
    segment: Integers
    opted_in: NDArray[np.bool_]
    created_at: Integers


def customer_id(index: Integers) -> Integers:
    """The id under which the systems know a customer."""
    return index + _FIRST_ID


def base_population(settings: WorldSettings) -> int:
    """How many customers there are at the epoch.

    At most 50,000: they arrive in one window, and a window is held in memory as a whole.
    """
    return min(50_000, max(500, 4 * settings.orders_per_day))


def active_population(settings: WorldSettings) -> int:
    """How many of the newest customers buy and change their details."""
    return 2 * base_population(settings)


def _sign_ups_per_day(settings: WorldSettings) -> int:
    return max(3, base_population(settings) // 160)


def _sign_ups_before_hour(settings: WorldSettings) -> Integers:
    """Sign-ups of a day before each of its hours, and of the whole day: 25 numbers."""
    reached = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(HOUR_SHARES)])
    return _sign_ups_per_day(settings) * reached // 1000


def known_before(settings: WorldSettings, hour: Integers) -> Integers:
    """How many customers had registered before an hour counted from the epoch began."""
    day, hour_of_day = np.divmod(hour, 24)
    later = _sign_ups_per_day(settings) * day + _sign_ups_before_hour(settings)[hour_of_day]
    return np.where(hour < 0, 0, base_population(settings) + later)


def registered_at(settings: WorldSettings, index: Integers) -> Integers:
    """When each customer's record was first written."""
    before = _sign_ups_before_hour(settings)
    sign_up = np.maximum(index - base_population(settings), 0)
    day, ordinal = np.divmod(sign_up, _sign_ups_per_day(settings))
    hour = np.searchsorted(before[1:], ordinal, side="right").astype(np.int64)
    step = HOUR // np.maximum(1, before[hour + 1] - before[hour])
    shake = draw(settings.seed, "customer/sign-up", index)
    # Two numbers below 2^32 multiply without overflow; a step is at most 3.6e9 microseconds.
    within = (ordinal - before[hour]) * step + (bits(shake, 0, 30) * step >> 30)
    since_epoch = np.where(
        index < base_population(settings), index, day * DAY + hour * HOUR + within
    )
    return epoch_of(settings) + since_epoch


def erased_at(settings: WorldSettings, index: Integers) -> Integers:
    """When each customer is erased; the largest int64 for those who never are."""
    words = draw(settings.seed, "customer/erasure", index)
    erased = np.full(len(index), _NEVER, dtype=np.int64)
    chosen = np.flatnonzero(happens(words, _ERASED_SHARE))
    delay = bits(words[chosen], 0, 20) * (_ERASED_BEFORE - _ERASED_AFTER) >> 20
    erased[chosen] = registered_at(settings, index[chosen]) + _ERASED_AFTER + delay
    return erased


def country(settings: WorldSettings, index: Integers) -> Integers:
    """Index of the country each customer lives in, for good."""
    return choose(bits(draw(settings.seed, "customer/country", index), 0, 16), COUNTRY_BOUNDS)


def profile(settings: WorldSettings, changes: Changes) -> Profile:
    """The full image of the customers after each change; erasures look like the moment before.

    In each cycle exactly one of city, mail domain, segment and opt-in moves on by one step of its
    pool, so an image is a function of (customer, cycle), and no update is without a difference.
    """
    index = changes.entity
    words = draw(settings.seed, "customer/profile", index)
    cycle = np.where(
        changes.kind == UPDATED,
        hour_of_each(settings, changes.changed_at) // _CYCLE_HOURS,
        _first_cycle(settings, index),
    )
    steps = cycle + index
    registered = registered_at(settings, index)
    age = (bits(words, 40, 16) * (1100 * DAY)) >> 16
    return Profile(
        country=country(settings, index),
        given_name=bits(words, 0, 16),
        family_name=bits(words, 16, 16),
        city=bits(words, 32, 8) + steps // 4,
        mail_domain=bits(words, 40, 8) + (steps - 1) // 4,
        segment=bits(words, 48, 8) + (steps - 2) // 4,
        opted_in=(bits(words, 56, 8) + (steps - 3) // 4) % 2 == 1,
        # The base population signed up in the three years before the epoch.
        created_at=np.where(index < base_population(settings), registered - age, registered),
    )


def hour_of_each(settings: WorldSettings, moments: Integers) -> Integers:
    """Hours from the epoch to the hour that holds each moment."""
    return (moments - epoch_of(settings)) // HOUR


def _first_cycle(settings: WorldSettings, index: Integers) -> Integers:
    """The cycle that a first image belongs to; changes come in later ones only."""
    signed_up = hour_of_each(settings, registered_at(settings, index)) // _CYCLE_HOURS
    return np.where(index < base_population(settings), -1, signed_up)


def customer_changes(settings: WorldSettings, start: int, end: int) -> Changes:
    """The registrations, updates and erasures that arrive in [start, end).

    `sequence` is the position in the CRM's log: microseconds since the epoch, plus one.
    The base population is never late: it is a snapshot.
    """
    made_from, made_to = start - LONGEST_DELAY, end
    parts = [
        _registrations(settings, made_from, made_to),
        _updates(settings, made_from, made_to),
        _erasures(settings, made_from, made_to),
    ]
    index, changed_at = (np.concatenate(column) for column in zip(*parts, strict=True))
    kind = np.repeat(np.array([REGISTERED, UPDATED, ERASED]), [len(part[0]) for part in parts])
    sequence = changed_at - epoch_of(settings) + 1
    punctual = (index < base_population(settings)) & (kind == REGISTERED)
    return arriving(
        settings, SOURCE, start, end, (index, sequence, kind, changed_at), punctual=punctual
    )


def _range(settings: WorldSettings, from_: int, to: int) -> Integers:
    """The customers who registered in [from_, to), and a few of the hours around."""
    hours = np.array([hour_of(settings, from_), hour_of(settings, to - 1) + 1], dtype=np.int64)
    first, last = known_before(settings, hours)
    # The base population registers within the first second of hour 0.
    return np.arange(0 if hours[0] <= 0 else first, last, dtype=np.int64)


def _registrations(settings: WorldSettings, from_: int, to: int) -> tuple[Integers, Integers]:
    index = _range(settings, from_, to)
    return index, registered_at(settings, index)


def _erasures(settings: WorldSettings, from_: int, to: int) -> tuple[Integers, Integers]:
    index = _range(settings, from_ - _ERASED_BEFORE, to - _ERASED_AFTER)
    moment = erased_at(settings, index)
    chosen = moment < to
    return index[chosen], moment[chosen]


def _updates(settings: WorldSettings, from_: int, to: int) -> tuple[Integers, Integers]:
    hours = np.arange(
        max(0, hour_of(settings, from_)), max(0, hour_of(settings, to - 1) + 1), dtype=np.int64
    )
    cycle = hours // _CYCLE_HOURS
    shift = below(draw(settings.seed, "customer/cycle", cycle), _CYCLE_HOURS)
    remainder = (hours % _CYCLE_HOURS * _HOUR_STRIDE + shift) % _CYCLE_HOURS
    known = known_before(settings, hours)
    oldest = np.maximum(0, known - active_population(settings))
    first = oldest + (remainder - oldest) % _CYCLE_HOURS
    count = np.maximum(0, (known - first + _CYCLE_HOURS - 1) // _CYCLE_HOURS)
    hour = np.repeat(hours, count)
    turn = np.arange(len(hour), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    index = np.repeat(first, count) + turn * _CYCLE_HOURS
    within = bits(draw(settings.seed, "customer/update", index, hour), 0, 30) * HOUR >> 30
    moment = epoch_of(settings) + hour * HOUR + within
    chosen = (_first_cycle(settings, index) < hour // _CYCLE_HOURS) & (
        moment < erased_at(settings, index)
    )
    return index[chosen], moment[chosen]


def buyers(settings: WorldSettings, order_id: Integers, ordered_at: Integers) -> Integers:
    """Indexes of the customers who place orders: registered before, and not erased by then."""
    known = known_before(settings, hour_of_each(settings, ordered_at))
    active = np.minimum(known, active_population(settings))
    index = np.empty(len(order_id), dtype=np.int64)
    open_ = np.arange(len(order_id), dtype=np.int64)
    attempt = 0
    while len(open_):
        words = draw(settings.seed, "order/customer", order_id[open_], attempt)
        pick = known[open_] - 1 - below(words, active[open_])
        # Every eighth customer is a regular, who places half of the orders.
        pick -= np.where(words & np.uint64(1), pick % 8, 0)
        index[open_] = pick
        open_ = open_[erased_at(settings, pick) <= ordered_at[open_]]
        attempt += 1
    return index
