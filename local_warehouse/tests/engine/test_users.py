"""Users and grants, which hold for every statement."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError, hash_password


@pytest.fixture
def user(session: Session) -> Iterator[str]:
    session.execute("CREATE USER IF NOT EXISTS 'analyst'@'%' IDENTIFIED BY 'secret'")
    yield "analyst"
    session.execute("DROP USER 'analyst'@'%'")


@pytest.fixture
def analyst(warehouse: Warehouse, session: Session, user: str) -> Iterator[Session]:
    session.execute("CREATE TABLE t (k INT); INSERT INTO t VALUES (1); CREATE TABLE u (k INT)")
    session.execute("CREATE VIEW v AS SELECT k FROM t")
    connected = warehouse.connect(user, session.database)
    yield connected
    connected.close()


def test_passwords(warehouse: Warehouse, session: Session, user: str) -> None:
    assert warehouse.password_hash(user) == hash_password("secret")
    assert warehouse.password_hash("nobody") is None
    session.execute("SET PASSWORD FOR 'analyst' = PASSWORD('other')")
    assert warehouse.password_hash(user) == hash_password("other")
    with pytest.raises(WarehouseError, match="user 'analyst'@'%' already exists!"):
        session.execute("CREATE USER analyst IDENTIFIED BY 'x'")


def test_roots_password_is_that_of_the_last_start(tmp_path: Path) -> None:
    Warehouse.open(tmp_path, "first").close()
    warehouse = Warehouse.open(tmp_path, "second")
    assert warehouse.password_hash("root") == hash_password("second")
    warehouse.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t",
        "SELECT * FROM v",
        "INSERT INTO t VALUES (2)",
        "DELETE FROM t WHERE k = 1",
        "CREATE TABLE x (k INT)",
        "CREATE VIEW x AS SELECT 1",
        "DROP TABLE t",
        "ALTER TABLE t COMMENT = 'x'",
        "TRUNCATE TABLE t",
        "CREATE DATABASE x",
        "CREATE USER x IDENTIFIED BY 'y'",
        "GRANT SELECT ON t TO analyst",
        "SET PASSWORD FOR 'root' = PASSWORD('x')",
        "DESC t",
    ],
)
def test_without_a_grant_everything_is_refused(analyst: Session, sql: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        analyst.execute(sql)
    assert caught.value.code == 5203


def test_a_grant_opens_what_it_names(
    warehouse: Warehouse, session: Session, analyst: Session
) -> None:
    session.execute("GRANT SELECT, INSERT ON TABLE t TO USER 'analyst'@'%'")
    session.execute("GRANT SELECT ON v TO analyst")
    analyst.execute("INSERT INTO t VALUES (2)")
    assert analyst.execute("SELECT k FROM v ORDER BY k")[0].rows == [(1,), (2,)]
    table = warehouse.table(session.database or "", "t")
    assert (warehouse.may_insert("analyst", table), warehouse.may_insert("nobody", table)) == (
        True,
        False,
    )
    with pytest.raises(WarehouseError, match="SELECT"):
        analyst.execute("SELECT k FROM u")
    session.execute("REVOKE INSERT ON t FROM USER analyst")
    with pytest.raises(WarehouseError, match="INSERT"):
        analyst.execute("INSERT INTO t VALUES (3)")


def test_a_view_needs_no_rights_on_its_tables(session: Session, analyst: Session) -> None:
    session.execute("GRANT SELECT ON v TO analyst")
    assert analyst.execute("SELECT k FROM v")[0].rows == [(1,)]
    with pytest.raises(WarehouseError, match="SELECT"):
        analyst.execute("SELECT k FROM t")


def test_a_grant_on_all_tables_covers_later_ones(session: Session, analyst: Session) -> None:
    session.execute(f"GRANT SELECT ON ALL TABLES IN DATABASE {session.database} TO USER analyst")
    session.execute(f"GRANT CREATE TABLE ON DATABASE {session.database} TO USER analyst")
    session.execute("CREATE TABLE later AS SELECT 5 AS k")
    assert analyst.execute("SELECT k FROM later")[0].rows == [(5,)]
    analyst.execute("CREATE TABLE own AS SELECT * FROM later")


def test_metadata_shows_what_a_user_may_touch(
    session: Session, analyst: Session, rows: Rows
) -> None:
    asked = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    assert analyst.execute(asked)[0].rows == []
    session.execute("GRANT SELECT ON t TO analyst")
    assert analyst.execute(asked)[0].rows == [("t",)]
    assert analyst.execute("SHOW TABLES")[0].rows == [("t",)]
    partitions = (
        "SELECT table_name FROM information_schema.partitions_meta WHERE db_name = DATABASE()"
    )
    assert analyst.execute(partitions)[0].rows == [("t",)]
    assert len(rows(partitions)) == 2
    assert [row[2] for row in rows("SHOW GRANTS FOR 'analyst'@'%'")] == [
        f"GRANT SELECT ON TABLE {session.database}.t TO USER 'analyst'@'%'"
    ]
