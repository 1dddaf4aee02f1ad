"""Partition versions, by which a client sees that a table changed."""

from collections.abc import Callable
from typing import Any

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session

Versions = Callable[[], dict[str, tuple[int, int, int]]]


@pytest.fixture
def versions(session: Session) -> Versions:
    """Id, version and row count of each partition of the table `t`, by name."""

    def read() -> dict[str, tuple[int, int, int]]:
        found = session.execute(
            "SELECT partition_name, partition_id, data_version, row_count "
            "FROM information_schema.partitions_meta "
            "WHERE db_name = DATABASE() AND table_name = 't' AND is_temp = 0"
        )[0].rows
        return {name: (number, version, rows) for name, number, version, rows in found}

    return read


def counts(found: dict[str, tuple[int, int, int]]) -> dict[str, tuple[int, int]]:
    return {name: (version, rows) for name, (_, version, rows) in found.items()}


def ids(found: dict[str, tuple[int, int, int]]) -> dict[str, int]:
    return {name: number for name, (number, _, _) in found.items()}


@pytest.fixture
def daily(rows: Rows) -> None:
    rows(
        "CREATE TABLE t (k INT, at DATETIME, v INT) PRIMARY KEY (k, at) "
        "PARTITION BY date_trunc('day', at)"
    )
    rows(
        "INSERT INTO t VALUES (1, '2024-01-01 10:00:00', 1), (2, '2024-01-01 23:59:59.999999', 1), "
        "(3, '2024-01-02', 1)"
    )


def test_a_table_without_partition_expressions_has_one_partition(
    rows: Rows, versions: Versions
) -> None:
    rows("CREATE TABLE t (k INT) DUPLICATE KEY (k)")
    assert counts(versions()) == {"t": (1, 0)}
    rows("INSERT INTO t VALUES (1), (2)")
    assert counts(versions()) == {"t": (2, 2)}
    rows("INSERT INTO t SELECT k FROM t WHERE FALSE")
    assert counts(versions()) == {"t": (2, 2)}


@pytest.mark.usefixtures("daily")
def test_each_transaction_moves_the_partitions_it_touches(rows: Rows, versions: Versions) -> None:
    assert counts(versions()) == {"p20240101": (2, 2), "p20240102": (2, 1)}
    before = ids(versions())
    rows("INSERT INTO t VALUES (3, '2024-01-02', 9), (4, '2024-01-03', 1)")
    assert counts(versions()) == {"p20240101": (2, 2), "p20240102": (3, 1), "p20240103": (2, 1)}
    rows("DELETE FROM t WHERE k = 1")
    rows("UPDATE t SET v = 5 WHERE k = 4")
    rows("DELETE FROM t WHERE k = 99")
    assert counts(versions()) == {"p20240101": (3, 1), "p20240102": (3, 1), "p20240103": (3, 1)}
    assert {name: ids(versions())[name] for name in before} == before


@pytest.mark.usefixtures("daily")
def test_an_overwrite_makes_new_partitions(rows: Rows, versions: Versions) -> None:
    before = ids(versions())
    rows("SET dynamic_overwrite = true; INSERT OVERWRITE t SELECT 7, '2024-01-02 01:00:00', 1")
    after = ids(versions())
    assert counts(versions()) == {"p20240101": (2, 2), "p20240102": (2, 1)}
    assert after["p20240101"] == before["p20240101"]
    assert after["p20240102"] > max(before.values())
    rows("SET dynamic_overwrite = false; INSERT OVERWRITE t SELECT 7, '2024-01-02 01:00:00', 1")
    assert counts(versions()) == {"p20240101": (1, 0), "p20240102": (2, 1)}
    assert min(ids(versions()).values()) > max(after.values())


@pytest.mark.usefixtures("daily")
def test_truncate_and_swap_change_the_ids(rows: Rows, versions: Versions) -> None:
    before = ids(versions())
    rows("CREATE TABLE other LIKE t; INSERT INTO other VALUES (1, '2024-05-01', 1)")
    rows("ALTER TABLE t SWAP WITH other")
    assert counts(versions()) == {"p20240501": (2, 1)}
    rows("ALTER TABLE t SWAP WITH other")
    assert ids(versions()) == before
    rows("TRUNCATE TABLE t")
    assert counts(versions()) == {"p20240101": (1, 0), "p20240102": (1, 0)}
    assert set(ids(versions()).values()).isdisjoint(before.values())


@pytest.mark.usefixtures("daily")
def test_a_definition_moves_no_version(rows: Rows, versions: Versions) -> None:
    before = versions()
    rows("ALTER TABLE t ADD COLUMN w INT DEFAULT '1' AFTER at")
    rows("ALTER TABLE t COMMENT = 'x'")
    assert versions() == before


@pytest.mark.parametrize(
    ("partition_by", "expected"),
    [
        ("date_trunc('year', at)", {"p2024"}),
        ("date_trunc('month', at)", {"p202401", "p202402"}),
        ("date_trunc('hour', at)", {"p2024010110", "p2024010111", "p2024020110"}),
        ("(country)", {"pDE", "pFR"}),
        (
            "country, date_trunc('month', at)",
            {"pDE20240101000000", "pFR20240101000000", "pFR20240201000000"},
        ),
    ],
)
def test_partition_expressions(
    rows: Rows, versions: Versions, partition_by: str, expected: set[str]
) -> None:
    rows(f"CREATE TABLE t (country VARCHAR(2), at DATETIME) PARTITION BY {partition_by}")
    rows(
        "INSERT INTO t VALUES ('DE', '2024-01-01 10:30:00'), ('FR', '2024-01-01 11:00:00'), "
        "('FR', '2024-02-01 10:00:00')"
    )
    assert set(versions()) == expected


@pytest.mark.usefixtures("daily")
def test_show_partitions(rows: Rows) -> None:
    found: list[tuple[Any, ...]] = rows("SHOW PARTITIONS FROM t")
    assert [(row[1], row[2], row[4]) for row in found] == [
        ("p20240101", "2", "NORMAL"),
        ("p20240102", "2", "NORMAL"),
    ]
