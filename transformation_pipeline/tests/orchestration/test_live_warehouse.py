"""Change detection against a warehouse process, over the network."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

from transformation_pipeline.lib.raw_tables import (
    RAW_TABLES,
    RawTablesMissingError,
    changed,
    read_versions,
)
from transformation_pipeline.lib.settings import WarehouseSettings
from transformation_pipeline.lib.warehouse import (
    StarRocks,
    WarehouseRefusedError,
    WarehouseUnreachableError,
)

PASSWORD = "s3cret, пароль"  # no Latin letters: pymysql encodes text as Latin-1


@dataclass
class LiveWarehouse:
    process: "subprocess.Popen[str]"
    port: int

    def client(self, password: str = PASSWORD) -> StarRocks:
        return StarRocks(WarehouseSettings("127.0.0.1", self.port, "root", password))

    def execute(self, *statements: str) -> None:
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            password=PASSWORD.encode(),
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[LiveWarehouse]:
    command = [str(Path(sys.executable).with_name("local-warehouse")), "serve"]
    ports = ["--mysql-port=0", "--fe-http-port=0", "--be-http-port=0"]
    with (
        (tmp_path / "warehouse.log").open("w") as log,
        subprocess.Popen(
            [*command, f"--data-dir={tmp_path / 'data'}", *ports],
            env={**os.environ, "STARROCKS_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            yield LiveWarehouse(process, ready["mysql_port"])
        finally:
            process.terminate()


def create_raw_tables(warehouse: LiveWarehouse) -> None:
    warehouse.execute(
        "CREATE DATABASE retail_raw",
        *(
            f"CREATE TABLE retail_raw.{table.name} (id BIGINT NOT NULL, at DATETIME NOT NULL, "
            "note VARCHAR(20)) PRIMARY KEY (id, at) PARTITION BY date_trunc('day', at) "
            "DISTRIBUTED BY HASH(id)"
            for table in RAW_TABLES
        ),
    )


def test_each_write_changes_the_version_of_its_table_alone(warehouse: LiveWarehouse) -> None:
    create_raw_tables(warehouse)
    client = warehouse.client()
    empty = read_versions(client)
    seen = [empty]
    for write in (
        "INSERT INTO retail_raw.raw_orders VALUES (1, '2026-01-01 10:00:00', 'first')",
        "INSERT INTO retail_raw.raw_orders VALUES (1, '2026-01-02 10:00:00', 'another day')",
        "INSERT INTO retail_raw.raw_orders VALUES (1, '2026-01-01 10:00:00', 'updated')",
        "DELETE FROM retail_raw.raw_orders WHERE note = 'another day'",
    ):
        warehouse.execute(write)
        now = read_versions(client)
        assert set(changed(seen[-1], now)) == {"raw_orders"}, write
        seen.append(now)
    assert read_versions(client) == seen[-1]
    assert len({versions["raw_orders"] for versions in seen}) == len(seen)


def test_tables_that_do_not_exist_yet_are_named(warehouse: LiveWarehouse) -> None:
    with pytest.raises(RawTablesMissingError, match="no table raw_customers, raw_products"):
        read_versions(warehouse.client())
    create_raw_tables(warehouse)
    warehouse.execute("DROP TABLE retail_raw.raw_orders FORCE")
    with pytest.raises(RawTablesMissingError, match="retail_raw has no table raw_orders: run"):
        read_versions(warehouse.client())


def test_wrong_password_is_refused_and_a_stopped_warehouse_unreachable(
    warehouse: LiveWarehouse,
) -> None:
    with pytest.raises(WarehouseRefusedError, match="Check STARROCKS_USER and STARROCKS_PASSWORD"):
        warehouse.client("wrong").fetch("SELECT 1")
    warehouse.process.terminate()
    warehouse.process.wait(timeout=30)
    with pytest.raises(WarehouseUnreachableError, match="Check STARROCKS_HOST"):
        warehouse.client().fetch("SELECT 1")
