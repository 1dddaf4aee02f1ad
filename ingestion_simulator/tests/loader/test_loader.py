"""What a batch does to a warehouse that keeps labels and primary keys."""

import io
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion_simulator.contracts import load_contract
from ingestion_simulator.loader import Loaded, Loader
from ingestion_simulator.progress import JsonReporter
from ingestion_simulator.settings import WorldSettings
from ingestion_simulator.stream_load.client import StreamLoadClient
from ingestion_simulator.stream_load.load import Load
from ingestion_simulator.stream_load.outcomes import LabelState, LoadResult
from ingestion_simulator.windows import Window, batches, window_grid

_SETTINGS = WorldSettings(
    epoch=datetime(2026, 3, 1, tzinfo=UTC),
    tick=timedelta(hours=6),
    orders_per_day=200,
    invalid_rate=0.05,
)
_RAW = ("raw_fx_rates", "raw_customers", "raw_products", "raw_orders")


class _Killed(BaseException):
    """Stands for SIGKILL: nothing may handle it."""


class _Warehouse:
    """Tables by primary key, labels for ever; dies before the load numbered `dies_before`."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = defaultdict(dict)
        self.labels: set[str] = set()
        self.sent: list[Load] = []
        self.dies_before: int | None = None

    def send(self, load: Load) -> LoadResult:
        if self.dies_before == len(self.sent):
            raise _Killed
        self.sent.append(load)
        if load.label in self.labels:
            return LoadResult("Label Already Exists", existing_job_status="FINISHED")
        self.labels.add(load.label)
        key = load_contract(load.table).key
        rows = [json.loads(line) for line in load.body.splitlines()]
        for row in rows:
            self.tables[load.table][tuple(row[name] for name in key)] = row
        return LoadResult("Success", "OK", total_rows=len(rows), loaded_rows=len(rows))

    def label_state(self, database: str, label: str) -> LabelState:  # noqa: ARG002
        return LabelState("VISIBLE" if label in self.labels else "UNKNOWN")

    def count(self, table: str, batch: Sequence[Window]) -> int:
        column = (
            "window_start" if table in ("raw_rejects", "raw_load_manifest") else "_window_start"
        )
        starts = {f"{window.start:%Y-%m-%d %H:%M:%S}.000000" for window in batch}
        return sum(row[column] in starts for row in self.tables[table].values())


class _Log(io.StringIO):
    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


def _batches(days: int = 2) -> list[tuple[Window, ...]]:
    windows = window_grid(_SETTINGS, _SETTINGS.epoch, _SETTINGS.epoch + timedelta(days=days))
    return list(batches(_SETTINGS, windows))


def _load(warehouse: _Warehouse, batch: Sequence[Window], log: _Log | None = None) -> Loaded:
    client = StreamLoadClient(warehouse, wait=lambda _: None)
    return Loader(_SETTINGS, client, warehouse.count, JsonReporter(log or _Log())).load(batch)


def _load_all(warehouse: _Warehouse) -> None:
    for batch in _batches():
        _load(warehouse, batch)


@pytest.fixture
def expected() -> _Warehouse:
    warehouse = _Warehouse()
    _load_all(warehouse)
    return warehouse


def test_rows_come_first_then_rejects_then_the_claim(expected: _Warehouse) -> None:
    first_day = [load.table for load in expected.sent if "-20260301T000000-" in load.label]

    assert first_day == [*_RAW, "raw_rejects", "raw_load_manifest"]


def test_the_manifest_claims_every_window_and_adds_up_to_the_tables(expected: _Warehouse) -> None:
    claims = list(expected.tables["raw_load_manifest"].values())

    assert len(claims) == 4 * 2 * 4
    for table in _RAW:
        own = [claim for claim in claims if claim["table_name"] == table]
        held = expected.tables[table].values()
        assert sum(claim["row_count"] for claim in own) == len(held)
        for claim in own:
            arrived = [row for row in held if row["_window_start"] == claim["window_start"]]
            assert claim["row_count"] == len(arrived)
            assert claim["world_id"] == _SETTINGS.world_id
    rejects = expected.tables["raw_rejects"].values()
    assert sum(claim["reject_count"] for claim in claims) == len(rejects) > 0


def test_what_the_claims_cite_are_the_labels_of_the_loads(expected: _Warehouse) -> None:
    cited = {claim["label"] for claim in expected.tables["raw_load_manifest"].values()}
    sent = {load.label for load in expected.sent if load.table in _RAW}

    assert cited - {""} == sent
    for load in expected.sent:
        has_label = load.table != "raw_load_manifest"
        assert (f"_label='{load.label}'" in load.columns) == has_label


def test_each_load_and_each_committed_batch_is_reported() -> None:
    warehouse, log = _Warehouse(), _Log()
    batch = _batches(1)[0]

    loaded = _load(warehouse, batch, log)

    by_source = [line for line in log.lines if line["event"] == "batch_loaded"]
    assert [line["source"] for line in by_source] == [
        "rates_api",
        "crm",
        "catalog",
        "order_management",
    ]
    assert [line["rows"] for line in by_source] == [len(warehouse.tables[table]) for table in _RAW]
    assert log.lines[-1]["event"] == "windows_committed"
    assert log.lines[-1]["windows"] == 4
    assert loaded == Loaded(
        rows=sum(line["rows"] for line in by_source),
        rejects=len(warehouse.tables["raw_rejects"]),
    )


def test_killed_before_any_load_and_run_again_every_event_is_there_once(
    expected: _Warehouse,
) -> None:
    for load_number in range(len(expected.sent)):
        warehouse = _Warehouse()
        warehouse.dies_before = load_number
        with pytest.raises(_Killed):
            _load_all(warehouse)
        warehouse.dies_before = None

        _load_all(warehouse)

        assert warehouse.tables == expected.tables
        assert warehouse.labels == expected.labels


def test_windows_loaded_one_by_one_hold_the_same_events(expected: _Warehouse) -> None:
    warehouse = _Warehouse()
    for batch in _batches():
        for window in batch:
            _load(warehouse, [window])

    for table in (*_RAW, "raw_rejects"):
        assert warehouse.tables[table] == expected.tables[table]


@pytest.mark.parametrize("table", ["raw_orders", "raw_rejects", "raw_load_manifest"])
def test_deleted_rows_are_loaded_again_though_their_label_is_known(
    expected: _Warehouse, table: str
) -> None:
    before = dict(expected.tables[table])
    expected.tables[table].clear()

    _load_all(expected)

    assert expected.tables[table].keys() == before.keys()
    again = {load.label for load in expected.sent if load.table == table} - {
        load.label for load in expected.sent[: len(expected.sent) // 2]
    }
    assert {label.rsplit("-", 1)[1] for label in again} == {"1"}
