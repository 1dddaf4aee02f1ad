"""What a load does to a table, and what its reply says."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from warehouse_server import Server

ORDERS = """
CREATE TABLE {database}.orders (
    order_id BIGINT NOT NULL, status VARCHAR(10), amount DECIMAL(18, 2), ordered_at DATETIME,
    items JSON, channel VARCHAR(10) NOT NULL DEFAULT "web",
    loaded_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) PRIMARY KEY (order_id) DISTRIBUTED BY HASH (order_id)
"""
EVENTS = "CREATE TABLE {database}.events (id BIGINT NOT NULL, name VARCHAR(10)) DUPLICATE KEY (id)"
TIMINGS = (
    "LoadTimeMs",
    "BeginTxnTimeMs",
    "StreamLoadPlanTimeMs",
    "ReadDataTimeMs",
    "WriteDataTimeMs",
    "CommitAndPublishTimeMs",
)


@pytest.fixture
def orders(server: Server, database: str) -> str:
    server.query(ORDERS.format(database=database))
    return database


@pytest.fixture
def events(server: Server, database: str) -> str:
    server.query(EVENTS.format(database=database))
    return database


def outcome(reply: dict[str, Any]) -> tuple[Any, ...]:
    """Status, message and the counts: total, loaded, filtered, unselected."""
    return (
        reply["Status"],
        reply["Message"],
        reply["NumberTotalRows"],
        reply["NumberLoadedRows"],
        reply["NumberFilteredRows"],
        reply["NumberUnselectedRows"],
    )


def error_log(server: Server, reply: dict[str, Any]) -> list[str]:
    path = reply["ErrorURL"].removeprefix(f"http://127.0.0.1:{server.be_http_port}")
    response = server.request("GET", server.be_http_port, path, b"", {})
    assert response.status == 200
    return response.read().decode().splitlines()


def test_rows_arrive_with_their_types_and_defaults(server: Server, orders: str) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    body = (
        '{"order_id": 1, "status": "placed", "amount": "12.50", "unknown": 1,'
        ' "ordered_at": "2026-01-02 03:04:05.000006", "items": [{"price":"1.10"}]}\n'
        '{"order_id": 2, "amount": 7}\n'
    )
    columns = "order_id,status,amount,ordered_at,items"
    reply = server.load(orders, "orders", body, label="first", columns=columns)
    assert list(reply) == [
        *("TxnId", "Label", "Status", "Message"),
        *("NumberTotalRows", "NumberLoadedRows", "NumberFilteredRows", "NumberUnselectedRows"),
        *("LoadBytes", *TIMINGS),
    ]
    assert outcome(reply) == ("Success", "OK", 2, 2, 0, 0)
    assert (reply["Label"], reply["LoadBytes"]) == ("first", len(body))
    rows = server.query(f"SELECT * FROM {orders}.orders ORDER BY order_id")
    ordered_at = datetime.datetime.fromisoformat("2026-01-02 03:04:05.000006")
    assert [row[:-1] for row in rows] == [
        (1, "placed", Decimal("12.50"), ordered_at, '[{"price":"1.10"}]', "web"),
        (2, None, Decimal("7.00"), None, None, "web"),
    ]
    loaded_at = {row[-1] for row in rows}
    assert len(loaded_at) == 1
    assert before <= loaded_at.pop() <= before + datetime.timedelta(minutes=1)


def test_a_constant_of_the_columns_header_fills_a_column(server: Server, orders: str) -> None:
    columns = "order_id,tmp,status='x,=(',channel=upper(tmp)"
    server.load(orders, "orders", '{"order_id": 1, "tmp": "app"}', columns=columns)
    rows = server.query(f"SELECT order_id, status, channel FROM {orders}.orders")
    assert rows == [(1, "x,=(", "APP")]


@pytest.mark.parametrize(
    ("body", "strip_outer_array"),
    [
        ('{"id": 1, "name": "a"}\n\n{"id": 2, "name": "b"}', "false"),
        ('{"id": 1, "name": "a"}{"id": 2, "name": "b"}', "false"),
        ('{\n"id": 1,\n"name": "a"}\n{"id": 2,\n"name": "b"}', "false"),
        ('\n [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]', "true"),
        ('\ufeff[{"id": 1, "name": "a"},\n{"id": 2, "name": "b"}]', "true"),
    ],
)
def test_json_comes_as_documents_or_as_an_array(
    server: Server, events: str, body: str, strip_outer_array: str
) -> None:
    reply = server.load(events, "events", body, strip_outer_array=strip_outer_array)
    assert outcome(reply) == ("Success", "OK", 2, 2, 0, 0)
    rows = server.query(f"SELECT * FROM {events}.events ORDER BY id")
    assert rows == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("body", "strip_outer_array", "message"),
    [
        ("", "false", "all partitions have no load data"),
        ("  \n", "false", "all partitions have no load data"),
        ("[]", "true", "all partitions have no load data"),
        ("x", "false", "illegal json started with x"),
        (
            '[{"id": 1}]',
            "false",
            "The value is array type in json document stream, you can set strip_outer_array=true "
            "to parse each element of the array as individual rows",
        ),
        (
            '{"id": 1}',
            "true",
            "the value should be array type with strip_outer_array=true, value: an object",
        ),
    ],
)
def test_json_of_the_wrong_shape_fails(
    server: Server, events: str, body: str, strip_outer_array: str, message: str
) -> None:
    reply = server.load(events, "events", body, strip_outer_array=strip_outer_array)
    assert outcome(reply) == ("Fail", message, 0, 0, 0, 0)


@pytest.mark.parametrize("body", ['{"id": 1}\n{bad\n{"id": 2}', '{"id": 1}\n[2]\n{"id": 3}'])
def test_broken_json_fails_the_whole_load(server: Server, events: str, body: str) -> None:
    reply = server.load(events, "events", body, max_filter_ratio="1")
    assert reply["Status"] == "Fail"
    assert reply["Message"].startswith("Failed to parse json as document stream: ")
    assert "spool" not in reply["Message"]
    assert server.query(f"SELECT COUNT(*) FROM {events}.events") == [(0,)]


BAD_ROWS = (
    '{"order_id": 1, "status": "placed", "amount": 1}\n'
    '{"order_id": "x"}\n'
    '{"order_id": 3, "status": "much too long"}\n'
    '{"order_id": 4, "amount": "99999999999999999999"}\n'
    '{"order_id": null}\n'
)
BAD_COLUMNS = "order_id,status,amount"


def test_bad_rows_fail_the_load_and_are_explained(server: Server, orders: str) -> None:
    reply = server.load(orders, "orders", BAD_ROWS, columns=BAD_COLUMNS)
    assert outcome(reply) == ("Fail", "too many filtered rows", 5, 1, 4, 0)
    row = '. Row: {"order_id":%s,"status":%s,"amount":%s,"__op":null}'
    assert error_log(server, reply) == [
        "Error: Value 'x' is out of range. The type of 'order_id' is BIGINT"
        + row % ('"x"', "null", "null"),
        "Error: String 'much too long'(length=13) is too long. The max length of 'status' is 10"
        + row % ('"3"', '"much too long"', "null"),
        "Error: Decimal '99999999999999999999' is out of range. The type of 'amount' is "
        "DECIMAL(18, 2)" + row % ('"4"', "null", '"99999999999999999999"'),
        "Error: NULL value in non-nullable column 'order_id'" + row % ("null", "null", "null"),
    ]
    assert server.query(f"SELECT COUNT(*) FROM {orders}.orders") == [(0,)]


def test_bad_rows_within_the_ratio_are_left_out(server: Server, orders: str) -> None:
    reply = server.load(orders, "orders", BAD_ROWS, columns=BAD_COLUMNS, max_filter_ratio="0.8")
    assert outcome(reply) == ("Success", "OK", 5, 1, 4, 0)
    assert len(error_log(server, reply)) == 4
    rows = server.query(f"SELECT order_id, status, amount FROM {orders}.orders")
    assert rows == [(1, "placed", Decimal("1.00"))]


def test_a_load_of_bad_rows_alone_has_no_data(server: Server, orders: str) -> None:
    body = '{"order_id": "x"}'
    reply = server.load(orders, "orders", body, columns="order_id", max_filter_ratio="1")
    assert outcome(reply) == ("Fail", "all partitions have no load data", 1, 0, 1, 0)


def test_outside_of_strict_mode_what_does_not_convert_is_null(server: Server, orders: str) -> None:
    body = '{"order_id": 1, "amount": "many"}'
    reply = server.load(orders, "orders", body, columns="order_id,amount", strict_mode="false")
    assert outcome(reply) == ("Success", "OK", 1, 1, 0, 0)
    assert server.query(f"SELECT order_id, amount FROM {orders}.orders") == [(1, None)]


def test_a_default_does_not_fill_a_column_that_the_load_has(server: Server, orders: str) -> None:
    body = '{"order_id": 1}'
    reply = server.load(orders, "orders", body, columns="order_id,channel")
    assert outcome(reply) == ("Fail", "too many filtered rows", 1, 0, 1, 0)


def test_a_column_without_default_may_not_be_left_out(server: Server, orders: str) -> None:
    reply = server.load(orders, "orders", '{"status": "a"}', columns="status")
    message = "Column has no default value. column: order_id"
    assert outcome(reply) == ("Fail", message, 0, 0, 0, 0)


def test_the_last_row_of_a_key_wins_and_replaces_earlier_loads(server: Server, orders: str) -> None:
    columns = "order_id,status"
    server.load(orders, "orders", '{"order_id":1,"status":"a"}', columns=columns)
    body = "".join(f'{{"order_id":{n % 2 + 1},"status":"s{n}"}}\n' for n in range(5000))
    server.load(orders, "orders", body, columns=columns)
    rows = server.query(f"SELECT order_id, status FROM {orders}.orders ORDER BY order_id")
    assert rows == [(1, "s4998"), (2, "s4999")]


def test_rows_of_a_duplicate_key_table_add_up(server: Server, events: str) -> None:
    for _ in range(2):
        server.load(events, "events", '{"id":1,"name":"a"}\n{"id":1,"name":"a"}')
    assert server.query(f"SELECT id, name, COUNT(*) FROM {events}.events GROUP BY 1, 2") == [
        (1, "a", 4)
    ]


def test_rows_marked_so_are_deleted(server: Server, orders: str) -> None:
    columns = "order_id,status"
    server.load(orders, "orders", '{"order_id":1}{"order_id":2}{"order_id":3}', columns=columns)
    body = (
        '{"order_id":1,"__op":1}\n{"order_id":2,"status":"new","__op":0}\n{"order_id":9,"__op":1}'
    )
    server.load(orders, "orders", body, columns=columns)
    server.load(orders, "orders", '{"order_id":3}', columns=columns + ",__op='delete'")
    assert server.query(f"SELECT order_id, status FROM {orders}.orders") == [(2, "new")]


def test_an_operation_that_is_none_filters_its_row(server: Server, orders: str) -> None:
    reply = server.load(orders, "orders", '{"order_id":1,"__op":7}', columns="order_id")
    assert outcome(reply) == ("Fail", "too many filtered rows", 1, 0, 1, 0)


def test_csv_has_null_empty_text_and_rows_of_the_wrong_length(server: Server, events: str) -> None:
    body = 'id|name\n1|"a, b"\n2|\\N\n3|\n4\n5|x|y\n'
    reply = server.load(
        events,
        "events",
        body,
        format="csv",
        column_separator="|",
        skip_header="1",
        max_filter_ratio="0.5",
    )
    assert outcome(reply) == ("Success", "OK", 5, 3, 2, 0)
    assert error_log(server, reply) == [
        "Error: Target column count: 2 doesn't match source value column count: 1. Row: 4",
        "Error: Target column count: 2 doesn't match source value column count: 3. Row: 5|x|y",
    ]
    rows = server.query(f"SELECT * FROM {events}.events ORDER BY id")
    assert rows == [(1, '"a, b"'), (2, None), (3, "")]


def test_an_unknown_table_is_named(server: Server, database: str) -> None:
    reply = server.load(database, "missing", '{"id": 1}')
    assert reply["Status"] == "Fail"
    assert "missing" in reply["Message"]
    assert reply["TxnId"] == -1


def test_objects_larger_than_the_readers_buffer_load(server: Server, database: str) -> None:
    server.query(f"CREATE TABLE {database}.t (id INT, text VARCHAR(1048576)) DUPLICATE KEY (id)")
    body = "".join(f'{{"id": {n}, "text": "{"x" * 1_000_000}"}}\n' for n in range(5))
    reply = server.load(database, "t", body)
    assert outcome(reply) == ("Success", "OK", 5, 5, 0, 0)
    assert server.query(f"SELECT SUM(LENGTH(text)) FROM {database}.t") == [(5_000_000,)]
