"""What StarRocks' expressions yield, above all where DuckDB's yield something else.

Expected values are from the StarRocks documentation of each function, or its MySQL counterpart.
"""

# ruff: noqa: DTZ001 - a DATETIME has no time zone

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from engine_rows import Rows

from local_warehouse.engine import Session, Warehouse, WarehouseError

CASTS = [
    ("CAST('x' AS INT)", None),
    ("CAST('1.7' AS INT)", None),
    ("CAST(' 12 ' AS INT)", 12),
    ("CAST(1.7 AS INT)", 1),
    ("CAST(-1.7 AS INT)", -1),
    ("CAST(1e3 AS INT)", 1000),
    ("CAST(300 AS TINYINT)", None),
    ("CAST(TRUE AS INT)", 1),
    ("CAST(DATE '2024-01-05' AS INT)", 20240105),
    ("CAST('bad' AS DATE)", None),
    ("CAST('2024-02-30' AS DATE)", None),
    ("CAST('20240131' AS DATE)", date(2024, 1, 31)),
    ("CAST('2024-01-31 10:11:12' AS DATE)", date(2024, 1, 31)),
    ("CAST('2024-01-31T10:11:12.5' AS DATETIME)", datetime(2024, 1, 31, 10, 11, 12, 500000)),
    ("CAST('2024-01-31 10:11:12Z' AS DATETIME)", datetime(2024, 1, 31, 10, 11, 12)),
    ("CAST('2024-01-31 10:11:12+08:00' AS DATETIME)", datetime(2024, 1, 31, 10, 11, 12)),
    ("CAST('bad' AS DATETIME)", None),
    ("CAST('bad' AS DECIMAL(10, 2))", None),
    ("CAST('12.345' AS DECIMAL(10, 2))", Decimal("12.35")),
    ("CAST(TRUE AS STRING)", "1"),
    ("CAST(1.50 AS STRING)", "1.50"),
    ("CAST(CAST(1 AS DOUBLE) AS STRING)", "1"),
    ("CAST(CAST('2024-01-05' AS DATETIME) AS STRING)", "2024-01-05 00:00:00"),
    ("CAST(CAST('2024-01-05 01:02:03.5' AS DATETIME) AS STRING)", "2024-01-05 01:02:03.500000"),
    ("CAST('true' AS BOOLEAN)", True),
    ("CAST('0' AS BOOLEAN)", False),
    ("CAST('maybe' AS BOOLEAN)", None),
]

NUMBERS = [
    ("1 / 2", 0.5),
    ("7 DIV 2", 3),
    ("-7 DIV 2", -3),
    ("7 % 3", 1),
    ("1 / 0", None),
    ("1 DIV 0", None),
    ("1 % 0", None),
    ("ROUND(CAST(2.5 AS DECIMAL(10, 1)))", Decimal(3)),
    ("ROUND(CAST(-2.5 AS DECIMAL(10, 1)))", Decimal(-3)),
    ("ROUND(CAST(1.005 AS DECIMAL(10, 3)), 2)", Decimal("1.01")),
    ("ROUND(CAST(-1.005 AS DECIMAL(10, 3)), 2)", Decimal("-1.01")),
    (
        "CAST(12.50 AS DECIMAL(18, 2)) * CAST(1.23456789 AS DECIMAL(18, 8))",
        Decimal("15.4320986250"),
    ),
    ("TRUNCATE(1.567, 2)", Decimal("1.56")),
    ("FLOOR(-1.5)", -2),
    ("CEIL(1.2)", 2),
    ("GREATEST(1, NULL)", None),
    ("LEAST(3, 2)", 2),
    ("SQRT(-1)", None),
    ("LN(0)", None),
    ("TRUE + 1", 2),
    ("ABS(-5)", 5),
    ("POW(2, 3)", 8.0),
]

TEXTS = [
    ("LENGTH('é')", 2),
    ("CHAR_LENGTH('é')", 1),
    ("CONCAT('a', 1, TRUE)", "a11"),
    ("CONCAT('a', NULL)", None),
    ("CONCAT_WS('|', 'a', NULL, 'b')", "a|b"),
    ("SUBSTR('hello', 2, 3)", "ell"),
    ("SUBSTRING('hello', -3)", "llo"),
    ("SUBSTR('hello', 0, 2)", ""),
    ("LEFT('hello', 2)", "he"),
    ("RIGHT('hello', 2)", "lo"),
    ("LPAD('7', 3, '0')", "007"),
    ("INSTR('banana', 'na')", 3),
    ("LOCATE('na', 'banana')", 3),
    ("LOCATE('na', 'banana', 4)", 5),
    ("SPLIT_PART('a,b', ',', 3)", None),
    ("SUBSTRING_INDEX('a.b.c', '.', -2)", "b.c"),
    ("REGEXP_REPLACE('aXbX', 'X', '-')", "a-b-"),
    ("REGEXP_EXTRACT('ab12', '([0-9]+)', 1)", "12"),
    ("'abc' LIKE 'a%'", True),
    ("'a_c' LIKE 'a\\\\_c'", True),
    ("'abc' LIKE 'a\\\\_c'", False),
    ("'ABC' = 'abc'", False),
    ("'abc' REGEXP '^a'", True),
    ("MD5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("MD5(CONCAT_WS('|', COALESCE(CAST(1 AS CHAR), ''), 'b'))", "009ae3b98ab607a29104c753b001c8e6"),
    ("SHA2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ("'a' || 'b'", None),
    ("1 || 0", True),
    ('"double quoted"', "double quoted"),
    ("IF(1 = 1, 'yes', 'no')", "yes"),
    ("IFNULL(NULL, 5)", 5),
    ("NULLIF(1, 1)", None),
    ("NULL <=> NULL", True),
]

DATES = [
    ("DAYOFWEEK('2024-01-07')", 1),
    ("WEEKDAY('2024-01-07')", 6),
    ("WEEK_ISO('2024-01-07')", 1),
    ("YEAR('2024-02-05')", 2024),
    ("QUARTER('2024-05-05')", 2),
    ("DAYOFYEAR('2024-02-01')", 32),
    ("MICROSECOND('2024-01-01 00:00:00.000123')", 123),
    ("DATE_TRUNC('month', CAST('2024-05-06' AS DATE))", date(2024, 5, 1)),
    ("DATE_TRUNC('week', CAST('2024-05-09' AS DATE))", date(2024, 5, 6)),
    ("DATE_TRUNC('quarter', '1999-05-06 07:08:09')", datetime(1999, 4, 1)),
    ("DATE_TRUNC('hour', CAST('2024-05-06 07:08:09' AS DATETIME))", datetime(2024, 5, 6, 7)),
    ("DATE_ADD('2024-01-31', INTERVAL 1 MONTH)", datetime(2024, 2, 29)),
    ("DATE_SUB(CAST('2024-03-01' AS DATE), INTERVAL 1 DAY)", datetime(2024, 2, 29)),
    ("CAST('2024-01-01' AS DATETIME) + INTERVAL 90 MINUTE", datetime(2024, 1, 1, 1, 30)),
    ("DAYS_ADD('2024-02-28', 2)", datetime(2024, 3, 1)),
    ("DATEDIFF('2024-01-02 00:00:00', '2024-01-01 23:59:59')", 1),
    ("DAYS_DIFF('2024-01-02 00:00:00', '2024-01-01 23:59:59')", 0),
    ("TIMESTAMPDIFF(HOUR, '2024-01-01 00:30:00', '2024-01-02')", 23),
    ("DATE_DIFF('minute', '2010-11-30 23:59:59', '2010-11-30 20:58:59')", 181),
    ("DATE_FORMAT('2024-05-06 07:08:09', '%Y-%m-%d %H:%i:%s')", "2024-05-06 07:08:09"),
    ("DATE_FORMAT('2024-05-06', '%W %M %e')", "Monday May 6"),
    ("STR_TO_DATE('06/05/2024', '%d/%m/%Y')", datetime(2024, 5, 6)),
    ("STR_TO_DATE('bad', '%d/%m/%Y')", None),
    ("LAST_DAY('2024-02-05')", date(2024, 2, 29)),
    ("TO_DATE('2024-02-05 10:00:00')", date(2024, 2, 5)),
    ("UNIX_TIMESTAMP('2024-01-01')", 1704067200),
    ("FROM_UNIXTIME(0)", "1970-01-01 00:00:00"),
    ("TO_DAYS('2007-10-07')", 733321),
    ("CAST('2024-01-05' AS DATE) >= '2024-01-05'", True),
    ("EXTRACT(MONTH FROM '2024-05-06')", 5),
]

JSON = [
    ("""GET_JSON_STRING('{"a": {"b": "x"}}', '$.a.b')""", "x"),
    ("""GET_JSON_INT('{"a": 1.7}', 'a')""", 1),
    ("""GET_JSON_INT('{"a": "12"}', '$.a')""", 12),
    ("""GET_JSON_INT('{"a": "x"}', '$.a')""", None),
    ("""CAST(GET_JSON_STRING('{"p": "12.50"}', '$.p') AS DECIMAL(18, 2))""", Decimal("12.50")),
    ("""CAST(PARSE_JSON('{"p": "12.50"}') -> 'p' AS DECIMAL(18, 2))""", Decimal("12.50")),
    ("""CAST(PARSE_JSON('{"p": "x"}') -> '$.p' AS STRING)""", "x"),
    ("""CAST(PARSE_JSON('{"p": 3}') -> 'p' AS INT)""", 3),
    ("PARSE_JSON('{')", None),
    ("JSON_LENGTH(PARSE_JSON('[1, 2, 3]'))", 3),
    ("JSON_LENGTH(NULL)", None),
    ("""JSON_EXISTS(PARSE_JSON('{"a": 1}'), '$.b')""", False),
]


@pytest.mark.parametrize(
    ("expression", "expected"), [*CASTS, *NUMBERS, *TEXTS, *DATES, *JSON], ids=lambda value: value
)
def test_expression(warehouse: Warehouse, expression: str, expected: Any) -> None:
    session = warehouse.connect("root")
    assert session.execute(f"SELECT {expression}")[0].rows == [(expected,)]
    session.close()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST(v AS STRING)", ["1", "0", None]),
        ("CAST(d AS STRING)", ["2024-01-01 00:00:00", "2024-01-01 00:00:00.250000", None]),
        ("CAST(m AS INT)", [1, -2, None]),
        ("CAST(f AS INT)", [1, -2, None]),
        ("CAST(j AS STRING)", ["x", "7", None]),
        ("CAST(j AS INT)", [None, 7, None]),
        ("CONCAT(m, '!')", ["1.70!", "-2.70!", None]),
        ("LENGTH(s)", [2, 3, None]),
        ("YEAR(s)", [None, None, None]),
        ("DATE(d)", [date(2024, 1, 1), date(2024, 1, 1), None]),
    ],
)
def test_the_type_of_a_column_decides(rows: Rows, expression: str, expected: list[Any]) -> None:
    rows(
        "CREATE TABLE t (id INT, v BOOLEAN, d DATETIME, m DECIMAL(10, 2), f DOUBLE, j JSON, "
        "s STRING) DUPLICATE KEY (id)"
    )
    rows(
        "INSERT INTO t VALUES (1, TRUE, '2024-01-01', 1.70, 1.7, '\"x\"', 'é'), "
        "(2, FALSE, '2024-01-01 00:00:00.25', -2.70, -2.7, '7', 'abc'), "
        "(3, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    assert [value for (value,) in rows(f"SELECT {expression} FROM t ORDER BY id")] == expected


def test_null_is_smaller_than_everything(rows: Rows) -> None:
    source = "(SELECT 1 AS a UNION ALL SELECT NULL UNION ALL SELECT 3) t"
    assert rows(f"SELECT a FROM {source} ORDER BY a") == [(None,), (1,), (3,)]
    assert rows(f"SELECT a FROM {source} ORDER BY a DESC") == [(3,), (1,), (None,)]
    assert rows(f"SELECT a, ROW_NUMBER() OVER (ORDER BY a) AS n FROM {source} ORDER BY n") == [
        (None, 1),
        (1, 2),
        (3, 3),
    ]


def test_pipes_join_texts_where_the_session_says_so(session: Session, rows: Rows) -> None:
    session.execute("SET sql_mode = 'PIPES_AS_CONCAT'")
    assert rows("SELECT 'a' || 'b' || 1") == [("ab1",)]


def test_versions_of_the_protocol_and_of_starrocks_differ(rows: Rows) -> None:
    assert rows("SELECT VERSION(), CURRENT_VERSION()") == [("8.0.33", "4.0.4-embedded")]


def test_sums_stay_exact(session: Session) -> None:
    result = session.execute(
        "SELECT SUM(m) AS money, SUM(n) AS whole, COUNT(*) AS rows_ FROM "
        "(SELECT CAST(0.10 AS DECIMAL(18, 2)) AS m, CAST(1 AS BIGINT) AS n UNION ALL "
        "SELECT CAST(0.20 AS DECIMAL(18, 2)), CAST(2 AS BIGINT)) t"
    )[0]
    assert [(column.name, str(column.type)) for column in result.columns or []] == [
        ("money", "decimal(38, 2)"),
        ("whole", "bigint"),
        ("rows_", "bigint"),
    ]
    assert result.rows == [(Decimal("0.30"), 3, 2)]


def test_statement_time_is_utc_to_the_second_unless_digits_are_asked_for(rows: Rows) -> None:
    [(plain, precise, utc, today)] = rows("SELECT NOW(), NOW(6), UTC_TIMESTAMP(), CURRENT_DATE()")
    assert plain == utc == precise.replace(microsecond=0)
    assert plain.date() == today


def test_arrays_in_json_unnest_to_rows(rows: Rows) -> None:
    rows("CREATE TABLE o (id INT, items JSON) DUPLICATE KEY (id)")
    rows(
        'INSERT INTO o VALUES (1, \'[{"n": 1, "p": "2.50"}, {"n": 2, "p": "1.00"}]\'), '
        "(2, '[]'), (3, NULL)"
    )
    assert rows(
        "SELECT o.id, GET_JSON_INT(i.item, '$.n'), CAST(i.item -> 'p' AS DECIMAL(10, 2)) "
        "FROM o, UNNEST(CAST(o.items AS ARRAY<JSON>)) AS i(item) ORDER BY 1, 2"
    ) == [(1, 1, Decimal("2.50")), (1, 2, Decimal("1.00"))]
    assert rows(
        "SELECT o.id, i.item IS NULL FROM o "
        "LEFT JOIN UNNEST(CAST(items AS ARRAY<JSON>)) AS i(item) ON TRUE ORDER BY 1"
    ) == [(1, False), (1, False), (2, True), (3, True)]
    assert rows(
        "SELECT o.id, e.key, e.value FROM o, LATERAL JSON_EACH(o.items -> '$[0]') e ORDER BY 2"
    ) == [(1, "n", "1"), (1, "p", '"2.50"')]


def test_a_series_makes_a_calendar(rows: Rows) -> None:
    assert rows(
        "SELECT CAST(DATE_ADD('2024-02-28', INTERVAL n DAY) AS DATE) "
        "FROM TABLE(GENERATE_SERIES(0, 2)) AS s(n) ORDER BY 1"
    ) == [(date(2024, 2, 28),), (date(2024, 2, 29),), (date(2024, 3, 1),)]


def test_queries_in_full(rows: Rows) -> None:
    source = "(SELECT 'x' AS a, 1 AS b UNION ALL SELECT 'x', 2 UNION ALL SELECT 'y', 3) t"
    assert rows(
        f"SELECT a, b FROM {source} "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC) = 1 ORDER BY a"
    ) == [("x", 2), ("y", 3)]
    assert rows(f"SELECT a, SUM(b) FROM {source} GROUP BY a WITH ROLLUP ORDER BY a") == [
        (None, 6),
        ("x", 3),
        ("y", 3),
    ]
    assert rows(
        f"SELECT GROUP_CONCAT(a ORDER BY b DESC SEPARATOR '-'), COUNT(DISTINCT a, b), "
        f"MAX_BY(a, b), STDDEV(b) FROM {source}"
    ) == [("y-x-x", 3, "y", pytest.approx(0.816496580927726))]
    assert rows(f"SELECT b, LAG(b, 1, 0) OVER (ORDER BY b) FROM {source} ORDER BY b") == [
        (1, 0),
        (2, 1),
        (3, 2),
    ]
    assert rows(f"SELECT a FROM {source} MINUS SELECT 'y'") == [("x",)]


def test_labels_are_what_the_query_says(session: Session) -> None:
    session.execute("CREATE TABLE t (Amount INT, other INT) DUPLICATE KEY (Amount)")
    result = session.execute("SELECT amount, COUNT(*), MAX(other) AS `The Max` FROM t GROUP BY 1")
    assert [column.name for column in result[0].columns or []] == ["amount", "count(*)", "The Max"]


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        (
            "SELECT no_such_function(1)",
            1064,
            "No matching function with signature: no_such_function(1)",
        ),
        (
            "SELECT strptime('1', '%Y')",
            1064,
            "No matching function with signature: strptime('1', '%Y')",
        ),
        ("SELECT BITMAP_COUNT(1)", 1064, "No matching function with signature: bitmap_count(1)"),
        (
            "SELECT no_such_column FROM (SELECT 1 AS a) t",
            1064,
            "Column 'no_such_column' cannot be resolved",
        ),
        ("SELECT * FROM no_such_table", 5502, "Unknown table"),
        ("SELECT * FROM no_such_database.t", 5501, "Unknown database 'no_such_database'"),
        ("SELECT @@no_such_variable", 1064, "Unknown system variable 'no_such_variable'"),
        ("SELEC 1", 1064, "Getting syntax error"),
        ("FLUSH TABLES", 1064, "Getting syntax error"),
        ("BEGIN", 1064, "Statement is not supported by the local warehouse"),
        ("SHOW NONSENSE", 1064, "Statement is not supported by the local warehouse: SHOW NONSENSE"),
        ("SHOW DATABASES WHERE `Database` = 'x'", 1064, "Statement is not supported"),
        ("SUBMIT TASK t AS SELECT 1", 1064, "Statement is not supported by the local warehouse"),
    ],
)
def test_what_is_unknown_is_an_error(session: Session, sql: str, code: int, message: str) -> None:
    with pytest.raises(WarehouseError) as caught:
        session.execute(sql)
    assert caught.value.code == code
    assert message in caught.value.message
