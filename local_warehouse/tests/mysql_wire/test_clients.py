"""Real clients against a real server."""

import datetime
import os
import socket
import time
from decimal import Decimal
from typing import Any

import mysql.connector
import pymysql
import pytest
from pymysql.constants import CLIENT, FIELD_TYPE
from warehouse_server import PASSWORD, Server, processor_ticks, wait_until

VALUES = """
SELECT CAST(7 AS TINYINT) AS a, CAST(7 AS INT) AS b, CAST(7 AS BIGINT) AS c,
       CAST('1.50' AS DECIMAL(10, 2)) AS d, CAST(1.5 AS DOUBLE) AS e, TRUE AS f, 'ä€😀' AS g,
       CAST('2026-01-02' AS DATE) AS h, CAST('2026-01-02 03:04:05.000006' AS DATETIME) AS i,
       NULL AS j, '' AS k
"""
ROW = (
    7,
    7,
    7,
    Decimal("1.50"),
    1.5,
    1,
    "ä€😀",
    datetime.date(2026, 1, 2),
    datetime.datetime.fromisoformat("2026-01-02 03:04:05.000006"),
    None,
    "",
)


def connect_pure(server: Server, **settings: Any) -> Any:
    settings = {"user": "root", "password": PASSWORD, "use_pure": True} | settings
    return mysql.connector.connect(host="127.0.0.1", port=server.mysql_port, **settings)


def test_pymysql_reads_every_type(server: Server) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(VALUES)
        assert cursor.fetchall() == (ROW,)
        assert [(name, code) for name, code, *_ in cursor.description][:9] == [
            ("a", FIELD_TYPE.TINY),
            ("b", FIELD_TYPE.LONG),
            ("c", FIELD_TYPE.LONGLONG),
            ("d", FIELD_TYPE.NEWDECIMAL),
            ("e", FIELD_TYPE.DOUBLE),
            ("f", FIELD_TYPE.TINY),
            ("g", FIELD_TYPE.VAR_STRING),
            ("h", FIELD_TYPE.DATE),
            ("i", FIELD_TYPE.DATETIME),
        ]


def test_mysql_connector_reads_every_type(server: Server) -> None:
    # As dbt-starrocks connects: no plugin named, the database with its catalog, buffered.
    with connect_pure(
        server, database="default_catalog.information_schema", auth_plugin="", buffered=True
    ) as connection:
        cursor = connection.cursor()
        cursor.execute(VALUES)
        assert cursor.fetchall() == [ROW]


def test_affected_rows_are_counted(server: Server, database: str) -> None:
    with server.connect(database=database) as connection, connection.cursor() as cursor:
        assert cursor.execute("CREATE TABLE t (a INT) DUPLICATE KEY (a)") == 0
        assert cursor.execute("INSERT INTO t VALUES (1), (2), (3)") == 3


def test_several_statements_give_several_results(server: Server) -> None:
    with (
        server.connect(client_flag=CLIENT.MULTI_STATEMENTS) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1; SET query_timeout = 300; SELECT 2, 3")
        results: list[Any] = [cursor.fetchall()]
        while cursor.nextset():
            results.append(cursor.fetchall())
    assert results == [((1,),), [], ((2, 3),)]


def test_an_error_has_its_number_and_leaves_the_connection_usable(server: Server) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.ProgrammingError) as failure:
            cursor.execute("SELECT FROM")
        assert failure.value.args[0] == 1064
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == ((1,),)


def test_the_database_of_the_handshake_must_exist(server: Server) -> None:
    with pytest.raises(pymysql.MySQLError, match="Unknown database 'nowhere'"):
        server.connect(database="nowhere")


def test_the_database_can_be_changed(server: Server, database: str) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        connection.select_db(database)
        cursor.execute("SELECT DATABASE()")
        assert cursor.fetchall() == ((database,),)
        with pytest.raises(pymysql.MySQLError, match="Unknown database 'nowhere'"):
            connection.select_db("nowhere")


def test_statements_and_values_over_sixteen_megabytes_pass(server: Server) -> None:
    text = "x" * (17 * 1024 * 1024)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT '{text}', 1")
        (row,) = cursor.fetchall()
    assert (len(row[0]), row[1]) == (len(text), 1)


def test_large_results_arrive_whole(server: Server, database: str) -> None:
    rows = "\n".join(f'{{"id": {number}, "name": "n{number}"}}' for number in range(50_000))
    server.query(f"CREATE TABLE {database}.t (id BIGINT, name VARCHAR(20)) DUPLICATE KEY (id)")
    server.load(database, "t", rows)
    found = server.query(f"SELECT id, name FROM {database}.t ORDER BY id")
    assert found == [(number, f"n{number}") for number in range(50_000)]


def test_unknown_commands_are_refused(server: Server) -> None:
    connection: Any
    with server.connect() as connection:
        connection._execute_command(0x04, b"table\0")
        with pytest.raises(pymysql.MySQLError, match="Unknown command 0x04"):
            connection._read_ok_packet()
        connection.ping(reconnect=False)


@pytest.mark.parametrize(
    ("user", "password", "used"),
    [("root", "wrong", "YES"), ("root", "", "NO"), ("nobody", PASSWORD, "YES")],
)
def test_wrong_credentials_are_denied(server: Server, user: str, password: str, used: str) -> None:
    with pytest.raises(pymysql.OperationalError) as failure:
        server.connect(user=user, password=password)
    message = f"Access denied for user '{user}' (using password: {used})"
    assert failure.value.args == (1045, message)


def test_another_plugin_is_switched_to_the_native_one(server: Server) -> None:
    with connect_pure(server, auth_plugin="caching_sha2_password") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert cursor.fetchall() == [(1,)]
    with pytest.raises(mysql.connector.Error, match="Access denied"):
        connect_pure(server, auth_plugin="caching_sha2_password", password="wrong")


def packet(sequence: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


def everything_answered(server: Server, *packets: bytes) -> bytes:
    """What the server sends after its greeting until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.mysql_port), timeout=20) as client:
        greeting = client.recv(4096)
        assert len(greeting) == 4 + greeting[0]
        answer = b""
        try:
            for sent in packets:
                client.sendall(sent)
            while received := client.recv(4096):
                answer += received
        except ConnectionError:
            pass
    return answer


QUERY = packet(0, b"\x03SELECT 'leaked' AS leaked")
DENIED = b"#28000Access denied for user 'root' (using password: YES)"


def login(token: bytes) -> bytes:
    flags = (1 << 9 | 1 << 15).to_bytes(4, "little")
    return packet(1, flags + bytes(28) + b"root\0" + bytes([len(token)]) + token)


def test_no_query_is_answered_before_authentication(server: Server) -> None:
    assert everything_answered(server, QUERY) == b""


def test_no_query_is_answered_after_access_was_denied(server: Server) -> None:
    answer = everything_answered(server, login(b"x" * 20), QUERY)
    assert answer[4:] == b"\xff" + (1045).to_bytes(2, "little") + DENIED


def test_a_client_that_drops_cancels_its_statement(server: Server, database: str) -> None:
    rows = "\n".join(f'{{"id": {number}}}' for number in range(10_000))
    server.query(f"CREATE TABLE {database}.t (id BIGINT) DUPLICATE KEY (id)")
    server.load(database, "t", rows)
    connection: Any = server.connect(database=database)
    endless = "SELECT COUNT(*) FROM t a, t b, t c WHERE (a.id * b.id + c.id) % 1000003 = 7"
    connection._execute_command(0x03, endless)
    process_id = server.process.pid
    started = processor_ticks(process_id)
    busy = os.sysconf("SC_CLK_TCK") // 2
    wait_until(lambda: processor_ticks(process_id) - started > busy)

    connection._force_close()

    def is_idle() -> bool:
        before = processor_ticks(process_id)
        time.sleep(1)  # two busy threads use up to 2 s of CPU in it, an idle process next to none
        return processor_ticks(process_id) - before <= 2

    wait_until(is_idle)
