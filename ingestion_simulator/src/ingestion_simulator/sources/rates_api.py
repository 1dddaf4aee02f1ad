"""The exchange rates that a third party publishes."""

from decimal import Decimal

import polars as pl

from ingestion_simulator.contracts import load_contract
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources.source import Source, timestamps
from ingestion_simulator.world import rates
from ingestion_simulator.world.changes import Changes
from ingestion_simulator.world.clock import DAY, epoch_of
from ingestion_simulator.world.markets import CURRENCIES, REPORTING_CURRENCY

_OPERATIONS = pl.Series(["I", "U"])
_CURRENCIES = pl.Series(CURRENCIES)


def _render(settings: WorldSettings, changes: Changes) -> pl.DataFrame:
    day, currency = changes.entity // 8, changes.entity % 8
    rate = pl.Series(rates.rates(settings, changes.entity, changes.sequence))
    return pl.DataFrame(
        {
            "rate_date": timestamps(epoch_of(settings) + day * DAY).cast(pl.Date),
            "base_currency": _CURRENCIES.gather(currency),
            "quote_currency": pl.repeat(REPORTING_CURRENCY, len(changes), eager=True),
            "change_seq": changes.sequence,
            "changed_at": timestamps(changes.changed_at),
            "op": _OPERATIONS.gather(changes.kind),
            "rate": rate.cast(pl.Decimal(38, 8)) / Decimal(10**8),
        }
    )


RATES_API = Source(
    name=rates.SOURCE,
    contract=load_contract("raw_fx_rates"),
    changes=rates.rate_changes,
    render=_render,
    breakages=(
        (-pl.col("rate"),),
        (pl.lit("XXX").alias("base_currency"),),
        (pl.lit(None, pl.Decimal(38, 8)).alias("rate"),),
    ),
)
