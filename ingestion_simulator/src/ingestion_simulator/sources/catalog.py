"""The catalogue system: products and their prices, captured from its log."""

import polars as pl

from ingestion_simulator.contracts import load_contract
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources.source import Source, money, timestamps
from ingestion_simulator.world import catalogue
from ingestion_simulator.world.changes import Changes
from ingestion_simulator.world.markets import REPORTING_CURRENCY
from ingestion_simulator.world.randomness import Integers, bits, draw
from ingestion_simulator.world.vocabulary import BRANDS, CATEGORIES, LINES

_OPERATIONS = pl.Series(["I", "U", "U"])
_CATEGORIES = pl.Series([category.name for category in CATEGORIES])
_CODES = pl.Series([category.code for category in CATEGORIES])
_BRANDS = pl.Series(BRANDS)
_NOUNS = 4
_PRODUCT_NAMES = pl.Series(
    [f"{line} {noun}" for line in LINES for category in CATEGORIES for noun in category.nouns]
)


def _render(settings: WorldSettings, changes: Changes) -> pl.DataFrame:
    version = catalogue.version_of(changes)
    unit_price, unit_cost = catalogue.prices(settings, changes.entity, version)
    category = catalogue.category_of(changes.entity)
    words = draw(settings.seed, "catalogue/words", changes.entity)
    return pl.DataFrame(
        {
            "product_id": changes.entity,
            "change_seq": changes.sequence,
            "changed_at": timestamps(changes.changed_at),
            "op": _OPERATIONS.gather(changes.kind),
            "sku": _skus(category, changes.entity),
            "name": _PRODUCT_NAMES.gather(
                (bits(words, 16, 16) % len(LINES) * len(CATEGORIES) + category) * _NOUNS
                + bits(words, 32, 16) % _NOUNS
            ),
            "category": _CATEGORIES.gather(category),
            "brand": _BRANDS.gather(bits(words, 0, 16) % len(BRANDS)),
            "unit_price": money(unit_price),
            "unit_cost": money(unit_cost),
            "currency": pl.repeat(REPORTING_CURRENCY, len(changes), eager=True),
            "is_active": changes.kind != catalogue.DISCONTINUED,
        }
    )


def _skus(category: Integers, product_id: Integers) -> pl.Series:
    parts = pl.DataFrame({"code": _CODES.gather(category), "product_id": product_id})
    return parts.select(pl.concat_str("code", pl.lit("-"), "product_id")).to_series()


CATALOG = Source(
    name=catalogue.SOURCE,
    contract=load_contract("raw_products"),
    changes=catalogue.catalogue_changes,
    render=_render,
    breakages=(
        (pl.lit(None, pl.String).alias("name"),),
        (-pl.col("unit_price"),),
        (pl.lit("XXX").alias("currency"),),
        (pl.lit("unknown").alias("sku"),),
    ),
)
