"""What `helm test` asks of an installed release, from a pod of its own.

Each user of the warehouse logs in and is refused what it may not do, the webserver has loaded the
code location, and the marts hold what was loaded. The image of the pipeline runs it.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pymysql
import requests

# StarRocks answers so where a privilege is missing, whatever the statement.
_ACCESS_DENIED: Final = 5203
_POLL_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 20

# Each statement would change nothing if it were not refused. That a table is missing is no refusal,
# and the marts are missing until something was loaded.
FORBIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "loader": (
        "SELECT count(*) FROM retail_marts.fact_orders",
        "DELETE FROM retail_raw.raw_orders WHERE order_id < 0",
    ),
    "transformer": (
        "INSERT INTO retail_raw.raw_orders SELECT * FROM retail_raw.raw_orders LIMIT 0",
    ),
    "observer": (
        "SELECT count(*) FROM retail_marts.fact_orders",
        "INSERT INTO retail_raw.raw_orders SELECT * FROM retail_raw.raw_orders LIMIT 0",
    ),
    "bi_reader": (
        "SELECT count(*) FROM retail_raw.raw_orders",
        "INSERT INTO retail_marts.fact_orders SELECT * FROM retail_marts.fact_orders LIMIT 0",
    ),
}

# What the loader claims to have written, against the rows.
CLAIMED: Final = """
SELECT coalesce(sum(row_count), 0)
FROM retail_raw.raw_load_manifest
WHERE source = 'order_management'
"""
LOADED: Final = "SELECT count(*) FROM retail_raw.raw_orders"
# Every order that a raw event speaks of, by the day on which it was placed, against the marts.
DAYS_THAT_DIFFER: Final = """
SELECT coalesce(placed.order_day, built.order_day) AS order_day
FROM (
    SELECT cast(ordered_at AS date) AS order_day, count(DISTINCT order_id) AS orders
    FROM retail_raw.raw_orders
    GROUP BY cast(ordered_at AS date)
) AS placed
FULL OUTER JOIN (
    SELECT order_date AS order_day, count(*) AS orders
    FROM retail_marts.fact_orders
    GROUP BY order_date
) AS built ON placed.order_day = built.order_day
WHERE coalesce(placed.orders, 0) <> coalesce(built.orders, 0)
ORDER BY order_day
"""

LOCATIONS: Final = """
{
  workspaceOrError {
    ... on Workspace {
      locationEntries { name loadStatus locationOrLoadError { __typename } }
    }
  }
}
"""


class NotYetError(Exception):
    """Something is not as it should be, and may become so."""


class FailedError(Exception):
    """Something is not as it should be, and will not become so."""


@dataclass(frozen=True)
class Release:
    """The release that is tested, as the chart describes it to this pod.

    Attributes:
        host: Of the warehouse.
        port: Its port for the MySQL protocol.
        passwords: By user.
        webservers: URLs of the UIs.
        expect_data: Whether something loads, so that an empty warehouse is not the end.
        timeout: Seconds to wait for what is not yet so.
    """

    host: str
    port: int
    passwords: Mapping[str, str]
    webservers: tuple[str, ...]
    expect_data: bool
    timeout: float

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Release":
        """Reads the variables that the chart sets."""
        return cls(
            host=environ["STARROCKS_HOST"],
            port=int(environ["STARROCKS_QUERY_PORT"]),
            passwords={user: environ[f"{user.upper()}_PASSWORD"] for user in FORBIDDEN},
            webservers=tuple(environ["WEBSERVER_URLS"].split(",")),
            expect_data=environ["EXPECT_DATA"] == "true",
            timeout=float(environ["TIMEOUT_SECONDS"]),
        )

    def query(self, user: str, statement: str) -> tuple[tuple[Any, ...], ...]:
        """The rows of a statement, on a connection of its own."""
        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=user,
            password=self.passwords[user],
            connect_timeout=_ANSWER_SECONDS,
            read_timeout=_ANSWER_SECONDS,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())


def log_in(release: Release, user: str) -> str:
    """A user's password is the Secret's."""
    release.query(user, "SELECT 1")
    return f"{user} logs in"


def refuse(release: Release, user: str, statement: str) -> str:
    """A user is refused a statement, for want of a privilege and not for anything else."""
    try:
        release.query(user, statement)
    except pymysql.MySQLError as error:
        if error.args[0] == _ACCESS_DENIED:
            return f"{user} may not: {statement}"
        raise
    raise FailedError(f"{user} was not refused: {statement}")


def serve(url: str) -> str:
    """A webserver answers, and has loaded the code."""
    info = requests.get(f"{url}/server_info", timeout=_ANSWER_SECONDS)
    info.raise_for_status()
    answer = requests.post(f"{url}/graphql", json={"query": LOCATIONS}, timeout=_ANSWER_SECONDS)
    answer.raise_for_status()
    check_locations(answer.json())
    return f"{url}: Dagster {info.json()['dagster_webserver_version']}, code loaded"


def check_locations(answer: Mapping[str, Any]) -> None:
    """Every code location is loaded, and there is one.

    Raises:
        NotYetError: There is none, or one is not.
    """
    entries = answer["data"]["workspaceOrError"].get("locationEntries", [])
    loaded = [
        entry["loadStatus"] == "LOADED"
        and entry["locationOrLoadError"]["__typename"] == "RepositoryLocation"
        for entry in entries
    ]
    if not loaded or not all(loaded):
        raise NotYetError(f"code locations: {entries or 'none'}")


def compare(release: Release) -> str:
    """Raw rows are those of the manifest, and the marts have every order of every day."""
    ((claimed,),) = release.query("transformer", CLAIMED)
    ((loaded,),) = release.query("transformer", LOADED)
    if int(claimed) != int(loaded):
        raise NotYetError(f"the manifest claims {claimed} order events, raw_orders has {loaded}")
    if not loaded:
        if release.expect_data:
            raise NotYetError("nothing is loaded yet")
        return "nothing is loaded, so there is nothing to compare"
    days = [str(day) for (day,) in release.query("transformer", DAYS_THAT_DIFFER)]
    if days:
        raise NotYetError(f"{len(days)} days of orders differ, first {days[0]}")
    return f"the marts equal {loaded} order events"


def patiently(check: Callable[[], str], deadline: float) -> str:
    """Repeats a check until it holds or its time is up."""
    told = ""
    while True:
        try:
            return check()
        except (NotYetError, pymysql.MySQLError, requests.RequestException) as error:
            reason = " ".join(str(error).split())
            if time.monotonic() >= deadline:
                raise FailedError(reason) from error
            if reason != told:
                print(f"wait: {reason}", flush=True)  # noqa: T201 (its log is its report)
                told = reason
            time.sleep(_POLL_SECONDS)


def run(release: Release) -> int:
    """Makes all checks and says of each how it went; the exit status."""
    checks: list[Callable[[], str]] = []
    for user, statements in FORBIDDEN.items():
        checks.append(partial(log_in, release, user))
        checks.extend(
            partial(refuse, release, user, statement)
            for statement in statements
            if release.expect_data or "retail_marts" not in statement
        )
    checks.extend(partial(serve, url) for url in release.webservers)
    checks.append(partial(compare, release))
    deadline = time.monotonic() + release.timeout
    failed = 0
    for check in checks:
        try:
            print(f"ok: {patiently(check, deadline)}", flush=True)  # noqa: T201
        except FailedError as error:
            failed += 1
            print(f"FAILED: {error}", flush=True)  # noqa: T201
    print(f"{len(checks) - failed} of {len(checks)} checks passed", flush=True)  # noqa: T201
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(run(Release.from_environment(os.environ)))
