"""`ingestion-simulator setup` against the embedded warehouse, and what each user then may do."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
from real_processes import WORLD, Simulator

from local_platform.platform import BIN, Platform, base_environment
from local_platform.processes import Child, Processes, free_port, running
from local_platform.warehouse import WarehouseConnection

PASSWORDS = {
    "STARROCKS_PASSWORD": "root of all",
    "LOADER_PASSWORD": "l-0der%",
    "TRANSFORMER_PASSWORD": "пароль €",
    "OBSERVER_PASSWORD": "o'b\\s\"",
    "BI_READER_PASSWORD": "bi",
}
USERS = ("loader", "transformer", "observer", "bi_reader")
MISSING_PRIVILEGE = 5203


def bare_environment() -> dict[str, str]:
    """Without a setting of whatever warehouse the other tests are run against."""
    return {
        name: value
        for name, value in base_environment().items()
        if not name.startswith("STARROCKS_")
    }


class Cluster:
    """A fresh warehouse of this test's own: its passwords are changed, so no other will do."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.simulator = Simulator(environment)

    def as_user(self, name: str, password: str | None = None) -> WarehouseConnection:
        """A connection with the user's password of `PASSWORDS`, or with another one."""
        variable = "STARROCKS_PASSWORD" if name == "root" else f"{name.upper()}_PASSWORD"
        return WarehouseConnection(
            self.simulator.environment | self.login(name, password or PASSWORDS[variable])
        )

    def login(self, name: str, password: str) -> dict[str, str]:
        return {"STARROCKS_USER": name, "STARROCKS_PASSWORD": password}

    def setup(self, **changed: str) -> subprocess.CompletedProcess[str]:
        return self.simulator.run("setup", "--timeout", "30s", **PASSWORDS | changed)

    def grants(self) -> dict[str, list[str]]:
        root = self.as_user("root")
        return {user: [row[2] for row in root.query(f"show grants for {user}")] for user in USERS}


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    yield from _cluster(tmp_path_factory)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    for cluster in _cluster(tmp_path_factory):
        done = cluster.setup()
        assert (done.returncode, done.stderr) == (0, "")
        yield cluster


def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    directory = tmp_path_factory.mktemp("cluster")
    with running(directory / "logs") as processes:
        platform = Platform(processes, directory, bare_environment() | WORLD)
        platform.start_warehouse()
        yield Cluster(platform.environment)


def test_each_user_can_do_its_work(prepared: Cluster) -> None:
    day = ("--until", "2026-09-02")
    login = prepared.login("loader", PASSWORDS["LOADER_PASSWORD"])
    loaded = prepared.simulator.succeed("catch-up", *day, **login)
    assert '"event": "load_finished"' in loaded
    login = prepared.login("transformer", PASSWORDS["TRANSFORMER_PASSWORD"])
    assert '"result": "equal"' in prepared.simulator.succeed("verify", "--raw-only", **login)

    transformer = prepared.as_user("transformer")
    for statement in (
        "create table retail_marts.built__dbt_tmp primary key (order_id) distributed by hash"
        " (order_id) buckets 1 as select distinct order_id from retail_raw.raw_orders",
        "alter table retail_marts.built__dbt_tmp rename built",
        "insert into retail_marts.built values (-1)",
        "create table retail_staging.staged as select 1 as k",
        "drop table retail_staging.staged force",
    ):
        transformer.query(statement)

    counted = prepared.as_user("root").query("select count(*) from retail_raw.raw_orders")
    assert prepared.as_user("observer").query("select count(*) from retail_raw.raw_orders") == (
        counted
    )
    assert prepared.as_user("bi_reader").query("select min(order_id) from retail_marts.built") == [
        (-1,)
    ]
    transformer.query("drop table retail_marts.built force")


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        ("loader", "delete from retail_raw.raw_orders where order_id = 1"),
        ("loader", "truncate table retail_raw.raw_orders"),
        ("loader", "create table retail_raw.x (k int)"),
        ("loader", "create table if not exists retail_raw.raw_orders (k int)"),
        ("loader", "create database if not exists retail_raw"),
        ("loader", "create table retail_marts.x (k int)"),
        ("transformer", "insert into retail_raw.raw_rejects select * from retail_raw.raw_rejects"),
        ("transformer", "drop table retail_raw.raw_orders"),
        ("transformer", "create database x"),
        ("transformer", "create user x identified by 'y'"),
        ("observer", "insert into retail_raw.raw_rejects select * from retail_raw.raw_rejects"),
        ("observer", "create table retail_staging.x (k int)"),
        ("bi_reader", "select count(*) from retail_raw.raw_orders"),
        ("bi_reader", "create table retail_marts.x (k int)"),
        ("bi_reader", "grant select on retail_raw.raw_orders to user bi_reader"),
    ],
)
def test_each_user_is_refused_what_it_needs_not(
    prepared: Cluster, user: str, statement: str
) -> None:
    with pytest.raises(pymysql.MySQLError) as refused:
        prepared.as_user(user).query(statement)
    assert refused.value.args[0] == MISSING_PRIVILEGE


def test_without_its_password_nobody_gets_in(prepared: Cluster) -> None:
    for user in ("root", *USERS):
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            prepared.as_user(user, "wrong").query("select 1")
        environment = prepared.simulator.environment | {"STARROCKS_USER": user}
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            WarehouseConnection(environment | {"STARROCKS_PASSWORD": ""}).query("select 1")


def test_a_second_run_changes_nothing(prepared: Cluster) -> None:
    before = prepared.grants()
    assert all(before.values())
    done = prepared.setup()
    assert (done.returncode, done.stderr) == (0, "")
    assert '"password": "unchanged"' in done.stdout
    assert '"level": "warning"' not in done.stdout
    assert prepared.grants() == before


def test_two_at_once_prepare_a_fresh_cluster(fresh: Cluster) -> None:
    fresh.simulator.environment.update(PASSWORDS)
    both = [fresh.simulator.start("setup", "--timeout", "30s") for _ in range(2)]
    said = [setup.communicate(timeout=60)[0] for setup in both]
    assert [setup.returncode for setup in both] == [0, 0], said
    assert all('"event": "setup_finished"' in text for text in said)
    assert all(fresh.grants().values())


def test_a_rotated_password_takes_the_place_of_the_old_one(fresh: Cluster) -> None:
    assert fresh.setup().returncode == 0
    assert fresh.setup(BI_READER_PASSWORD="rotated").returncode == 0
    assert fresh.as_user("bi_reader", "rotated").query("select 1") == [(1,)]
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        fresh.as_user("bi_reader").query("select 1")


def test_another_administrators_password_is_refused(prepared: Cluster) -> None:
    refused = prepared.setup(STARROCKS_PASSWORD="hunter2")
    assert (refused.returncode, refused.stdout) == (1, "")
    [line] = refused.stderr.splitlines()
    assert "key admin-password" in line
    assert "hunter2" not in line


def test_a_missing_password_changes_nothing(fresh: Cluster) -> None:
    refused = fresh.setup(OBSERVER_PASSWORD="")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("ingestion-simulator: OBSERVER_PASSWORD not set or empty: ")
    untouched = fresh.simulator.environment | fresh.login("root", "")
    assert WarehouseConnection(untouched).query("show databases like 'retail%'") == []


class Pods:
    """A frontend and backends as the operator starts them: apart, and each in its own time."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self._processes = processes
        self._folder = folder
        self.query_port = free_port()

    def start_frontend(self, replicas: int) -> None:
        ports = "".join(f"{name} = {free_port()}\n" for name in ("http_port", "rpc_port"))
        conf = f"{ports}query_port = {self.query_port}\ndefault_replication_num = {replicas}\n"
        self._start("fe", "frontend", conf)

    def start_backend(self, number: int) -> None:
        names = ("be_http_port", "heartbeat_service_port")
        conf = "".join(f"{name} = {free_port()}\n" for name in names)
        self._start("be", "backend", conf, number, "127.0.0.1")

    def _start(
        self, component: str, role: str, conf: str, number: int = 0, *arguments: str
    ) -> Child:
        root = self._folder / f"{component}-{number}"
        (root / component / "conf").mkdir(parents=True)
        (root / component / "conf" / f"{component}.conf").write_text(conf)
        return self._processes.start(
            root.name,
            [str(BIN / "local-warehouse"), role, *arguments],
            bare_environment()
            | {
                "STARROCKS_ROOT": str(root),
                "POD_IP": "127.0.0.1",
                "FE_QUERY_PORT": str(self.query_port),
                "MYSQL_PWD": PASSWORDS["STARROCKS_PASSWORD"],
            },
        )


def test_it_waits_for_frontend_and_backends_and_says_which(tmp_path: Path) -> None:
    with running(tmp_path / "logs") as processes:
        pods = Pods(processes, tmp_path)
        environment = bare_environment() | PASSWORDS
        setup = Simulator(environment | {"STARROCKS_QUERY_PORT": str(pods.query_port)}).start(
            "setup", "--timeout", "60s"
        )
        assert setup.stdout
        said = (json.loads(line) for line in setup.stdout)

        def next_event(*, mentioning: str) -> str:
            return str(next(event["event"] for event in said if mentioning in json.dumps(event)))

        assert next_event(mentioning="no warehouse answers at 127.0.0.1") == "setup_waiting"
        pods.start_frontend(replicas=2)
        # No backend can register before it.
        assert next_event(mentioning='"password": "set"') == "frontend_ready"
        assert next_event(mentioning="no backend has registered yet") == "setup_waiting"
        pods.start_backend(0)
        assert next_event(mentioning='"backends": 1') == "backends_ready"
        assert next_event(mentioning="number of available BE nodes") == "setup_waiting"
        pods.start_backend(1)
        assert next_event(mentioning="raw_load_manifest") == "structure_ready"
        assert [event["event"] for event in said] == [*["user_ready"] * 4, "setup_finished"]
        assert setup.wait(timeout=60) == 0
