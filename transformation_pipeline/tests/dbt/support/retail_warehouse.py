"""A real warehouse process, the raw tables in it, and dbt against it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pymysql
from dbt.cli.main import dbtRunner
from retail_events import Row

PROJECT = Path(__file__).parents[3] / "dbt"
DATABASES = ("retail_staging", "retail_marts")
# When a row was loaded and written, and what was read by then: not the content of a table.
BOOKKEEPING = re.compile(r"^_(loaded_at|staged_at|built_at|\w+_through)$")
Snapshot = dict[str, list[tuple[Any, ...]]]
Versions = dict[tuple[str, str], tuple[int, int]]


@dataclass
class BuildOutcome:
    """What one dbt command did.

    Attributes:
        statuses: Status of every node by its name.
        error: Why the command as a whole failed, if it did.
    """

    statuses: dict[str, str]
    error: str

    @property
    def failed(self) -> set[str]:
        """Names of the nodes that failed or found something."""
        return {name for name, status in self.statuses.items() if status in ("fail", "error")}


class RetailWarehouse:
    """The databases retail_raw, retail_staging and retail_marts of one server."""

    def __init__(self, port: int, folder: Path) -> None:
        self.environment = {
            "STARROCKS_HOST": "127.0.0.1",
            "STARROCKS_QUERY_PORT": str(port),
            "STARROCKS_USER": "root",
            "STARROCKS_PASSWORD": "",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        self._connection = pymysql.connect(host="127.0.0.1", port=port, user="root")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Runs one statement and returns its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def start_over(self) -> None:
        """Leaves the raw tables, empty, and nothing else."""
        for database in ("retail_raw", *DATABASES):
            self.execute(f"drop database if exists {database} force")
            self.execute(f"create database {database}")
        tables = (Path(__file__).parent / "raw_tables.sql").read_text()
        for statement in filter(None, map(str.strip, tables.split(";"))):
            self.execute(statement)

    def load(self, table: str, *rows: Row) -> None:
        """Writes raw rows, in one statement for each set of columns."""
        for columns in {tuple(row) for row in rows}:
            same = [row for row in rows if tuple(row) == columns]
            values = ", ".join(f"({', '.join(['%s'] * len(columns))})" for _ in same)
            self.execute(
                f"insert into retail_raw.{table} ({', '.join(columns)}) values {values}",
                [row[column] for row in same for column in columns],
            )

    def dbt(self, *arguments: str, project: Path = PROJECT) -> BuildOutcome:
        """Runs a dbt command in this process, which after the first takes a second or so."""
        folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
        quiet = ["--quiet", "--log-level-file", "none", "--no-write-json"]
        if project != PROJECT:
            # dbt would take the parsed files of one project for those of the other.
            folders += ["--target-path", str(project / "target")]
        with patch.dict(os.environ, self.environment):
            outcome = dbtRunner().invoke([*arguments, *folders, *quiet])
        results = getattr(outcome.result, "results", [])
        messages = [outcome.exception, *(result.message for result in results)]
        return BuildOutcome(
            {result.node.name: str(result.status) for result in results},
            "; ".join(str(message) for message in messages if message),
        )

    def run(self, *arguments: str) -> None:
        """Builds the models, and demands success."""
        outcome = self.dbt("run", *arguments)
        assert outcome.statuses, outcome.error
        assert not outcome.failed, outcome.error

    def test(self, *arguments: str) -> set[str]:
        """Runs data tests and returns the names of those that find something.

        Raw rows without a manifest are none of their business, unless asked for.
        """
        selected = arguments or ("--exclude", "raw_equals_manifest", "test_type:unit")
        outcome = self.dbt("test", *selected)
        assert outcome.statuses, outcome.error
        assert "error" not in outcome.statuses.values(), outcome.error
        return outcome.failed

    def content(self) -> Snapshot:
        """The rows of every staging table and mart, without what only tells when they were made."""
        return {
            f"{database}.{table}": self._rows(database, table)
            for database in DATABASES
            for (table,) in self.execute(
                "select table_name from information_schema.tables where table_schema = %s",
                [database],
            )
        }

    def partition_versions(self, database: str = "retail_marts") -> Versions:
        """(id, data version) of every partition, by (table, partition)."""
        rows = self.execute(
            "select TABLE_NAME, PARTITION_NAME, PARTITION_ID, DATA_VERSION "
            "from information_schema.partitions_meta where DB_NAME = %s",
            [database],
        )
        return {
            (table, partition): (identity, version) for table, partition, identity, version in rows
        }

    def _rows(self, database: str, table: str) -> list[tuple[Any, ...]]:
        columns = [
            name
            for (name,) in self.execute(
                "select column_name from information_schema.columns "
                "where table_schema = %s and table_name = %s order by ordinal_position",
                [database, table],
            )
            if not BOOKKEEPING.match(name)
        ]
        rows = self.execute(f"select {', '.join(columns)} from {database}.{table}")
        return sorted(rows, key=str)


@contextmanager
def serve(folder: Path) -> Iterator[RetailWarehouse]:
    """Starts a warehouse process on free ports and stops it afterwards."""
    command = [str(Path(sys.executable).with_name("local-warehouse")), "serve"]
    ports = ["--mysql-port", "0", "--fe-http-port", "0", "--be-http-port", "0"]
    with (
        (folder / "warehouse.log").open("w") as log,
        subprocess.Popen(
            [*command, "--data-dir", str(folder / "data"), *ports],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready, (folder / "warehouse.log").read_text()
            yield RetailWarehouse(json.loads(ready)["mysql_port"], folder)
        finally:
            process.terminate()
