"""The statements that set a cluster up: users, passwords, grants, nodes, buckets, the time zone."""

import contextlib
import threading
from collections.abc import Iterator

import duckdb
import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError, hash_password
from local_warehouse.engine.nodes import MISSED_HEARTBEATS, Backend, Heartbeat, RegisteredBackends

PASSWORDS = [
    "p",
    "it's",
    'say "x"',
    "back\\slash\\",
    "pä wörd 密码 🔑",
    "; -- /* # ` % \n",
    "''",
    "\\'",
]


def escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


@pytest.fixture
def user(session: Session) -> str:
    session.execute("DROP USER IF EXISTS 'setup'@'%'")
    session.execute("CREATE USER IF NOT EXISTS 'setup'@'%' IDENTIFIED BY 'first'")
    return "setup"


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE USER IF NOT EXISTS 'fresh'@'%' IDENTIFIED BY {}; SELECT 1",
        "CREATE USER 'fresh'@'%' IDENTIFIED WITH mysql_native_password BY {}",
        "CREATE USER fresh; ALTER USER 'fresh'@'%' IDENTIFIED BY {};",
        "CREATE USER fresh; SET PASSWORD FOR 'fresh'@'%' = PASSWORD({})",
    ],
)
def test_passwords_of_any_characters(
    warehouse: Warehouse, session: Session, statement: str, password: str
) -> None:
    doubled = password.replace("\\", "\\\\").replace("'", "''")
    for literal in (f"'{escaped(password)}'", f"'{doubled}'"):
        session.execute("DROP USER IF EXISTS fresh")
        session.execute(statement.format(literal))
        assert warehouse.password_hash("fresh") == hash_password(password)


@pytest.mark.parametrize("password", PASSWORDS)
def test_everybody_may_change_ones_own_password(
    warehouse: Warehouse, user: str, password: str
) -> None:
    warehouse.connect(user).execute(f"SET PASSWORD = PASSWORD('{escaped(password)}')")
    assert warehouse.password_hash(user) == hash_password(password)


@pytest.mark.parametrize(
    "sql",
    [
        "SET PASSWORD = 'second'",
        "SET PASSWORD = PASSWORD()",
        "SET PASSWORD = PASSWORD(NULL)",
        "SET PASSWORD = PASSWORD(CONCAT('sec', 'ond'))",
        "SET PASSWORD = PASSWORD('second', 'third')",
        "SET PASSWORD = OLD_PASSWORD('second')",
        "SET PASSWORD = PASSWORD('second'), autocommit = 1",
        "SET autocommit = 1, PASSWORD = PASSWORD('second')",
    ],
)
def test_what_is_no_single_password_changes_none_and_is_not_repeated(
    warehouse: Warehouse, user: str, sql: str
) -> None:
    with pytest.raises(WarehouseError) as caught:
        warehouse.connect(user).execute(sql)
    assert caught.value.message == (
        "Getting syntax error. Detail message: SET PASSWORD takes one PASSWORD('…') and nothing "
        "else."
    )
    assert warehouse.password_hash(user) == hash_password("first")


def test_create_user_if_not_exists_keeps_the_password(
    warehouse: Warehouse, session: Session, user: str
) -> None:
    session.execute("CREATE USER IF NOT EXISTS 'setup'@'%' IDENTIFIED BY 'second'")
    assert warehouse.password_hash(user) == hash_password("first")


def test_a_password_is_not_repeated_in_an_error(session: Session) -> None:
    with pytest.raises(WarehouseError) as caught:
        session.execute("CREATE USER x IDENTIFIED BY 'it''s secret' REQUIRE SSL")
    assert caught.value.message == (
        "Getting syntax error. Detail message: Statement is not supported by the local warehouse: "
        "CREATE USER x IDENTIFIED BY '***' REQUIRE SSL."
    )


def test_users_and_grants_are_shown_as_starrocks_shows_them(
    session: Session, user: str, rows: Rows
) -> None:
    database = session.database
    session.execute(
        f"""
        GRANT SELECT, INSERT ON ALL TABLES IN DATABASE {database} TO USER 'setup'@'%';
        GRANT INSERT ON ALL TABLES IN DATABASE {database} TO USER 'setup'@'%';
        GRANT SELECT ON ALL VIEWS IN DATABASE {database} TO USER 'setup'@'%';
        GRANT CREATE TABLE ON DATABASE {database} TO USER 'setup'@'%';
        """
    )
    expected = [
        ("'setup'@'%'", "default_catalog", f"GRANT {privileges} TO USER 'setup'@'%'")
        for privileges in (
            f"INSERT, SELECT ON ALL TABLES IN DATABASE {database}",
            f"SELECT ON ALL VIEWS IN DATABASE {database}",
            f"CREATE TABLE ON DATABASE {database}",
        )
    ]
    assert rows("SHOW GRANTS FOR 'setup'@'%'") == expected
    assert session.warehouse.connect(user).execute("SHOW GRANTS")[0].rows == expected
    assert ("'setup'@'%'",) in rows("SHOW USERS")


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW USERS",
        "SHOW BACKENDS",
        "SHOW FRONTENDS",
        "SHOW GRANTS FOR 'root'@'%'",
        "DROP DATABASE {}",
        "ALTER SYSTEM DROP BACKEND 'h:9050'",
        "ALTER USER 'root'@'%' IDENTIFIED BY 'p'",
        "CREATE DATABASE IF NOT EXISTS {}",
    ],
)
def test_every_right_on_tables_is_none_on_anything_else(
    session: Session, user: str, sql: str
) -> None:
    database = session.database or ""
    session.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, DROP "
        f"ON ALL TABLES IN DATABASE {database} TO USER {user}"
    )
    with pytest.raises(WarehouseError) as caught:
        session.warehouse.connect(user).execute(sql.format(database))
    assert caught.value.code == 5203


def test_the_right_to_create_tables_shows_no_other_table(session: Session, user: str) -> None:
    database = session.database or ""
    session.execute("CREATE TABLE t (k INT)")
    session.execute(f"GRANT CREATE TABLE ON DATABASE {database} TO USER {user}")
    own = session.warehouse.connect(user, database)
    assert own.execute("SHOW TABLES")[0].rows == []
    asked = f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{database}'"
    assert own.execute(asked)[0].rows == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE USER setup IDENTIFIED BY 'p'", "user 'setup'@'%' already exists!"),
        ("ALTER USER nobody IDENTIFIED BY 'p'", "cannot find user 'nobody'@'%'"),
        ("DROP USER nobody", "cannot find user 'nobody'@'%'"),
        ("SHOW GRANTS FOR nobody", "cannot find user 'nobody'@'%'"),
        ("GRANT SELECT ON ALL TABLES IN DATABASE x TO USER setup", "cannot find db: x"),
        ("ALTER SYSTEM ADD BACKEND 'h:9050'", "h:9050 cannot be added: the backend is built in"),
        ("ALTER SYSTEM ADD BACKEND 'h'", "Invalid host port: h"),
    ],
)
@pytest.mark.usefixtures("user")
def test_what_does_not_fit_is_error_1064(session: Session, sql: str, message: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        session.execute(sql)
    assert (caught.value.code, caught.value.message) == (
        1064,
        f"Getting analyzing error. Detail message: {message}.",
    )


def test_the_time_zone_is_utc(rows: Rows) -> None:
    assert rows("SELECT @@global.time_zone, @@system_time_zone") == [("UTC", "UTC")]
    assert rows("SHOW VARIABLES LIKE 'time_zone'") == [("time_zone", "UTC")]
    assert rows("SHOW GLOBAL VARIABLES LIKE 'time_zone'") == [("time_zone", "UTC")]


def test_buckets_are_kept_and_shown(rows: Rows) -> None:
    rows("CREATE TABLE t (k INT NOT NULL) PRIMARY KEY (k) DISTRIBUTED BY HASH(k) BUCKETS 2")
    rows("CREATE TABLE u DISTRIBUTED BY RANDOM BUCKETS 3 AS SELECT 1 AS k")
    rows("CREATE TABLE l LIKE t")
    rows("CREATE TABLE n (k INT) DISTRIBUTED BY HASH(k)")
    assert rows(
        "SELECT table_name, distribute_bucket FROM information_schema.tables_config "
        "WHERE table_schema = DATABASE() ORDER BY table_name"
    ) == [("l", 2), ("n", 0), ("t", 2), ("u", 3)]
    assert rows(
        "SELECT table_name, buckets, replication_num FROM information_schema.partitions_meta "
        "WHERE db_name = DATABASE() ORDER BY table_name"
    ) == [("l", 2, 1), ("n", 1, 1), ("t", 2, 1), ("u", 3, 1)]
    assert "DISTRIBUTED BY HASH(`k`) BUCKETS 2\n" in rows("SHOW CREATE TABLE l")[0][1]
    assert "DISTRIBUTED BY RANDOM BUCKETS 3\n" in rows("SHOW CREATE TABLE u")[0][1]


def test_a_backend_may_miss_heartbeats_but_not_many() -> None:
    backend = Backend(1, "h").heard(Heartbeat(http_port=18040))
    for _ in range(MISSED_HEARTBEATS - 1):
        backend = backend.not_heard("no answer in time", gone=False)
        assert (backend.alive, backend.error) == (True, "")
    backend = backend.not_heard("no answer in time", gone=False)
    assert (backend.alive, backend.error) == (False, "no answer in time")
    assert backend.heartbeat == Heartbeat(http_port=18040)
    assert backend.heard(Heartbeat()).not_heard("refused", gone=True).alive is False
    assert Backend(1, "h").not_heard("no answer in time", gone=False).alive is False


def test_a_backend_that_two_add_at_once_is_there_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends = RegisteredBackends(warehouse, 1)
    write = warehouse.write
    refused: list[int] = []

    def add_too() -> None:
        try:
            backends.add("h", 9050)
        except WarehouseError as failure:
            refused.append(failure.code)

    second = threading.Thread(target=add_too)

    @contextlib.contextmanager
    def written() -> Iterator[duckdb.DuckDBPyConnection]:
        with write() as cursor:
            yield cursor
        monkeypatch.undo()
        second.start()
        second.join(timeout=0.5)  # it gets no further: it waits until the first is noted

    monkeypatch.setattr(warehouse, "write", written)
    backends.add("h", 9050)
    second.join()
    assert refused == [1064]
    for found in (backends, RegisteredBackends(warehouse, 1)):
        assert [backend.address for backend in found.all()] == ["h:9050"]
    backends.drop("h", 9050)
    assert list(RegisteredBackends(warehouse, 1).all()) == []
