"""Dagster's UI through the ingress, in a real browser, under a host name and a path."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from harness.release import HOST, INGRESS, PATH_PREFIX, READ_ONLY_HOST
from harness.waiting import wait_until
from playwright.sync_api import Browser, Page, WebSocket

from local_platform.dagster_api import DagsterApi

pytestmark = pytest.mark.usefixtures("installation")

UI = f"http://{HOST}{PATH_PREFIX}"
PAGE_MILLISECONDS = 60_000
STOP = 'mutation { terminateRun(runId: "nobody") { __typename } }'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1600, "height": 1000})
    page.set_default_timeout(PAGE_MILLISECONDS)
    yield page
    page.close()


def test_the_asset_graph_is_shown(page: Page, artifacts: Path) -> None:
    page.goto(f"{UI}/asset-groups/")
    for group in ("raw", "staging"):
        page.get_by_text(group, exact=True).last.wait_for()
    page.get_by_text("marts", exact=True).last.dblclick()
    for mart in ("dim_customer", "fact_order_items", "fact_daily_sales"):
        page.get_by_text(mart, exact=True).first.wait_for()
    page.screenshot(path=artifacts / "asset-graph.png")


def test_a_finished_run_is_shown_and_says_where_its_log_is(
    page: Page, dagster: DagsterApi, artifacts: Path
) -> None:
    run = next(run for run in dagster.runs() if run.status == "SUCCESS")
    page.goto(f"{UI}/runs/{run.run_id}")
    page.get_by_text("RUN_SUCCESS", exact=True).first.wait_for()
    page.screenshot(path=artifacts / "run.png")
    page.get_by_text("stdout", exact=True).click()
    page.get_by_placeholder("Select a step").click()
    page.get_by_text("dbt_models", exact=True).last.click()
    page.get_by_text(f"job/dagster-run-{run.run_id}", exact=False).first.wait_for()
    page.screenshot(path=artifacts / "run-log.png")


def test_live_updates_come_by_websocket(page: Page) -> None:
    sockets: list[WebSocket] = []
    received: list[str | bytes] = []

    def opened(socket: WebSocket) -> None:
        sockets.append(socket)
        socket.on("framereceived", lambda frame: received.append(frame))

    page.on("websocket", opened)
    page.goto(f"{UI}/runs")

    def acknowledged() -> bool:
        page.wait_for_timeout(100)
        return any("connection_ack" in str(frame) for frame in received)

    wait_until("a frame over the web socket", acknowledged, 60)
    assert {socket.url for socket in sockets} == {f"ws://{HOST}{PATH_PREFIX}/graphql"}


def test_only_the_path_and_the_host_are_served() -> None:
    def status(path: str, host: str) -> int:
        return requests.get(
            f"{INGRESS}{path}", headers={"Host": host}, allow_redirects=False, timeout=10
        ).status_code

    assert {
        "the path": status(f"{PATH_PREFIX}/server_info", HOST),
        "another path": status("/server_info", HOST),
        "another host": status(f"{PATH_PREFIX}/server_info", "other.localhost"),
    } == {"the path": 200, "another path": 404, "another host": 404}


def test_the_read_only_host_shows_and_refuses() -> None:
    url = f"{INGRESS}{PATH_PREFIX}"
    assert DagsterApi(url, READ_ONLY_HOST).is_up()
    answers = {host: _mutate(url, host) for host in (HOST, READ_ONLY_HOST)}
    assert answers == {HOST: "RunNotFoundError", READ_ONLY_HOST: "UnauthorizedError"}
    report = requests.post(
        f"{url}/report_asset_observation/retail_raw/raw_orders",
        headers={"Host": READ_ONLY_HOST},
        timeout=10,
    )
    assert report.status_code == 401


def _mutate(url: str, host: str) -> str:
    answer = requests.post(
        f"{url}/graphql", json={"query": STOP}, headers={"Host": host}, timeout=30
    )
    name: str = json.loads(answer.text)["data"]["terminateRun"]["__typename"]
    return name
