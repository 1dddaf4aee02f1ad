"""Definitions: CREATE TABLE, CREATE TABLE AS SELECT, ALTER TABLE, DROP."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from decimal import Decimal

import duckdb
import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError

ORDERS = """CREATE TABLE `orders` (
  `order_id` bigint NOT NULL COMMENT "the key",
  `changed_at` datetime NOT NULL COMMENT "",
  `status` varchar(20) NULL DEFAULT "placed" COMMENT "",
  `total` decimal(18, 2) NULL COMMENT "",
  `items` json NULL COMMENT "",
  `is_gift` boolean NULL COMMENT "",
  `loaded_at` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT ""
) ENGINE=OLAP
PRIMARY KEY(`order_id`, `changed_at`)
COMMENT "all orders"
PARTITION BY date_trunc('day', changed_at)
DISTRIBUTED BY HASH(`order_id`) BUCKETS 2
ORDER BY(`order_id`)
PROPERTIES (
"replication_num" = "1"
);"""


def test_show_create_table_gives_the_statement_that_created_it(rows: Rows) -> None:
    rows(ORDERS)
    assert rows("SHOW CREATE TABLE orders") == [("orders", ORDERS)]
    rows("DROP TABLE orders")
    rows(ORDERS)
    assert rows("SHOW CREATE TABLE orders") == [("orders", ORDERS)]


def test_describe(rows: Rows) -> None:
    rows(ORDERS)
    assert rows("DESC orders") == [
        ("order_id", "bigint", "NO", "true", None, ""),
        ("changed_at", "datetime", "NO", "true", None, ""),
        ("status", "varchar(20)", "YES", "false", "placed", ""),
        ("total", "decimal(18, 2)", "YES", "false", None, ""),
        ("items", "json", "YES", "false", None, ""),
        ("is_gift", "boolean", "YES", "false", None, ""),
        ("loaded_at", "datetime", "NO", "false", "CURRENT_TIMESTAMP", ""),
    ]


def test_create_table_as_select_with_every_clause(rows: Rows) -> None:
    rows("CREATE TABLE src (id BIGINT, d DATE, m DECIMAL(18, 2), s VARCHAR(5)) DUPLICATE KEY (id)")
    rows("INSERT INTO src VALUES (1, '2024-01-01', 1.50, 'a'), (2, '2024-02-01', 2.50, 'b')")
    rows(
        "CREATE TABLE made PRIMARY KEY (id, d) PARTITION BY date_trunc('month', d) "
        'DISTRIBUTED BY HASH (id) BUCKETS 1 ORDER BY (id) PROPERTIES ("replication_num" = "1") '
        "AS WITH x AS (SELECT id, d, SUM(m) AS m, MAX(s) AS s, COUNT(*) AS n FROM src "
        "GROUP BY 1, 2) SELECT * FROM x"
    )
    assert [(row[0], row[1], row[3]) for row in rows("DESC made")] == [
        ("id", "bigint", "true"),
        ("d", "date", "true"),
        ("m", "decimal(38, 2)", "false"),
        ("s", "varchar(1048576)", "false"),
        ("n", "bigint", "false"),
    ]
    assert rows("SELECT id, m, s, n FROM made ORDER BY id") == [
        (1, Decimal("1.50"), "a", 1),
        (2, Decimal("2.50"), "b", 1),
    ]
    assert rows(
        "SELECT partition_name FROM information_schema.partitions_meta "
        "WHERE table_name = 'made' AND db_name = DATABASE() ORDER BY 1"
    ) == [("p202401",), ("p202402",)]


def test_create_table_like_copies_the_definition_alone(rows: Rows) -> None:
    rows(ORDERS)
    rows("INSERT INTO orders (order_id, changed_at) VALUES (1, '2024-01-01')")
    rows("CREATE TABLE copied LIKE orders")
    assert rows("SHOW CREATE TABLE copied") == [("copied", ORDERS.replace("`orders`", "`copied`"))]
    assert rows("SELECT * FROM copied") == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t (v INT, k INT) PRIMARY KEY (k)", "Key columns should be a ordered prefix"),
        ("CREATE TABLE t (k INT) PRIMARY KEY (x)", "Key column(x) doesn't exist"),
        ("CREATE TABLE t (k DOUBLE) PRIMARY KEY (k)", "of type double cannot be a key"),
        ("CREATE TABLE t (k INT, d DATE) PRIMARY KEY (k) PARTITION BY (d)", "must be a key column"),
        ("CREATE TABLE t (k INT, v INT SUM) AGGREGATE KEY (k)", "not supported"),
        ("CREATE TABLE t (k INT) UNIQUE KEY (k)", "not supported"),
        ("CREATE TABLE t (k HLL)", "Unsupported data type HLL"),
        ("CREATE TABLE t (k DECIMAL(40, 2))", "out of range"),
        ("CREATE TABLE t (k INT, K INT)", "Duplicate column name"),
        ('CREATE TABLE t (k INT) PROPERTIES ("replication_num" = "3")', "replication num"),
        ("CREATE TABLE t (k INT) PARTITION BY (no_such_function(k))", "No matching function"),
        ("CREATE MATERIALIZED VIEW t AS SELECT 1", "Materialized views are not supported"),
    ],
)
def test_what_a_table_cannot_be(session: Session, sql: str, message: str) -> None:
    with pytest.raises(WarehouseError, match="") as caught:
        session.execute(sql)
    assert message in caught.value.message
    assert session.execute("SHOW TABLES")[0].rows == []


def test_existing_and_missing_tables(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT)")
    rows("CREATE TABLE IF NOT EXISTS t (other INT)")
    assert [row[0] for row in rows("DESC t")] == ["k"]
    with pytest.raises(WarehouseError) as caught:
        rows("CREATE TABLE t (k INT)")
    assert (caught.value.code, caught.value.message) == (1050, "Table 't' already exists")
    rows("DROP TABLE t")
    rows("DROP TABLE IF EXISTS t")
    with pytest.raises(WarehouseError) as caught:
        rows("DROP TABLE t")
    assert caught.value.code == 5502


def test_columns_come_and_go(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, v INT) DUPLICATE KEY (k)")
    rows("INSERT INTO t VALUES (1, 2)")
    rows('ALTER TABLE t ADD COLUMN w VARCHAR(5) DEFAULT "x" AFTER k')
    assert rows("SELECT * FROM t") == [(1, "x", 2)]
    assert [row[0] for row in rows("DESC t")] == ["k", "w", "v"]
    rows("ALTER TABLE t MODIFY COLUMN v BIGINT")
    rows("ALTER TABLE t RENAME COLUMN w TO z")
    rows("ALTER TABLE t DROP COLUMN v")
    assert [row[:2] for row in rows("DESC t")] == [("k", "int"), ("z", "varchar(5)")]
    rows("INSERT INTO t VALUES (2, 'y')")
    assert rows("SELECT k, z FROM t ORDER BY k") == [(1, "x"), (2, "y")]


def test_rename_and_swap(rows: Rows) -> None:
    rows("CREATE TABLE a AS SELECT 1 AS x")
    rows("CREATE TABLE b AS SELECT 2 AS x")
    rows("ALTER TABLE a SWAP WITH `b`")
    assert (rows("SELECT x FROM a"), rows("SELECT x FROM b")) == ([(2,)], [(1,)])
    rows("ALTER TABLE a RENAME c")
    assert rows("SHOW TABLES") == [("b",), ("c",)]
    with pytest.raises(WarehouseError, match="already exists"):
        rows("ALTER TABLE c RENAME b")


def test_comments(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT COMMENT 'key') COMMENT 'first'")
    rows("ALTER TABLE t COMMENT = 'second'")
    assert rows(
        "SELECT table_comment FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name = 't'"
    ) == [("second",)]


def test_databases(warehouse: Warehouse) -> None:
    session = warehouse.connect("root")
    with pytest.raises(WarehouseError, match="No database selected"):
        session.execute("CREATE TABLE t (k INT)")
    session.execute("CREATE DATABASE default_catalog.d1")
    with pytest.raises(WarehouseError, match="database exists"):
        session.execute("CREATE DATABASE d1")
    session.execute(
        "CREATE SCHEMA IF NOT EXISTS `d1`; USE default_catalog.d1; CREATE TABLE t (k INT)"
    )
    assert session.database == "d1"
    assert ("d1",) in session.execute("SHOW DATABASES")[0].rows
    assert session.execute("SHOW DATABASES LIKE 'd_'")[0].rows == [("d1",)]
    session.execute("DROP DATABASE d1 FORCE")
    with pytest.raises(WarehouseError, match="Unknown database 'd1'"):
        session.execute("SELECT * FROM d1.t")
    session.close()


@pytest.mark.parametrize(
    ("created", "sql"),
    [
        ("TABLE {}", "(k INT)"),
        ("TABLE {}", "AS SELECT 1 AS k"),
        ("TABLE {}", "LIKE source"),
        ("VIEW {}", "AS SELECT k FROM source"),
        ("DATABASE {}_of_two", ""),
    ],
)
@pytest.mark.parametrize("may_exist", [True, False])
def test_of_two_sessions_that_create_the_same_one_is_first(
    warehouse: Warehouse,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    created: str,
    sql: str,
    may_exist: bool,
) -> None:
    session.execute("CREATE TABLE source (k INT)")
    name = created.format(session.database if "DATABASE" in created else "t")
    kind, _, plain = name.partition(" ")
    statement = f"CREATE {kind} {'IF NOT EXISTS ' if may_exist else ''}{plain} {sql}"
    both_wait_for_the_lock = threading.Barrier(2)
    define = warehouse.define

    def defined(
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        both_wait_for_the_lock.wait(timeout=20)
        return define(connection)

    monkeypatch.setattr(warehouse, "define", defined)

    def create(_: int) -> int:
        own = warehouse.connect("root", session.database)
        try:
            own.execute(statement)
        except WarehouseError as failure:
            return failure.code
        finally:
            own.close()
        return 0

    with ThreadPoolExecutor(2) as sessions:
        codes = sorted(sessions.map(create, range(2)))
    monkeypatch.undo()
    taken = 1007 if kind == "DATABASE" else 1050
    assert codes == ([0, 0] if may_exist else [0, taken])
    if "SELECT 1" in sql:
        assert session.execute("SELECT k FROM t")[0].rows == [(1,)]
    session.execute(f"DROP {name}")
