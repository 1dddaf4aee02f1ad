"""fe.conf and be.conf as the operator reads them."""

import pytest
from example_clusters import cluster
from operator_double import conf
from operator_double.component import conf_source
from operator_double.kinds import BACK_END, FRONT_END
from operator_double.manifest import Manifest, SyncError


def test_properties() -> None:
    text = r"""
# a comment
! another
http_port = 18030
query_port:19030
rpc_port 9021
LOG_DIR = ${STARROCKS_HOME}/log
JAVA_OPTS="-Xmx1g \
    -Dx=y"
empty =
key\ with\ spaces = tab\tend
"""
    assert conf.parse(text) == {
        "http_port": "18030",
        "query_port": "19030",
        "rpc_port": "9021",
        "log_dir": "${STARROCKS_HOME}/log",
        "java_opts": '"-Xmx1g -Dx=y"',
        "empty": "",
        "key with spaces": "tab\tend",
    }


@pytest.mark.parametrize("line", ["a = ${open", r"a = \u12"])
def test_malformed_properties(line: str) -> None:
    with pytest.raises(SyncError, match="malformed"):
        conf.parse(line)


def test_port_is_the_first_key_that_holds_a_number() -> None:
    keys = ("webserver_port", "be_http_port")
    assert conf.port({"be_http_port": "1"}, keys, 8040) == 1
    assert conf.port({"webserver_port": "2", "be_http_port": "1"}, keys, 8040) == 2
    assert conf.port({"webserver_port": "x"}, keys, 8040) == 8040
    assert conf.port({}, keys, 8040) == 8040


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        ({"configMapInfo": {"configMapName": "a", "resolveKey": "k"}}, ("a", "k")),
        ({"configMapInfo": {"configMapName": "a"}}, None),
        ({"configMaps": [{"name": "a", "mountPath": "/opt/starrocks/fe/conf"}]}, ("a", "fe.conf")),
        (
            {
                "configMaps": [
                    {
                        "name": "a",
                        "mountPath": "/opt/starrocks/fe/conf/fe.conf",
                        "subPath": "fe.conf",
                    }
                ]
            },
            ("a", "fe.conf"),
        ),
        ({"configMaps": [{"name": "a", "mountPath": "/elsewhere"}]}, None),
        ({}, None),
    ],
)
def test_where_the_configuration_is(spec: Manifest, source: tuple[str, str] | None) -> None:
    assert conf_source(cluster(spec)["spec"]["starRocksFeSpec"], FRONT_END) == source


def test_configuration_below_another_root() -> None:
    spec = {
        "beEnvVars": [{"name": "STARROCKS_ROOT", "value": "/sr"}],
        "configMaps": [{"name": "a", "mountPath": "/sr/be/conf/"}],
    }
    assert conf_source(spec, BACK_END) == ("a", "be.conf")
