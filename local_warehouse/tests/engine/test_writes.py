"""INSERT, INSERT OVERWRITE, UPDATE, DELETE, TRUNCATE."""

# ruff: noqa: DTZ001 - a DATETIME has no time zone

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError

PRIMARY = (
    "CREATE TABLE t (k INT, d DATE, v VARCHAR(5), n INT NOT NULL DEFAULT '7', m DECIMAL(10, 2)) "
    "PRIMARY KEY (k, d) PARTITION BY date_trunc('day', d)"
)


def test_the_last_row_of_a_key_wins(rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1.5), (1, '2024-01-01', 'b', 2, 2.5)")
    rows("INSERT INTO t VALUES (2, '2024-01-01', 'c', 3, NULL)")
    rows("INSERT INTO t SELECT k, d, 'z', 9, m FROM t WHERE k = 2")
    assert rows("SELECT k, v, n, m FROM t ORDER BY k") == [
        (1, "b", 2, Decimal("2.50")),
        (2, "z", 9, None),
    ]


def test_a_column_list_on_a_primary_key_table_is_a_partial_update(rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t (k, d, v) VALUES (1, '2024-01-01', 'a')")
    rows(
        "INSERT INTO t (k, d, m) SELECT 1, '2024-01-01', 2.555 UNION ALL SELECT 2, '2024-01-02', 1"
    )
    assert rows("SELECT k, v, n, m FROM t ORDER BY k") == [
        (1, "a", 7, Decimal("2.56")),
        (2, None, 7, Decimal("1.00")),
    ]


def test_a_duplicate_key_table_keeps_every_row(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, v INT DEFAULT '5') DUPLICATE KEY (k)")
    rows("INSERT INTO t (k) VALUES (1), (1)")
    rows("INSERT INTO t VALUES (1, DEFAULT), (2, NULL)")
    assert rows("SELECT k, v FROM t ORDER BY k, v") == [(1, 5), (1, 5), (1, 5), (2, None)]


def test_affected_rows(session: Session) -> None:
    def affected(sql: str) -> int:
        return session.execute(sql)[0].affected_rows

    session.execute(PRIMARY)
    assert (
        affected("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1), (2, '2024-01-02', 'b', 2, 2)")
        == 2
    )
    assert affected("UPDATE t SET v = 'x' WHERE k < 9") == 2
    assert affected("DELETE FROM t WHERE k = 1") == 1
    assert affected("CREATE TABLE u AS SELECT * FROM t") == 1


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "INSERT INTO t VALUES (NULL, '2024-01-01', 'a', 1, 1)",
            "NULL value in non-nullable column 'k'",
        ),
        (
            "INSERT INTO t (k, d, n) VALUES (1, '2024-01-01', NULL)",
            "NULL value in non-nullable column 'n'",
        ),
        ("INSERT INTO t VALUES (1, '2024-01-01', 'äöü', 1, 1)", "The max length of 'v' is 5"),
        ("INSERT INTO t SELECT 'x', '2024-01-01', 'a', 1, 1", "The type of 'k' is int"),
        ("INSERT INTO t SELECT 1, 'soon', 'a', 1, 1", "The type of 'd' is date"),
        ("INSERT INTO t SELECT 1, '2024-01-01', 'a', 1, 123456789.5", "Casting value"),
        ("INSERT INTO t SELECT 1", "Column count doesn't match value count"),
        ("INSERT INTO t VALUES (1, 2)", "Column count doesn't match value count"),
        ("INSERT INTO t (k, x) VALUES (1, 2)", "Unknown column 'x'"),
        ("UPDATE t SET k = 5 WHERE k = 1", "Primary key column cannot be updated: k"),
        ("UPDATE t SET v = 'x'", "WHERE clause"),
        ("DELETE FROM t", "WHERE clause"),
        ("INSERT OVERWRITE t PARTITION (p1) SELECT * FROM t", "Unknown partition 'p1'"),
    ],
)
def test_a_refused_write_changes_nothing(
    session: Session, rows: Rows, sql: str, message: str
) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1)")
    versions = (
        "SELECT partition_id, data_version FROM information_schema.partitions_meta "
        "WHERE db_name = DATABASE()"
    )
    before = rows("SELECT * FROM t"), rows(versions)
    with pytest.raises(WarehouseError) as caught:
        session.execute(sql)
    assert message in caught.value.message
    assert (rows("SELECT * FROM t"), rows(versions)) == before


def test_values_are_cast_to_their_columns(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, s STRING, b BOOLEAN, ts DATETIME) DUPLICATE KEY (k)")
    rows("INSERT INTO t VALUES (3.9, 1.50, TRUE, '2024-01-01')")
    rows("INSERT INTO t SELECT 4.9, TRUE, 1, '2024-01-01T10:00:00Z'")
    rows("INSERT INTO t SELECT '5', CAST('2024-01-01' AS DATETIME), '0', '20240102'")
    assert rows("SELECT * FROM t ORDER BY k") == [
        (3, "1.50", True, datetime(2024, 1, 1)),
        (4, "1", True, datetime(2024, 1, 1, 10)),
        (5, "2024-01-01 00:00:00", False, datetime(2024, 1, 2)),
    ]
    with pytest.raises(WarehouseError, match="The type of 'b' is boolean"):
        rows("INSERT INTO t SELECT 6, 'a', 'yes', NOW()")


def test_the_default_of_a_time_is_now_to_the_second(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP) PRIMARY KEY (k)")
    before = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    rows("INSERT INTO t (k) VALUES (1)")
    [(at,)] = rows("SELECT at FROM t")
    assert at.microsecond == 0
    assert timedelta(0) <= at - before <= timedelta(seconds=60)


def test_a_seed_of_literals_is_read_without_the_parser(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, s STRING, m DECIMAL(10, 2), b BOOLEAN, d DATE) DUPLICATE KEY (k)")
    values = ", ".join(
        f"({k}.9, 'it''s {k}; \\\\ \"x\"', -{k}.25, {'TRUE' if k % 2 else 'FALSE'}, "
        f"{'NULL' if k == 3 else repr('2024-01-05')})"
        for k in range(500)
    )
    rows(f"INSERT INTO t (k, s, m, b, d) VALUES {values}")
    assert rows("SELECT COUNT(*), SUM(m), COUNT(d) FROM t") == [(500, Decimal("-124875.00"), 499)]
    assert rows("SELECT s, m, b FROM t WHERE k = 7") == [
        ('it\'s 7; \\ "x"', Decimal("-7.25"), True)
    ]
    with pytest.raises(WarehouseError, match="Column count doesn't match"):
        rows(f"INSERT INTO t (k, s, m, b) VALUES {values}")
    expressions = re.sub(r"'2024-01-05'", "CAST('2024-01-06' AS DATE)", values)
    rows(f"INSERT INTO t (k, s, m, b, d) VALUES {expressions}")
    assert rows("SELECT COUNT(*) FROM t WHERE d = '2024-01-06'") == [(499,)]


def test_update_from_another_table(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, v INT, w STRING) PRIMARY KEY (k)")
    rows("INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')")
    rows("UPDATE t, (SELECT 2 AS k, 'q' AS w) AS s SET t.w = s.w WHERE s.k = t.k")
    rows("UPDATE t SET v = t.v + s.v, w = 'r' FROM (SELECT 3 AS k, 10 AS v) s WHERE s.k = t.k")
    assert rows("SELECT * FROM t ORDER BY k") == [(1, 1, "a"), (2, 2, "q"), (3, 13, "r")]
    rows("DELETE FROM t USING (SELECT 1 AS k) s WHERE s.k = t.k")
    rows("DELETE FROM t WHERE k IN (SELECT k FROM t WHERE w = 'q')")
    assert rows("SELECT k FROM t") == [(3,)]


def test_overwrite_replaces_all_rows(rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1), (2, '2024-01-02', 'b', 2, 2)")
    rows("INSERT OVERWRITE t SELECT k + 10, d, 'z', n, m FROM t WHERE k = 2")
    assert rows("SELECT k, v FROM t") == [(12, "z")]


@pytest.mark.parametrize(
    "insert",
    [
        "INSERT /*+SET_VAR(dynamic_overwrite = TRUE)*/ OVERWRITE t (k, d, v, n, m)",
        "SET dynamic_overwrite = true; INSERT OVERWRITE t",
        "INSERT OVERWRITE t PARTITION (p20240102, p20240103)",
    ],
)
def test_overwrite_of_the_partitions_in_the_source(rows: Rows, insert: str) -> None:
    rows(PRIMARY)
    rows(
        "INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1), (2, '2024-01-02', 'a', 2, 2), "
        "(3, '2024-01-02', 'a', 3, 3), (4, '2024-01-03', 'a', 4, 4)"
    )
    rows(f"{insert} (SELECT k, d, 'new', n, m FROM t WHERE k IN (2, 4))")
    assert rows("SELECT k, v FROM t ORDER BY k") == [(1, "a"), (2, "new"), (4, "new")]


def test_static_overwrite_by_hint(session: Session, rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1)")
    session.execute("SET dynamic_overwrite = true")
    rows(
        "INSERT /*+SET_VAR(dynamic_overwrite = FALSE)*/ OVERWRITE t "
        "SELECT 2, '2024-01-02', 'b', 1, 1"
    )
    assert rows("SELECT k FROM t") == [(2,)]


def test_rows_for_another_partition_than_the_named_are_refused(rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1), (2, '2024-01-02', 'b', 2, 2)")
    with pytest.raises(WarehouseError, match="not in the PARTITION clause"):
        rows("INSERT OVERWRITE t PARTITION (p20240101) SELECT * FROM t")
    assert rows("SELECT k FROM t ORDER BY k") == [(1,), (2,)]


def test_truncate(rows: Rows) -> None:
    rows(PRIMARY)
    rows("INSERT INTO t VALUES (1, '2024-01-01', 'a', 1, 1), (2, '2024-01-02', 'b', 2, 2)")
    rows("TRUNCATE TABLE t PARTITION (p20240101)")
    assert rows("SELECT k FROM t") == [(2,)]
    rows("TRUNCATE TABLE t")
    assert rows("SELECT k FROM t") == []


def test_apply_upserts_deletes_and_keeps_the_order_given(
    warehouse: Warehouse, session: Session, rows: Rows
) -> None:
    rows(
        "CREATE TABLE t (k INT, v STRING, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP) "
        "PRIMARY KEY (k)"
    )
    rows("INSERT INTO t (k, v) VALUES (1, 'a'), (2, 'b')")
    table = warehouse.table(session.database or "", "t")
    with warehouse.write() as cursor:
        cursor.execute(
            "create temp table loaded as from (values (1, null, 1, 1), (2, 'new', 0, 3), "
            "(2, 'old', 0, 2), (3, 'c', 0, 4)) as v(k, v, __op, __seq)"
        )
        assert warehouse.apply(cursor, table, "loaded") == 4
        cursor.execute("drop table loaded")
    assert rows("SELECT k, v FROM t ORDER BY k") == [(2, "new"), (3, "c")]


def test_an_exception_inside_a_write_rolls_back(
    warehouse: Warehouse, session: Session, rows: Rows
) -> None:
    rows("CREATE TABLE t (k INT) PRIMARY KEY (k)")
    table = warehouse.table(session.database or "", "t")

    def fail() -> None:
        with warehouse.write() as cursor:
            cursor.execute("create temp table loaded as select 1 as k")
            warehouse.apply(cursor, table, "loaded")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert rows("SELECT COUNT(*) FROM t") == [(0,)]
