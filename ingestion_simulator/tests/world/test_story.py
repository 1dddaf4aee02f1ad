"""The events of the four sources together tell the story of one retailer."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from ingestion_simulator.contracts import to_ndjson
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.sources import CATALOG, CRM, ORDER_MANAGEMENT, RATES_API, Source
from ingestion_simulator.world import customers
from ingestion_simulator.world.changes import arrival_of
from ingestion_simulator.world.clock import DAY, SECOND, epoch_of
from ingestion_simulator.world.orders import SEQUENCES, course, orders_in, placements

Accepted = Callable[[Source, WorldSettings], pl.DataFrame]

COURSES = {
    ("placed",),
    ("placed", "cancelled"),
    ("placed", "paid"),
    ("placed", "paid", "shipped"),
    ("placed", "paid", "shipped", "delivered"),
    ("placed", "paid", "shipped", "delivered", "returned"),
}
CURRENCY = {"GB": "GBP", "PL": "PLN", "SE": "SEK", "CH": "CHF", "US": "USD"}


@pytest.fixture(scope="module")
def orders(accepted: Accepted, clean: WorldSettings) -> pl.DataFrame:
    return accepted(ORDER_MANAGEMENT, clean).sort("order_id", "change_seq")


@pytest.fixture(scope="module")
def products(accepted: Accepted, clean: WorldSettings) -> pl.DataFrame:
    return accepted(CATALOG, clean).sort("product_id", "change_seq")


@pytest.fixture(scope="module")
def people(accepted: Accepted, clean: WorldSettings) -> pl.DataFrame:
    return accepted(CRM, clean).sort("customer_id", "change_seq")


@pytest.fixture(scope="module")
def lines(orders: pl.DataFrame) -> pl.DataFrame:
    placed = orders.filter(pl.col("status") == "placed")
    return placed.explode("items").unnest("items")


def test_at_least_sixty_thousand_orders_in_any_thirty_days() -> None:
    hours = np.arange(24 * 365 * 3, dtype=np.int64)
    daily = orders_in(WorldSettings(), hours).reshape(-1, 24).sum(axis=1)
    monthly = np.convolve(daily, np.ones(30, dtype=np.int64), "valid")
    assert monthly.min() >= 60_000
    assert abs(daily.mean() - 2400) < 24


def test_an_order_takes_one_of_the_courses(orders: pl.DataFrame) -> None:
    courses = orders.group_by("order_id", maintain_order=True).agg("status", "change_seq")
    assert set(map(tuple, courses["status"].to_list())) == COURSES
    # change_seq has no gaps.
    assert all(found == [*range(1, len(found) + 1)] for found in courses["change_seq"].to_list())
    last = courses.select(pl.col("status").list.last()).to_series().value_counts()
    shares = {status: count / len(courses) for status, count in last.iter_rows()}
    assert abs(shares["cancelled"] - 0.05) < 0.01
    assert abs(shares["returned"] - 0.06) < 0.015


def test_every_change_of_every_order_arrives_once(
    accepted: Accepted, faulty: WorldSettings
) -> None:
    placed = placements(faulty, 0, 24 * 130)
    end = epoch_of(faulty) + 130 * DAY
    wanted = []
    for status, moment in course(faulty, placed).items():
        sequence = np.full(len(moment), SEQUENCES[status], dtype=np.int64)
        arrival = arrival_of(faulty, "order_management", placed.order_id, sequence, moment)
        there = (moment > 0) & (arrival < end)
        columns = (placed.order_id, sequence, moment, arrival - arrival % (300 * SECOND))
        wanted += list(zip(*(column[there].tolist() for column in columns), strict=True))
    rows = accepted(ORDER_MANAGEMENT, faulty).select(
        "order_id", "change_seq", pl.col("changed_at", "_window_start").to_physical()
    )
    assert sorted(rows.rows()) == sorted(wanted)


def test_an_order_moves_on_in_time(orders: pl.DataFrame) -> None:
    delay = orders.with_columns(
        since_placed=pl.col("changed_at") - pl.col("ordered_at"),
        since_last=pl.col("changed_at").diff().over("order_id"),
    )
    assert (delay["since_last"].drop_nulls() > timedelta(0)).all()
    longest = dict(delay.group_by("status").agg(pl.max("since_placed")).iter_rows())
    assert longest["placed"] == timedelta(0)
    assert longest["paid"] < timedelta(hours=13)
    assert longest["shipped"] < timedelta(days=3)
    assert longest["delivered"] < timedelta(days=8)
    assert longest["returned"] < timedelta(days=22)


def test_each_event_of_an_order_is_the_whole_order(orders: pl.DataFrame) -> None:
    whole = orders.drop("change_seq", "changed_at", "op", "status", "_window_start")
    assert len(set(to_ndjson(whole).splitlines())) == orders["order_id"].n_unique()
    inserted = orders.filter(pl.col("op") == "I")
    assert inserted["status"].unique().to_list() == ["placed"]
    assert inserted["order_id"].n_unique() == orders["order_id"].n_unique()
    assert orders.filter(
        pl.col("ship_country_code").replace_strict(CURRENCY, default="EUR") != pl.col("currency")
    ).is_empty()


def test_an_order_has_one_to_five_lines_of_different_products(lines: pl.DataFrame) -> None:
    baskets = lines.group_by("order_id").agg(pl.len(), distinct=pl.col("product_id").n_unique())
    assert set(baskets["len"]) == {1, 2, 3, 4, 5}
    assert (baskets["len"] == baskets["distinct"]).all()
    assert len(lines) / len(baskets) == pytest.approx(2.3, abs=0.05)


def test_a_product_is_sold_only_while_it_is_active_and_at_its_price(
    lines: pl.DataFrame, products: pl.DataFrame
) -> None:
    versions = products.select(
        "product_id", "is_active", list_price="unit_price", ordered_at="changed_at"
    ).sort("ordered_at")
    sold = lines.sort("ordered_at").join_asof(
        versions, on="ordered_at", by="product_id", check_sortedness=False
    )
    assert sold["is_active"].null_count() == 0
    assert sold["is_active"].all()
    in_euro = sold.filter(pl.col("currency") == "EUR")
    assert (in_euro["unit_price"] == in_euro["list_price"]).all()
    # Elsewhere the price book's factor applies, to the cent.
    swiss = sold.filter(pl.col("currency") == "CHF")
    wanted = [(price * Decimal("0.96") + Decimal("0.005")) for price in swiss["list_price"]]
    assert swiss["unit_price"].to_list() == [
        value.quantize(Decimal("0.01"), "ROUND_DOWN") for value in wanted
    ]


def test_buyers_are_registered_and_not_erased(orders: pl.DataFrame, people: pl.DataFrame) -> None:
    placed = orders.filter(pl.col("status") == "placed")
    bounds = people.group_by("customer_id").agg(
        registered=pl.col("changed_at").filter(pl.col("op") == "I").first(),
        erased=pl.col("changed_at").filter(pl.col("op") == "D").first(),
    )
    joined = placed.join(bounds, on="customer_id", how="left")
    assert (joined["registered"] < joined["ordered_at"]).all()
    assert joined.filter(pl.col("erased") <= pl.col("ordered_at")).is_empty()
    # The rule is seen at work: some of the erased had bought before.
    assert joined["erased"].count() > 0


def test_a_product_is_launched_repriced_and_discontinued(products: pl.DataFrame) -> None:
    for (_,), events in products.group_by("product_id"):
        assert events["change_seq"].to_list() == [*range(1, len(events) + 1)]
        assert events["op"].to_list() == ["I", *["U"] * (len(events) - 1)]
        assert events["changed_at"].is_sorted()
        assert events["is_active"][:-1].all()
        active = events.filter("is_active")
        assert len(active.select("unit_price", "unit_cost").unique()) == len(active)
    assert (products["unit_cost"] < products["unit_price"]).all()
    gone = products.filter(~pl.col("is_active"))
    assert len(gone) > 10
    assert products["category"].n_unique() == 10
    # A successor takes each slot over at the same moment, so 400 products are always on sale.
    later = products.filter((pl.col("op") == "I") & (pl.col("product_id") >= 2000))
    assert sorted(later["changed_at"]) == sorted(gone["changed_at"])


def test_a_customer_changes_one_detail_at_a_time(people: pl.DataFrame) -> None:
    details = ["email", "city", "segment", "marketing_opt_in"]
    updates = people.filter(pl.col("op") != "D").with_columns(
        changed=pl.sum_horizontal(
            (pl.col(name) != pl.col(name).shift().over("customer_id")).cast(pl.Int64)
            for name in details
        )
    )
    assert updates.filter(pl.col("op") == "I")["changed"].unique().to_list() == [0]
    assert updates.filter(pl.col("op") == "U")["changed"].unique().to_list() == [1]
    constant = (
        people.filter(pl.col("op") != "D")
        .group_by("customer_id")
        .agg(pl.col("country_code", "name", "created_at").n_unique())
    )
    assert constant.drop("customer_id").max().row(0) == (1, 1, 1)


def test_customers_sign_up_one_after_the_other_and_change_every_sixty_days(
    people: pl.DataFrame, clean: WorldSettings
) -> None:
    registered = people.filter(pl.col("op") == "I")
    known = customers.known_before(clean, np.array([-1, 0, 24 * 130])).tolist()
    assert registered["customer_id"].to_list() == [*range(100_001, 100_001 + known[2])]
    assert registered.sort("changed_at")["customer_id"].is_sorted()
    assert known == [0, 500, 500 + 3 * 130]

    erased = people.filter(pl.col("op") == "D")["customer_id"]
    base = people.filter(
        pl.col("customer_id") < 100_501, ~pl.col("customer_id").is_in(erased.implode())
    )
    cycle = pl.col("changed_at").sub(clean.epoch.replace(tzinfo=None)).dt.total_days() // 60
    updates = base.filter(pl.col("op") == "U").group_by(cycle).len().sort("changed_at")
    size = base["customer_id"].n_unique()
    assert updates.rows()[:2] == [(0, size), (1, size)]


def test_an_erasure_is_the_last_event_and_empty(people: pl.DataFrame) -> None:
    last = people.group_by("customer_id", maintain_order=True).agg(pl.col("op"))
    assert {ops for ops in last["op"].list.join("") if ops.count("I") != 1} == set()
    assert all("D" not in ops[:-1] for ops in last["op"].list.join(""))
    erased = people.filter(pl.col("op") == "D")
    assert 0.01 < len(erased) / people["customer_id"].n_unique() < 0.03
    attributes = people.columns[4:11]
    assert erased.select(attributes).null_count().row(0) == (len(erased),) * 7
    registered = people.filter(pl.col("op") == "I").select("customer_id", since="changed_at")
    age = erased.join(registered, on="customer_id").select(
        days=(pl.col("changed_at") - pl.col("since")).dt.total_days()
    )
    assert age["days"].is_between(10, 89).all()


def test_a_later_change_of_a_customer_has_a_higher_position(people: pl.DataFrame) -> None:
    steps = people.select(
        pl.col("changed_at", "change_seq").diff().over("customer_id")
    ).drop_nulls()
    assert (steps["changed_at"] > timedelta(0)).all()
    assert (steps["change_seq"] > 0).all()


def test_the_base_population_is_there_within_the_first_second(
    people: pl.DataFrame, clean: WorldSettings
) -> None:
    first = people.filter(pl.col("op") == "I")
    base = first.filter(pl.col("changed_at") < datetime.fromisoformat("2026-01-01 00:00:01"))
    assert len(base) == customers.base_population(clean)
    assert (base["created_at"] <= base["changed_at"]).all()
    assert len(first) > len(base)


def test_rates_come_every_midnight_and_stay_near_their_level(
    accepted: Accepted, clean: WorldSettings
) -> None:
    rates = accepted(RATES_API, clean)
    first = rates.filter(pl.col("change_seq") == 1)
    assert first.group_by("rate_date").len()["len"].unique().to_list() == [5]
    assert first["rate_date"].n_unique() == 130
    assert (first["changed_at"] == first["rate_date"].cast(pl.Datetime("us"))).all()
    corrections = rates.filter(pl.col("change_seq") == 2)
    assert 5 < len(corrections) < 60
    assert (corrections["changed_at"].dt.date() == corrections["rate_date"]).all()
    both = corrections.join(first, on=["rate_date", "base_currency"])
    assert (both["rate"] != both["rate_right"]).all()
    range_ = rates.group_by("base_currency").agg(pl.min("rate").alias("low"), pl.max("rate"))
    assert ((range_["rate"] / range_["low"]) < Decimal("1.15")).all()
    assert rates["rate_date"].max() == date(2026, 5, 10)


def test_faults_are_as_frequent_as_the_settings_say(faulty: WorldSettings) -> None:
    start = faulty.epoch + timedelta(days=30)
    end = start + timedelta(days=60)
    frame = ORDER_MANAGEMENT.events(faulty, start, end)
    key = ["order_id", "change_seq", "changed_at"]
    events = frame.unique(key)
    delay = (pl.col("_window_start") + faulty.tick - pl.col("changed_at")).alias("delay")
    late = events.select(delay).filter(pl.col("delay") > faulty.tick)
    assert (late["delay"] <= timedelta(days=1, minutes=5)).all()
    # Some late ones arrive within the window of their making.
    assert abs(len(late) / len(events) - faulty.late_rate) < 0.01
    extra = (len(frame) - len(events)) / len(events)
    assert abs(extra - faulty.duplicate_rate - faulty.invalid_rate) < 0.01
