"""The whole of `setup` against a double of a frontend that is late, lags, or refuses."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pymysql
import pytest

from ingestion_simulator.cli.init import init
from ingestion_simulator.connection import Connection
from ingestion_simulator.errors import SimulatorError
from ingestion_simulator.progress import JsonReporter
from ingestion_simulator.setup import Passwords, Patience, prepare

from .frontend_double import FrontendDouble

_PASSWORDS = Passwords(
    "s3cret",
    {"loader": "lo4der", "transformer": "tr4ns", "observer": "obs3rver", "bi_reader": "bi"},
)

Setup = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> FrontendDouble:
    double = FrontendDouble()
    monkeypatch.setattr(pymysql, "connect", double.connect)
    return double


@pytest.fixture
def setup() -> Setup:
    """Runs `setup` and returns its events without their time."""

    def run() -> list[dict[str, Any]]:
        out = io.StringIO()
        reporter = JsonReporter(out)
        clock = [0.0]

        def wait(seconds: float) -> None:
            clock[0] += seconds

        patience = Patience(timedelta(minutes=1), wait, reporter, lambda: clock[0])
        connection = Connection("fe", 9030, 8030, "root", "s3cret")
        prepare(connection, _PASSWORDS, patience, reporter)
        assert not any(
            password in out.getvalue() for password in ("s3cret", "lo4der", "tr4ns", "obs3rver")
        )
        events = [json.loads(line) for line in out.getvalue().splitlines()]
        return [{name: event[name] for name in event if name != "ts"} for event in events]

    return run


def _names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


_STEPS = ["frontend_ready", "backends_ready", "structure_ready", *["user_ready"] * 4]


def test_a_fresh_cluster_is_waited_for_and_gets_the_password(
    frontend: FrontendDouble, setup: Setup
) -> None:
    frontend.passwords = [None, ""]
    frontend.backends = [[], [{"Alive": "false", "ErrMsg": "broken pipe"}], *frontend.backends]
    events = setup()
    assert _names(events) == [
        *("setup_waiting", "frontend_ready", "setup_waiting", "setup_waiting"),
        *_STEPS[1:],
        "setup_finished",
    ]
    missing = [event["missing"] for event in events if event["event"] == "setup_waiting"]
    assert missing[0].startswith("no warehouse answers at fe:9030 ")
    assert missing[1:] == [
        "no backend has registered yet: look at its pod and its log",
        "none of 1 backends is alive: broken pipe",
    ]
    assert events[1] | {"seconds": 0} == {
        "level": "info",
        "event": "frontend_ready",
        "user": "root",
        "password": "set",
        "time_zone": "UTC",
        "seconds": 0,
    }


def test_a_password_that_is_set_already_stays(frontend: FrontendDouble, setup: Setup) -> None:
    frontend.passwords = ["s3cret"]
    assert setup()[0]["password"] == "unchanged"
    assert not [sql for sql in frontend.statements if sql.startswith("SET PASSWORD")]


def test_a_frontend_that_lags_behind_the_new_password_is_waited_for(
    frontend: FrontendDouble, setup: Setup
) -> None:
    # Refused, let in without a password, then still the old one at another frontend, then the new.
    frontend.passwords = ["", "", "", "s3cret"]
    events = setup()
    assert _names(events) == ["setup_waiting", *_STEPS, "setup_finished"]
    assert events[0]["missing"].endswith("; its password was set just now")


def test_another_setup_that_sets_the_password_in_between_is_no_failure(
    frontend: FrontendDouble, setup: Setup
) -> None:
    frontend.passwords = ["", "s3cret"]
    assert setup()[0]["password"] == "unchanged"


def test_neither_password_is_an_error_that_says_which_key(
    frontend: FrontendDouble, setup: Setup
) -> None:
    frontend.passwords = ["another"]
    with pytest.raises(SimulatorError) as error:
        setup()
    assert str(error.value) == (
        "the warehouse at fe:9030 refuses user 'root' with STARROCKS_PASSWORD, and with the empty "
        "password of a fresh cluster as well: put root's present password into the Secret of "
        "STARROCKS_PASSWORD (key admin-password), or give root that password by SET PASSWORD"
    )
    assert frontend.statements == []


def test_too_few_backends_for_the_replicas_are_waited_for(
    frontend: FrontendDouble, setup: Setup
) -> None:
    frontend.errors["CREATE TABLE"] = pymysql.err.ProgrammingError(
        1064,
        "Table replication num should be less than or equal to the number of available BE nodes. "
        "Current alive backend is [10001].",
    )
    events = setup()
    assert _names(events) == [*_STEPS[:2], "setup_waiting", *_STEPS[2:], "setup_finished"]
    assert "number of available BE nodes" in events[2]["missing"]


def test_a_session_that_is_lost_is_taken_up_again(frontend: FrontendDouble, setup: Setup) -> None:
    lost = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
    frontend.errors = {"CREATE DATABASE": lost, "GRANT": lost, "ALTER USER observer": lost}
    assert _names(setup()) == [
        *("frontend_ready", "backends_ready", "setup_waiting", "structure_ready"),
        *("setup_waiting", "user_ready", "user_ready", "setup_waiting", "user_ready"),
        *("user_ready", "setup_finished"),
    ]


def test_another_time_zone_is_refused_before_anything_is_created(
    frontend: FrontendDouble, setup: Setup
) -> None:
    frontend.time_zone, frontend.offset = "Asia/Shanghai", timedelta(hours=8)
    with pytest.raises(SimulatorError, match="SET GLOBAL time_zone = 'UTC'"):
        setup()
    assert not [sql for sql in frontend.statements if sql.startswith("CREATE")]


def test_init_refuses_another_time_zone_before_it_drops_anything(
    frontend: FrontendDouble,
) -> None:
    frontend.time_zone, frontend.offset = "Asia/Shanghai", timedelta(hours=8)
    with pytest.raises(SimulatorError, match="SET GLOBAL time_zone = 'UTC'"):
        init(Connection("fe", 9030, 8030, "root", ""), reset=True, confirmed=True)
    assert not [sql for sql in frontend.statements if sql.startswith(("CREATE", "DROP"))]


def test_grants_beyond_the_need_are_a_warning(frontend: FrontendDouble, setup: Setup) -> None:
    frontend.grants = ["GRANT DROP ON ALL TABLES IN DATABASE retail_raw TO USER 'loader'@'%'"]
    [warning] = [event for event in setup() if event["level"] == "warning"]
    assert warning == {
        "level": "warning",
        "event": "user_may_more",
        "user": "loader",
        "grants": frontend.grants[0],
    }
    assert not [sql for sql in frontend.statements if sql.startswith("REVOKE")]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (5203, "user 'root' lacks the privilege for it"),
        (1064, "error 1064, whose text may hold the password and is left out"),
    ],
)
def test_no_error_repeats_a_password(
    frontend: FrontendDouble, setup: Setup, number: int, why: str
) -> None:
    text = "Getting syntax error at line 1. Detail message: Unexpected input 'obs3rver'"
    frontend.errors["ALTER USER observer"] = pymysql.err.ProgrammingError(number, text)
    with pytest.raises(SimulatorError) as error:
        setup()
    assert str(error.value) == (
        f"the warehouse at fe:9030 refuses to set the password of 'observer': {why}"
    )
