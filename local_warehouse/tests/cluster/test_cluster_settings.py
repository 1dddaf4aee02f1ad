"""What the operator gives to a pod: configuration files and the environment."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local_warehouse.cluster.conf import BACKEND, FRONTEND, parse_properties, read_conf
from local_warehouse.cluster.environment import Environment
from local_warehouse.cluster.frontend import refuse_followers
from local_warehouse.process import StartError

REAL_CONF = """\
# what the operator's chart writes for a frontend
LOG_DIR = ${STARROCKS_HOME}/log
DATE = "$(date +%Y%m%d-%H%M%S)"
JAVA_OPTS="-Xmx8192m -XX:+UseG1GC \\
    -Duser.timezone=UTC"
! another comment
http_port = 18030
rpc_port:19020
query_port 19030
edit_log_port=19010
mysql_service_nio_enabled = true
http_port = 28030
"""


def test_a_conf_of_starrocks_is_read_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "fe.conf"
    path.write_text(REAL_CONF)
    with caplog.at_level(logging.INFO):
        assert read_conf(path, FRONTEND) == {
            "http_port": 28030,
            "rpc_port": 19020,
            "query_port": 19030,
            "edit_log_port": 19010,
            "default_replication_num": 3,
        }
    assert caplog.messages == [
        f"{path}: keys without effect here: DATE, JAVA_OPTS, LOG_DIR, mysql_service_nio_enabled"
    ]


def test_properties_go_on_in_the_next_line() -> None:
    assert parse_properties(REAL_CONF)["JAVA_OPTS"] == (
        '"-Xmx8192m -XX:+UseG1GC -Duser.timezone=UTC"'
    )


def test_without_a_file_the_ports_are_those_of_starrocks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_conf(tmp_path / "be.conf", BACKEND) == BACKEND
    assert caplog.messages == []


def test_the_old_name_of_the_http_port_counts(tmp_path: Path) -> None:
    (tmp_path / "be.conf").write_text("webserver_port = 18040\n")
    assert read_conf(tmp_path / "be.conf", BACKEND)["be_http_port"] == 18040


@pytest.mark.parametrize("value", ["x", "-1", "65536", ""])
def test_a_port_that_is_none_is_named(tmp_path: Path, value: str) -> None:
    path = tmp_path / "fe.conf"
    path.write_text(f"http_port = {value}\n")
    with pytest.raises(StartError) as caught:
        read_conf(path, FRONTEND)
    assert str(caught.value) == f"{path}: http_port = {value} is no number from 0 to 65535"


def test_the_environment_of_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "retail-be-0.retail-be-search.ns.svc")
    (tmp_path / "be.conf").write_text("")
    variables = {
        "CONFIGMAP_MOUNT_PATH": str(tmp_path),
        "HOST_TYPE": "FQDN",
        "POD_IP": "10.0.0.7",
        "POD_NAME": "retail-be-0",
        "FE_QUERY_PORT": "19030",
        "MYSQL_PWD": "secret",
    }
    environment = Environment.read(variables)
    assert environment == Environment(
        root=Path("/opt/starrocks"),
        conf_mount=tmp_path,
        host="retail-be-0.retail-be-search.ns.svc",
        pod="retail-be-0",
        query_port=19030,
        password="secret",
    )
    assert environment.conf("be") == tmp_path / "be.conf"
    assert environment.conf("fe") == Path("/opt/starrocks/fe/conf/fe.conf")
    assert Environment.read(variables | {"HOST_TYPE": "IP"}).host == "10.0.0.7"
    assert Environment.read({}) == Environment(
        Path("/opt/starrocks"), None, "127.0.0.1", "", 9030, ""
    )
    with pytest.raises(StartError, match="FE_QUERY_PORT = x is no port"):
        Environment.read({"FE_QUERY_PORT": "x"})


def test_only_the_first_frontend_may_start() -> None:
    for pod in ("", "retail-fe-0", "retail-be-2", "x-fe-1-be-0"):
        refuse_followers(pod)
    for pod in ("retail-fe-1", "retail-fe-12"):
        with pytest.raises(StartError):
            refuse_followers(pod)


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        ("local_warehouse.server", "pymysql"),
        ("local_warehouse.cluster.frontend", "pymysql"),
        ("local_warehouse.cluster.backend", "duckdb"),
        ("local_warehouse.cluster.backend", "sqlglot"),
    ],
)
def test_a_role_imports_what_it_needs_alone(module: str, foreign: str) -> None:
    program = f"import sys, {module}; sys.exit({foreign!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
