"""What is in an order: who buys, from where, which products, at what prices."""

from dataclasses import dataclass

import numpy as np

from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.world.catalogue import SLOTS, popularity, shelf, time_of_change
from ingestion_simulator.world.clock import DAY, epoch_of
from ingestion_simulator.world.customers import buyers, country
from ingestion_simulator.world.markets import (
    CHANNEL_BOUNDS,
    COUNTRY_BOUNDS,
    CURRENCY_OF_COUNTRY,
    PRICE_FACTORS,
    STORE,
)
from ingestion_simulator.world.orders import Placements
from ingestion_simulator.world.randomness import Integers, bits, choose, draw, thresholds

# 2.3 lines in an order on average.
_LINE_COUNT_BOUNDS = thresholds((30, 32, 22, 10, 6))
_MOST_LINES = 5
_QUANTITY_BOUNDS = thresholds((72, 18, 7, 3))
# Most lines have no discount; the rest have one of these percentages.
_DISCOUNT_BOUNDS = thresholds((85, 5, 5, 3, 1, 1))
_DISCOUNT_PERCENT: Integers = np.array([0, 5, 10, 15, 20, 25], dtype=np.int64)
# 3 % of the orders go abroad, say as a present.
_ABROAD_BELOW = 3 * 65536 // 100
_SHIPPING = 490
_FREE_SHIPPING_FROM = 5000


@dataclass(frozen=True)
class Lines:
    """Order lines, in the order of the orders; money in cents of the order's currency.

    Attributes:
        order: Position of the line's order among the orders.
        line_no: 1, 2, ... within the order.
        product_id: A product that the shelf held at the time; different in each line of an order.
        quantity: Pieces.
        unit_price: The list price at the time by the price book of the currency.
        discount_amount: What is taken off the whole line.
        version: The product's price version at the time.
    """

    order: Integers
    line_no: Integers
    product_id: Integers
    quantity: Integers
    unit_price: Integers
    discount_amount: Integers
    version: Integers


@dataclass(frozen=True)
class Baskets:
    """The contents of orders; indexes of `markets`, money in cents of the order's currency."""

    customer: Integers
    country: Integers
    channel: Integers
    currency: Integers
    shipping_amount: Integers
    total_amount: Integers
    line_count: Integers
    lines: Lines


def baskets(settings: WorldSettings, orders: Placements) -> Baskets:
    """The contents of the orders; they never change after the order was placed."""
    words = draw(settings.seed, "order/basket", orders.order_id)
    customer = buyers(settings, orders.order_id, orders.ordered_at)
    channel = choose(bits(words, 0, 16), CHANNEL_BOUNDS)
    abroad = bits(words, 16, 16) < _ABROAD_BELOW
    destination = np.where(
        abroad, choose(bits(words, 32, 16), COUNTRY_BOUNDS), country(settings, customer)
    )
    currency = CURRENCY_OF_COUNTRY[destination]
    factor = PRICE_FACTORS[currency]
    count = choose(bits(words, 48, 16), _LINE_COUNT_BOUNDS) + 1
    lines = _lines(settings, orders, count, factor)

    ends = np.cumsum(count)
    worth = np.cumsum(lines.quantity * lines.unit_price - lines.discount_amount)
    goods = np.diff(worth[ends - 1], prepend=0)
    charged = (channel != STORE) & (goods * 1000 < _FREE_SHIPPING_FROM * factor)
    shipping = np.where(charged, (_SHIPPING * factor + 500) // 1000, 0)
    return Baskets(
        customer, destination, channel, currency, shipping, goods + shipping, count, lines
    )


def _lines(settings: WorldSettings, orders: Placements, count: Integers, factor: Integers) -> Lines:
    order = np.repeat(np.arange(len(count), dtype=np.int64), count)
    line_no = np.arange(len(order), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    words = draw(settings.seed, "order/line", orders.order_id[order], line_no + 1)
    slot = _distinct(popularity(settings)[bits(words, 0, 16)], count)

    # The shelf of each day that the orders were placed on, as one table.
    age = orders.ordered_at[order] - epoch_of(settings) - time_of_change(settings)[slot]
    day = np.maximum(age // DAY, 0)
    days, row = np.unique(day, return_inverse=True)
    shelves = [shelf(settings, int(value)) for value in days]
    place = row * SLOTS + slot
    list_price = np.concatenate([held.unit_price for held in shelves] or [day])[place]

    unit_price = (list_price * factor[order] + 500) // 1000
    quantity = choose(bits(words, 16, 16), _QUANTITY_BOUNDS) + 1
    percent = _DISCOUNT_PERCENT[choose(bits(words, 32, 16), _DISCOUNT_BOUNDS)]
    return Lines(
        order=order,
        line_no=line_no + 1,
        product_id=np.concatenate([held.product_id for held in shelves] or [day])[place],
        quantity=quantity,
        unit_price=unit_price,
        discount_amount=(quantity * unit_price * percent + 50) // 100,
        version=np.concatenate([held.version for held in shelves] or [day])[place],
    )


def _distinct(slot: Integers, count: Integers) -> Integers:
    """Moves a line on to the next slot for as long as an earlier line of its order has it."""
    first = np.cumsum(count) - count
    for number in range(1, _MOST_LINES):
        line = first[count > number] + number
        while len(line):
            taken = np.zeros(len(line), dtype=np.bool_)
            for back in range(1, number + 1):
                taken |= slot[line] == slot[line - back]
            line = line[taken]
            slot[line] = (slot[line] + 1) % SLOTS
    return slot
