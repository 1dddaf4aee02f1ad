"""The catalogue: slots on the shelf, each of which hosts one product after another.

A slot's products (generations) and each product's prices (versions) begin on days that have a
closed form, so what a slot holds on any day costs the same to compute. All changes of a slot take
effect at the slot's own time of day.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.changes import LONGEST_DELAY, Changes, arriving, join
from ingestion_simulator.world.clock import DAY, HOUR, day_of, epoch_of
from ingestion_simulator.world.randomness import Integers, below, below_low, bits, draw
from ingestion_simulator.world.vocabulary import CATEGORIES

SOURCE = "catalog"
LAUNCHED, REPRICED, DISCONTINUED = 0, 1, 2

SLOTS = 400
_SLOT_IDS: Integers = np.arange(SLOTS, dtype=np.int64)
_ID_STEP = 1000
_LOWEST_PRICES: Integers = np.array([c.lowest_price for c in CATEGORIES], dtype=np.int64)
_HIGHEST_PRICES: Integers = np.array([c.highest_price for c in CATEGORIES], dtype=np.int64)


@dataclass(frozen=True)
class Shelf:
    """What each slot holds on one day, from the slot's time of change on; arrays of `SLOTS`.

    Attributes:
        product_id: The product.
        version: How often its price has changed.
        unit_price: List price in EUR cents.
        unit_cost: Cost in EUR cents.
    """

    product_id: Integers
    version: Integers
    unit_price: Integers
    unit_cost: Integers


def slot_of(product_id: Integers) -> Integers:
    """The slot that hosts the product."""
    return product_id % _ID_STEP


def category_of(product_id: Integers) -> Integers:
    """Index of the product's category; neighbouring slots belong to different ones."""
    return slot_of(product_id) % len(CATEGORIES)


@lru_cache(maxsize=4)
def time_of_change(settings: WorldSettings) -> Integers:
    """Microseconds after midnight at which each slot's changes take effect."""
    words = draw(settings.seed, "catalogue/time", _SLOT_IDS)
    return 6 * HOUR + below(words, 12 * 3600) * 1_000_000 + below_low(words, 1_000_000)


@lru_cache(maxsize=256)
def shelf(settings: WorldSettings, day: int) -> Shelf:
    """What the slots hold on a day counted from the epoch."""
    generation, launched = _generation(settings.seed, day)
    product_id = (generation + 1) * _ID_STEP + _SLOT_IDS
    version = _version(settings.seed, product_id, day - launched)
    unit_price, unit_cost = prices(settings, product_id, version)
    return Shelf(product_id, version, unit_price, unit_cost)


def _generation(seed: int, day: int) -> tuple[Integers, Integers]:
    """Number and first day of the generation that each slot hosts on a day."""
    length, offset = _rhythm_of_slots(seed)
    # A launch is shaken by less than half a length, so the answer is the guess or a neighbour.
    guess = (day + offset) // length
    later = _launch_day(seed, guess + 1) <= day
    generation: Integers = np.maximum(guess + later - (_launch_day(seed, guess) > day), 0)
    return generation, _launch_day(seed, generation)


@lru_cache(maxsize=4)
def _rhythm_of_slots(seed: int) -> tuple[Integers, Integers]:
    words = draw(seed, "catalogue/slot", _SLOT_IDS)
    length = 200 + below(words, 300)
    return length, below_low(words, length * 88 // 100)


def _launch_day(seed: int, generation: Integers) -> Integers:
    """The day on which each slot's given generation begins; 0 for the first."""
    length, offset = _rhythm_of_slots(seed)
    shake = below(draw(seed, "catalogue/launch", _SLOT_IDS, generation), length // 5 + 1)
    start: Integers = generation * length - offset + shake - length // 10
    return np.where(generation <= 0, 0, start)


def _version(seed: int, product_id: Integers, age: Integers) -> Integers:
    """How many price changes a product has seen at an age in days."""
    length, phase = _rhythm_of_products(seed, product_id)
    guess = (age + phase) // length
    later = _repricing_age(seed, product_id, guess + 1) <= age
    version: Integers = guess + later - (_repricing_age(seed, product_id, guess) > age)
    return np.maximum(version, 0)


def _rhythm_of_products(seed: int, product_id: Integers) -> tuple[Integers, Integers]:
    words = draw(seed, "catalogue/repricing", product_id)
    length = 25 + below(words, 45)
    return length, below_low(words, length // 2)


def _repricing_age(seed: int, product_id: Integers, version: Integers) -> Integers:
    """Days from a product's launch to the given price version; 0 for the first."""
    length, phase = _rhythm_of_products(seed, product_id)
    shake = below(draw(seed, "catalogue/version", product_id, version), length // 2 + 1)
    return np.where(version <= 0, 0, version * length - phase + shake - length // 4)


def version_made_at(settings: WorldSettings, product_id: Integers, version: Integers) -> Integers:
    """When price versions of products took effect; version 0 is the launch."""
    slot = slot_of(product_id)
    generations = product_id // _ID_STEP - 1
    launched = np.empty(len(product_id), dtype=np.int64)
    for generation in np.unique(generations).tolist():
        days = _launch_day(settings.seed, np.full(SLOTS, generation, dtype=np.int64))
        chosen = generations == generation
        launched[chosen] = days[slot[chosen]]
    day = launched + _repricing_age(settings.seed, product_id, version)
    at_epoch = day == 0
    return epoch_of(settings) + np.where(at_epoch, slot, day * DAY + time_of_change(settings)[slot])


def prices(
    settings: WorldSettings, product_id: Integers, version: Integers
) -> tuple[Integers, Integers]:
    """List price and cost of product versions, in EUR cents; the price always covers the cost."""
    category = category_of(product_id)
    words = draw(settings.seed, "catalogue/price", product_id)
    share = bits(words, 0, 16)
    spread = _HIGHEST_PRICES[category] - _LOWEST_PRICES[category]
    # Squared, so that a category has more cheap products than dear ones.
    base = _LOWEST_PRICES[category] + ((share * share >> 16) * spread >> 16)
    percent = 88 + below(draw(settings.seed, "catalogue/factor", product_id, version), 25)
    asked = base * percent // 100
    unit_price = np.where(asked < 2000, asked // 50 * 50 + 49, asked // 100 * 100 + 99)
    margin = 45 + below(words, 20)
    unit_cost = base * margin * (100 + version) // 10_000
    return unit_price, unit_cost


def catalogue_changes(settings: WorldSettings, start: int, end: int) -> Changes:
    """The launches, price changes and discontinuations that arrive in [start, end).

    A launch is never late: the shop cannot sell what its catalogue has not published.
    """
    parts = [_snapshot(settings)] if start <= epoch_of(settings) + SLOTS else []
    first_day = max(1, day_of(settings, start - LONGEST_DELAY))
    days = range(first_day, day_of(settings, end - 1) + 1)
    parts.extend(_changes_of(settings, day) for day in days)
    made = join(parts)
    columns = (made.entity, made.sequence, made.kind, made.changed_at)
    return arriving(settings, SOURCE, start, end, columns, punctual=made.kind == LAUNCHED)


def _snapshot(settings: WorldSettings) -> Changes:
    changed_at = epoch_of(settings) + _SLOT_IDS
    ones = np.ones(SLOTS, dtype=np.int64)
    product_id = shelf(settings, 0).product_id
    return Changes(product_id, ones, ones * LAUNCHED, changed_at, changed_at)


def _changes_of(settings: WorldSettings, day: int) -> Changes:
    before, after = shelf(settings, day - 1), shelf(settings, day)
    changed_at = epoch_of(settings) + day * DAY + time_of_change(settings)
    replaced = before.product_id != after.product_id
    repriced = ~replaced & (before.version != after.version)
    ones = np.ones(SLOTS, dtype=np.int64)
    chosen = np.concatenate([replaced, replaced, repriced])
    return Changes(
        np.concatenate([before.product_id, after.product_id, after.product_id]),
        np.concatenate([before.version + 2, ones, after.version + 1]),
        np.concatenate([ones * DISCONTINUED, ones * LAUNCHED, ones * REPRICED]),
        np.tile(changed_at, 3),
        np.tile(changed_at, 3),
    ).take(chosen)


def version_of(changes: Changes) -> Integers:
    """The price version that each change's image shows."""
    return changes.sequence - np.where(changes.kind == DISCONTINUED, 2, 1)


@lru_cache(maxsize=4)
def popularity(settings: WorldSettings) -> Integers:
    """A table of 2^16 slots: an index drawn uniformly gives a slot by its popularity.

    The k-th most wanted slot has a weight of 1 / (k + 20): the first tenth sells about a third.
    """
    ranks = np.argsort(draw(settings.seed, "catalogue/popularity", _SLOT_IDS), kind="stable")
    reached = np.cumsum(10**9 // (np.arange(SLOTS, dtype=np.int64) + 20))
    shares = np.diff(reached * 65536 // reached[-1], prepend=0)
    table: Integers = np.repeat(ranks.astype(np.int64), shares)
    return table
