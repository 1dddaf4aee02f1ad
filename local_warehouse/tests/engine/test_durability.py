"""What is acknowledged stays, whatever happens at the same time or after."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_warehouse.engine import Warehouse, WarehouseError


def test_everything_survives_a_restart(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    session = warehouse.connect("root")
    session.execute(
        "CREATE DATABASE d; USE d; CREATE TABLE t (k INT, at DATE) PRIMARY KEY (k, at) "
        "PARTITION BY (at); INSERT INTO t VALUES (1, '2024-01-01'); "
        "CREATE VIEW v AS SELECT k FROM t; "
        "CREATE USER u IDENTIFIED BY 'p'; GRANT SELECT ON v TO u"
    )
    asked = (
        "SELECT partition_id, data_version FROM information_schema.partitions_meta",
        "SHOW CREATE TABLE t",
        "SHOW CREATE VIEW v",
        "SELECT * FROM v",
        "SHOW GRANTS FOR u",
    )
    before = [session.execute(sql)[0].rows for sql in asked]
    warehouse.close()
    warehouse = Warehouse.open(data_dir)
    session = warehouse.connect("root", "d")
    assert [session.execute(sql)[0].rows for sql in asked] == before
    session.execute("INSERT INTO t VALUES (2, '2024-01-01')")
    assert session.execute("SELECT k FROM v ORDER BY k")[0].rows == [(1,), (2,)]
    warehouse.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from local_warehouse.engine import Warehouse
warehouse = Warehouse.open(Path(sys.argv[1]))
session = warehouse.connect("root")
session.execute("CREATE DATABASE d; USE d; CREATE TABLE t (k INT) PRIMARY KEY (k)")
session.execute("CREATE TABLE o AS SELECT 1 AS k")
for k in range(20):
    session.execute(f"INSERT INTO t VALUES ({k})")
session.execute("INSERT OVERWRITE o SELECT 2")
with warehouse.write() as cursor:
    cursor.execute("create temp table s as select 99 as k")
    warehouse.apply(cursor, warehouse.table("d", "t"), "s")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_and_keeps_nothing_half(data_dir: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(data_dir)], check=False, timeout=120
    )
    assert process.returncode == -9
    warehouse = Warehouse.open(data_dir)
    session = warehouse.connect("root", "d")
    assert session.execute("SELECT COUNT(*), MAX(k) FROM t")[0].rows == [(20, 19)]
    assert session.execute("SELECT k FROM o")[0].rows == [(2,)]
    assert session.execute(
        "SELECT table_name, data_version FROM information_schema.partitions_meta ORDER BY 1"
    )[0].rows == [("o", 2), ("t", 21)]
    warehouse.close()


def test_one_process_at_a_time(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    opened = subprocess.run(
        [sys.executable, "-c", KILLED, str(data_dir)], check=False, capture_output=True, timeout=120
    )
    assert opened.returncode == 1
    assert b"Cannot open the warehouse" in opened.stderr
    warehouse.close()


def test_readers_see_a_whole_table_while_it_is_replaced(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    warehouse.connect("root").execute(
        "CREATE DATABASE d; CREATE TABLE d.t AS SELECT 0 AS version, s.n FROM "
        "TABLE(GENERATE_SERIES(1, 1000)) AS s(n)"
    )
    done = threading.Event()

    def read() -> int:
        session = warehouse.connect("root", "d")
        reads = 0
        while not done.is_set() or reads == 0:
            [(rows, low, high)] = session.execute(
                "SELECT COUNT(*), MIN(version), MAX(version) FROM t"
            )[0].rows
            assert (rows, low) == (1000, high)
            reads += 1
        return reads

    def write() -> None:
        session = warehouse.connect("root", "d")
        for version in range(1, 40):
            session.execute(f"INSERT OVERWRITE t SELECT {version}, n FROM t")

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        writer = pool.submit(write)
        try:
            writer.result(timeout=120)
        finally:
            done.set()
        assert all(reader.result(timeout=60) > 0 for reader in readers)
    warehouse.close()


def test_writers_take_turns(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    warehouse.connect("root").execute(
        "CREATE DATABASE d; CREATE TABLE d.t (k INT, n INT) PRIMARY KEY (k); "
        "INSERT INTO d.t VALUES (1, 0)"
    )

    def add(worker: int) -> None:
        session = warehouse.connect("root", "d")
        for number in range(20):
            session.execute(f"INSERT INTO t VALUES ({worker * 100 + number + 100}, 1)")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    session = warehouse.connect("root", "d")
    assert session.execute("SELECT COUNT(*), SUM(n) FROM t")[0].rows == [(81, 80)]
    assert session.execute("SELECT data_version FROM information_schema.partitions_meta")[
        0
    ].rows == [(82,)]
    warehouse.close()


def test_cancel_interrupts_a_long_query(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    session = warehouse.connect("root")
    timer = threading.Timer(0.5, session.cancel)
    timer.start()
    with pytest.raises(WarehouseError, match="interrupted") as caught:
        session.execute(
            "SELECT SUM(a.n * b.n) FROM TABLE(GENERATE_SERIES(1, 1000000)) AS a(n), "
            "TABLE(GENERATE_SERIES(1, 1000000)) AS b(n)"
        )
    timer.join()
    assert caught.value.code == 1317
    assert session.execute("SELECT 1")[0].rows == [(1,)]
    warehouse.close()
