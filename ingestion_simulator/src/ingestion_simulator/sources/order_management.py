"""The order management system: one full image of an order for each change of its status."""

import numpy as np
import polars as pl

from ingestion_simulator.contracts import load_contract
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources.source import Source, money, timestamps
from ingestion_simulator.world import orders
from ingestion_simulator.world.baskets import Lines, baskets
from ingestion_simulator.world.changes import Changes
from ingestion_simulator.world.customers import customer_id
from ingestion_simulator.world.markets import CHANNELS, COUNTRIES, CURRENCIES

_OPERATIONS = pl.Series(["I", "U", "U", "U", "U", "U"])
_STATUSES = pl.Series(orders.STATUSES)
_CHANNELS = pl.Series(CHANNELS)
_COUNTRIES = pl.Series(COUNTRIES)
_CURRENCIES = pl.Series(CURRENCIES)


def _render(settings: WorldSettings, changes: Changes) -> pl.DataFrame:
    ids, order = np.unique(changes.entity, return_inverse=True)
    placed = orders.placements_of(settings, ids)
    held = baskets(settings, placed)
    images = pl.DataFrame(
        {
            "customer_id": customer_id(held.customer),
            "ordered_at": timestamps(placed.ordered_at),
            "channel": _CHANNELS.gather(held.channel),
            "currency": _CURRENCIES.gather(held.currency),
            "ship_country_code": _COUNTRIES.gather(held.country),
            "shipping_amount": money(held.shipping_amount),
            "total_amount": money(held.total_amount),
            "items": _items(held.lines),
        }
    )[order]
    return images.select(
        pl.Series("order_id", changes.entity),
        pl.Series("change_seq", changes.sequence),
        timestamps(changes.changed_at).alias("changed_at"),
        _OPERATIONS.gather(changes.kind).alias("op"),
        *("customer_id", "ordered_at"),
        _STATUSES.gather(changes.kind).alias("status"),
        *("channel", "currency", "ship_country_code", "shipping_amount", "total_amount", "items"),
    )


def _items(lines: Lines) -> pl.Series:
    frame = pl.DataFrame(
        {
            "order": lines.order,
            "line_no": lines.line_no,
            "product_id": lines.product_id,
            "quantity": lines.quantity,
            "unit_price": money(lines.unit_price),
            "discount_amount": money(lines.discount_amount),
        }
    )
    item = pl.struct("line_no", "product_id", "quantity", "unit_price", "discount_amount")
    return frame.group_by("order", maintain_order=True).agg(item.alias("items"))["items"]


_WITHOUT_SIGN = pl.element().struct.with_fields(quantity=-pl.field("quantity"))

ORDER_MANAGEMENT = Source(
    name=orders.SOURCE,
    contract=load_contract("raw_orders"),
    changes=orders.order_changes,
    render=_render,
    breakages=(
        (pl.lit("lost").alias("status"),),
        (pl.lit("XXX").alias("currency"),),
        (pl.lit(None, pl.Int64).alias("customer_id"),),
        (pl.col("items").list.eval(_WITHOUT_SIGN),),
        (pl.col("items").list.head(0),),
        ((pl.col("total_amount") + pl.lit("0.01").cast(pl.Decimal(38, 2))).alias("total_amount"),),
        ((pl.col("changed_at") + pl.duration(days=1)).alias("ordered_at"),),
    ),
)
