"""The simulator's promises against a warehouse: exactly once, whatever happens to the process."""

import signal
import subprocess
import time
from typing import Any

import pytest
from real_processes import Simulator, Site

PERIOD = ("--from", "2026-09-01", "--to", "2026-09-04")
WINDOWS = 3 * 24
TABLES = ("raw_customers", "raw_products", "raw_orders", "raw_fx_rates", "raw_rejects")
KEYS = {
    "raw_customers": "customer_id, change_seq, changed_at, email, _window_start",
    "raw_products": "product_id, change_seq, changed_at, unit_price, _window_start",
    "raw_orders": "order_id, change_seq, changed_at, status, total_amount, _window_start",
    "raw_fx_rates": "rate_date, base_currency, change_seq, changed_at, rate, _window_start",
    "raw_rejects": "source, window_start, reject_id, reason, payload",
    "raw_load_manifest": "source, window_start, label, row_count, reject_count, control_total",
}


def contents(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every raw table, without the columns that hold the time of the load."""
    return {
        table: site.warehouse.query(f"select {columns} from retail_raw.{table} order by {columns}")
        for table, columns in KEYS.items()
    }


@pytest.fixture(scope="module")
def expected(started_warehouse: Site) -> dict[str, list[tuple[Any, ...]]]:
    """What one undisturbed backfill leaves in the warehouse."""
    started_warehouse.simulator.succeed("init", "--reset", "--yes")
    started_warehouse.simulator.succeed("backfill", *PERIOD)
    return contents(started_warehouse)


def wait_for_batches(process: subprocess.Popen[str], count: int) -> None:
    assert process.stdout
    seen = 0
    for line in process.stdout:
        seen += '"event": "batch_loaded"' in line
        if seen == count:
            return
    pytest.fail(f"the backfill ended after {seen} batches")


def test_a_backfill_fills_every_table_and_equals_the_seed(
    site: Site, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    site.simulator.succeed("backfill", *PERIOD)
    assert contents(site) == expected
    assert {table: len(rows) > 0 for table, rows in expected.items()} == dict.fromkeys(KEYS, True)
    assert len(expected["raw_load_manifest"]) == WINDOWS * 4
    site.simulator.succeed("verify", "--raw-only")


def test_the_manifest_states_what_the_raw_tables_hold(
    expected: dict[str, list[tuple[Any, ...]]], started_warehouse: Site
) -> None:
    claimed = started_warehouse.warehouse.query(
        "select source, sum(row_count), sum(reject_count) from retail_raw.raw_load_manifest "
        "group by source order by source"
    )
    sources = {
        "catalog": "raw_products",
        "crm": "raw_customers",
        "order_management": "raw_orders",
        "rates_api": "raw_fx_rates",
    }
    rejects = [row[0] for row in expected["raw_rejects"]]
    assert [(source, int(rows), int(rejected)) for source, rows, rejected in claimed] == [
        (source, len(expected[table]), rejects.count(source)) for source, table in sources.items()
    ]


def test_a_second_backfill_loads_nothing(site: Site) -> None:
    site.simulator.succeed("backfill", *PERIOD)
    before = contents(site)
    output = site.simulator.succeed("backfill", *PERIOD)
    assert '"event": "batch_loaded"' not in output
    assert f'"already_loaded": {WINDOWS * 4}' in output or f'"already_loaded": {WINDOWS}' in output
    assert contents(site) == before


@pytest.mark.parametrize("batches", [1, 3, 6])
def test_killed_and_run_again_every_event_is_there_once(
    site: Site, expected: dict[str, list[tuple[Any, ...]]], batches: int
) -> None:
    process = site.simulator.start("backfill", *PERIOD)
    wait_for_batches(process, batches)
    process.kill()
    process.wait()
    assert contents(site) != expected
    site.simulator.succeed("backfill", *PERIOD)
    assert contents(site) == expected


def test_two_at_once_load_every_event_once(
    site: Site, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    both = [site.simulator.start("backfill", *PERIOD) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert contents(site) == expected


def test_windows_one_by_one_equal_a_backfill(
    site: Site, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    """A CronJob's ticks and a backfill write the same events; only the loads' labels differ."""
    site.simulator.succeed("backfill", "--from", "2026-09-01", "--to", "2026-09-03T20:00:00")
    for hour in ("21:00:00", "22:00:00", "23:00:00"):
        site.simulator.succeed("catch-up", "--until", f"2026-09-03T{hour}")
    site.simulator.succeed("catch-up", "--until", "2026-09-04")
    rows = contents(site)
    for table in TABLES:
        assert rows[table] == expected[table], table


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_an_interrupted_backfill_ends_cleanly(
    site: Site, expected: dict[str, list[tuple[Any, ...]]], number: signal.Signals, status: int
) -> None:
    process = site.simulator.start("backfill", *PERIOD)
    wait_for_batches(process, 2)
    process.send_signal(number)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == status
    assert "Traceback" not in output
    site.simulator.succeed("backfill", *PERIOD)
    assert contents(site) == expected


def test_verify_sees_one_lost_row_and_one_changed_cent(site: Site) -> None:
    site.simulator.succeed("backfill", *PERIOD)
    [(order_id, change_seq)] = site.warehouse.query(
        "select order_id, change_seq from retail_raw.raw_orders order by order_id limit 1"
    )
    one_event = f"order_id = {order_id} and change_seq = {change_seq}"
    site.warehouse.query(
        "insert into retail_raw.raw_orders select order_id, change_seq, changed_at, op, "
        "customer_id, ordered_at, status, channel, currency, ship_country_code, shipping_amount, "
        "total_amount + 0.01, items, _window_start, _label, _loaded_at "
        f"from retail_raw.raw_orders where {one_event}"
    )
    changed = site.simulator.run("verify", "--raw-only")
    assert changed.returncode == 1
    assert "order_management" in changed.stdout + changed.stderr
    site.warehouse.query(f"delete from retail_raw.raw_orders where {one_event}")
    lost = site.simulator.run("verify", "--raw-only")
    assert lost.returncode == 1
    assert "order_management" in lost.stdout + lost.stderr


def test_another_world_is_refused(site: Site) -> None:
    site.simulator.succeed("backfill", "--from", "2026-09-01", "--to", "2026-09-02")
    before = contents(site)
    refused = site.simulator.run("backfill", *PERIOD, SIMULATOR_SEED="8")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "SIMULATOR_" in refused.stderr
    assert "init --reset" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert contents(site) == before


def test_stream_loads_windows_as_they_end_until_sigterm(site: Site) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    live = Simulator(site.simulator.environment | {"SIMULATOR_EPOCH": day, "SIMULATOR_TICK": "10s"})
    process = live.start("stream")
    assert process.stdout
    finished = 0
    for line in process.stdout:
        finished += '"event": "load_finished"' in line
        if finished == 2:
            break
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 0, output
    live.succeed("verify", "--raw-only")
