"""The CRM: customers and their details, captured from its log."""

import numpy as np
import polars as pl

from ingestion_simulator.contracts import load_contract
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources.source import Source, timestamps
from ingestion_simulator.world import customers
from ingestion_simulator.world.changes import Changes
from ingestion_simulator.world.markets import COUNTRIES
from ingestion_simulator.world.vocabulary import CITIES, MAIL_DOMAINS, SEGMENTS, names

_OPERATIONS = pl.Series(["I", "U", "D"])
_SEGMENTS = pl.Series(SEGMENTS)
_COUNTRIES = pl.Series(COUNTRIES)
_MAIL_DOMAINS = pl.Series(MAIL_DOMAINS)
_CITIES = pl.Series([city for country in COUNTRIES for city in CITIES[country]])
_CITY_COUNT = np.array([len(CITIES[country]) for country in COUNTRIES], dtype=np.int64)
_FIRST_CITY = np.cumsum(_CITY_COUNT) - _CITY_COUNT


def _render(settings: WorldSettings, changes: Changes) -> pl.DataFrame:
    seen = customers.profile(settings, changes)
    pools = names()
    given = seen.country * pools.given_per_country + seen.given_name % pools.given_per_country
    family = seen.country * pools.family_per_country + seen.family_name % pools.family_per_country
    city = _FIRST_CITY[seen.country] + seen.city % _CITY_COUNT[seen.country]
    frame = pl.DataFrame(
        {
            "customer_id": customers.customer_id(changes.entity),
            "change_seq": changes.sequence,
            "changed_at": timestamps(changes.changed_at),
            "op": _OPERATIONS.gather(changes.kind),
            "given": pools.given.gather(given),
            "family": pools.family.gather(family),
            "given_in_mail": pools.given_in_mail.gather(given),
            "family_in_mail": pools.family_in_mail.gather(family),
            "mail_domain": _MAIL_DOMAINS.gather(seen.mail_domain % len(MAIL_DOMAINS)),
            "city": _CITIES.gather(city),
            "country_code": _COUNTRIES.gather(seen.country),
            "segment": _SEGMENTS.gather(seen.segment % len(SEGMENTS)),
            "marketing_opt_in": seen.opted_in,
            "created_at": timestamps(seen.created_at),
        }
    )
    local_part = pl.concat_str("given_in_mail", pl.lit("."), "family_in_mail", "customer_id")
    images = frame.select(
        *("customer_id", "change_seq", "changed_at", "op"),
        pl.concat_str("given", pl.lit(" "), "family").alias("name"),
        pl.concat_str(local_part, pl.lit("@"), "mail_domain").alias("email"),
        *("city", "country_code", "segment", "marketing_opt_in", "created_at"),
    )
    erased = pl.col("op") == "D"
    attributes = images.columns[4:]
    return images.with_columns(
        pl.when(~erased).then(pl.col(name)).alias(name) for name in attributes
    )


CRM = Source(
    name=customers.SOURCE,
    contract=load_contract("raw_customers"),
    changes=customers.customer_changes,
    render=_render,
    breakages=(
        (pl.lit("no mail address").alias("email"),),
        # An empty text breaks an erasure, too, which has no name to lose.
        (pl.when(pl.col("op") == "D").then(pl.lit("")).alias("name"),),
        (pl.lit("XX").alias("country_code"),),
        (pl.lit("X").alias("op"),),
    ),
)
