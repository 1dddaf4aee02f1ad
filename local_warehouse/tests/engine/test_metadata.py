"""information_schema, views and the SHOW statements that clients send."""

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError
from local_warehouse.engine.nodes import BuiltInBackend


def test_columns_as_dbt_reads_them(rows: Rows) -> None:
    rows(
        "CREATE TABLE t (k BIGINT, m DECIMAL(18, 2), s VARCHAR(20), b BOOLEAN, j JSON) "
        "PRIMARY KEY (k)"
    )
    assert rows(
        "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale "
        "FROM INFORMATION_SCHEMA.columns WHERE table_name = 't' AND table_schema = DATABASE() "
        "ORDER BY ordinal_position"
    ) == [
        ("k", "bigint", None, 19, 0),
        ("m", "decimal", None, 18, 2),
        ("s", "varchar", 20, None, None),
        ("b", "tinyint", None, None, None),
        ("j", "json", None, None, None),
    ]


def test_relations_as_dbt_reads_them(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT); CREATE VIEW v AS SELECT k FROM t")
    assert rows(
        'SELECT NULL AS "database", tbl.table_name AS name, '
        "CASE WHEN tbl.table_type = 'BASE TABLE' THEN 'table' "
        "WHEN tbl.table_type = 'VIEW' AND mv.table_name IS NULL THEN 'view' ELSE 'unknown' END "
        "FROM information_schema.tables tbl "
        "LEFT JOIN default_catalog.information_schema.materialized_views mv "
        "ON tbl.TABLE_SCHEMA = mv.TABLE_SCHEMA AND tbl.TABLE_NAME = mv.TABLE_NAME "
        "WHERE tbl.table_schema = DATABASE() ORDER BY name"
    ) == [(None, "t", "table"), (None, "v", "view")]


def test_tables_have_exact_row_counts_and_times(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT) COMMENT 'c'; INSERT INTO t VALUES (1), (2)")
    assert rows(
        "SELECT TABLE_TYPE, ENGINE, TABLE_ROWS, UPDATE_TIME <= UTC_TIMESTAMP(), TABLE_COMMENT "
        "FROM information_schema.tables WHERE TABLE_SCHEMA = DATABASE()"
    ) == [("BASE TABLE", "StarRocks", 2, True, "c")]


def test_tables_config(rows: Rows) -> None:
    rows(
        "CREATE TABLE t (k INT, d DATE) PRIMARY KEY (k, d) PARTITION BY date_trunc('day', d) "
        "DISTRIBUTED BY HASH(k) BUCKETS 3"
    )
    assert rows(
        "SELECT table_model, primary_key, partition_key, distribute_key, distribute_bucket "
        "FROM information_schema.tables_config WHERE table_schema = DATABASE()"
    ) == [("PRIMARY_KEYS", "`k`, `d`", "date_trunc('day', d)", "`k`", 3)]


def test_the_same_view_has_the_same_text(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, v INT)")
    rows("CREATE VIEW a AS select   k, sum(v)\nfrom t -- comment\ngroup by k")
    rows("CREATE VIEW b AS SELECT k, SUM(v) FROM t GROUP BY k")
    texts = rows(
        "SELECT view_definition FROM information_schema.views WHERE table_schema = DATABASE()"
    )
    assert len(texts) == 2
    assert texts[0] == texts[1]


def test_a_view_follows_its_tables(session: Session, rows: Rows) -> None:
    rows("CREATE TABLE t (k INT, v INT); INSERT INTO t VALUES (1, 2)")
    rows("CREATE VIEW v AS WITH t2 AS (SELECT * FROM t) SELECT t2.k, t2.v AS value FROM t2")
    rows("CREATE VIEW w (x COMMENT 'twice') AS SELECT 2 * v.value FROM v")
    assert rows("SELECT x FROM w") == [(4,)]
    rows("DROP TABLE t; CREATE TABLE t (extra STRING, k BIGINT, v DECIMAL(10, 2))")
    rows("INSERT INTO t VALUES ('a', 1, 1.50)")
    assert rows("SELECT x FROM w") == rows("SELECT 2 * 1.50")
    rows("CREATE OR REPLACE VIEW v AS SELECT 5 AS value")
    assert rows("SELECT w.x FROM w") == [(10,)]
    assert [row[:2] for row in rows("DESC w")] == [("x", "int")]
    rows("DROP VIEW v")
    with pytest.raises(WarehouseError):
        session.execute("SELECT x FROM w")


def test_a_rename_of_a_view_as_dbt_does_it(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT); INSERT INTO t VALUES (1)")
    rows("CREATE VIEW v AS SELECT k, 'it''s' AS s FROM t WHERE k > 0")
    [(text,)] = rows(
        "SELECT VIEW_DEFINITION AS sql FROM information_schema.views "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'v'"
    )
    rows(f"CREATE VIEW v2 AS {text}; DROP VIEW IF EXISTS v")
    assert rows("SELECT k, s FROM v2") == [(1, "it's")]


def test_what_drivers_ask_for(session: Session, rows: Rows) -> None:
    rows("SET NAMES utf8mb4; SET autocommit = 0; SET @@session.autocommit = ON; COMMIT; ROLLBACK")
    assert rows("SELECT @@version_comment LIMIT 1") == [("StarRocks version 4.0.4",)]
    assert rows("SHOW VARIABLES LIKE 'sql_mode'") == [("sql_mode", "ONLY_FULL_GROUP_BY")]
    assert rows("SHOW WARNINGS") == []
    assert rows("SELECT 1 FROM dual") == [(1,)]
    assert session.execute("") == session.execute(" ; ")
    assert rows("SELECT USER(), CONNECTION_ID()") == [("'root'@'%'", session.connection_id)]
    assert [len(found) for found in (rows("SHOW CATALOGS"), rows("EXPLAIN SELECT 1"))] == [
        1,
        len(rows("EXPLAIN SELECT 1")),
    ]


def test_nodes_have_the_ports_of_the_process(warehouse: Warehouse, rows: Rows) -> None:
    warehouse.frontend.query_port = 19030
    warehouse.backends = BuiltInBackend("127.0.0.1", 18040)
    assert rows("SHOW FRONTENDS")[0][5] == "19030"
    assert rows("SHOW BACKENDS")[0][4] == "18040"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SET no_such_variable = 1", 1193),
        ("SET version = '1'", 1621),
        ("SET time_zone = 'Asia/Shanghai'", 1298),
    ],
)
def test_variables_that_cannot_be_set(session: Session, sql: str, code: int) -> None:
    with pytest.raises(WarehouseError) as caught:
        session.execute(sql)
    assert caught.value.code == code
