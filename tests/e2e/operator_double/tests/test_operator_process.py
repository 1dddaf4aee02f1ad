"""The agenda, the watchers, the API's answers, the loop's steps and the probes."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from example_clusters import OWNER, cluster
from kubernetes.client import ApiException
from operator_double.__main__ import UNSETTLED_SECONDS, Operator
from operator_double.agenda import Agenda, Backoff
from operator_double.api import Api, GoneError
from operator_double.health import serve
from operator_double.manifest import Manifest, SyncError
from operator_double.watch import Watcher, key_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_agenda_holds_a_cluster_once_and_by_time() -> None:
    clock = Clock()
    agenda = Agenda(clock)
    agenda.add(("n", "late"), 10)
    agenda.add(("n", "a"))
    agenda.add(("n", "a"))
    assert agenda.take(0) == ("n", "a")
    assert agenda.take(0) is None
    clock.now = 10
    assert agenda.take(0) == ("n", "late")


def test_agenda_keeps_the_earlier_time() -> None:
    clock = Clock()
    agenda = Agenda(clock)
    agenda.add(("n", "a"), 5)
    agenda.add(("n", "a"), 60)
    clock.now = 5
    assert agenda.take(0) == ("n", "a")


def test_backoff_doubles_up_to_its_end_and_forgets() -> None:
    backoff = Backoff(first=1, longest=5)
    key = ("n", "a")
    assert [backoff.failed(key) for _ in range(4)] == [1, 2, 4, 5]
    backoff.succeeded(key)
    assert backoff.failed(key) == 1


def test_key_of_an_object() -> None:
    owned = {"kind": "StatefulSet", "metadata": {"namespace": "retail", "ownerReferences": [OWNER]}}
    assert key_of(owned) == ("retail", "shop")
    assert key_of(cluster()) == ("retail", "shop")
    assert key_of({"kind": "Service", "metadata": {"namespace": "retail"}}) is None


class Answer:
    """A response of the API server."""

    def __init__(self, body: Any = None, lines: list[Any] | None = None) -> None:
        self.data = json.dumps(body)
        self._lines = lines or []
        self.closed = False

    def stream(self, amt: int | None) -> Iterator[bytes]:
        assert amt is None
        text = "".join(json.dumps(line) + "\n" for line in self._lines).encode()
        # cut in the middle of a line, as a network does
        yield text[:10]
        yield text[10:]

    def close(self) -> None:
        self.closed = True


class Client:
    """An `ApiClient` that gives prepared answers and notes the calls."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self._answers = list(answers)
        self.calls: list[str] = []

    def call_api(self, path: str, method: str, query_params: Any, **_: Any) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in query_params)
        self.calls.append(f"{method} {path}" + (f"?{query}" if query else ""))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refusal(status: int, message: str = "") -> ApiException:
    error = ApiException(status=status, reason="reason")
    error.body = json.dumps({"message": message}) if message else None
    return error


def test_paths_of_reads_and_writes() -> None:
    client = Client(Answer({}), Answer({}), Answer({}), Answer({"items": [{"a": 1}]}), Answer({}))
    api = Api(client)
    stateful_set = {"kind": "StatefulSet", "metadata": {"namespace": "n", "name": "a"}}
    api.read("Service", "n", "a")
    api.create(stateful_set)
    api.replace(stateful_set)
    assert api.pods("n", {"b": "2", "a": "1"}) == [{"a": 1}]
    api.delete("StatefulSet", "n", "a")
    assert client.calls == [
        "GET /api/v1/namespaces/n/services/a",
        "POST /apis/apps/v1/namespaces/n/statefulsets?fieldValidation=Strict",
        "PUT /apis/apps/v1/namespaces/n/statefulsets/a?fieldValidation=Strict",
        "GET /api/v1/namespaces/n/pods?labelSelector=a=1,b=2",
        "DELETE /apis/apps/v1/namespaces/n/statefulsets/a?propagationPolicy=Background",
    ]


def test_answers_that_are_no_failures_of_the_network() -> None:
    manifest = {"kind": "Service", "metadata": {"namespace": "n", "name": "a"}}
    assert Api(Client(refusal(404))).read("Service", "n", "a") is None
    with pytest.raises(SyncError, match=r"^it is forbidden$"):
        Api(Client(refusal(422, "it is forbidden"))).create(manifest)
    with pytest.raises(GoneError):
        Api(Client(refusal(409))).replace(manifest)
    with pytest.raises(ApiException):
        Api(Client(refusal(500))).read("Service", "n", "a")


def test_watcher_puts_lists_and_events_on_the_agenda() -> None:
    listed = {"metadata": cluster()["metadata"]}
    changed = {
        "type": "MODIFIED",
        "object": cluster() | {"metadata": {"namespace": "n", "name": "b"}},
    }
    stream = Answer(lines=[changed, {"type": "ERROR", "object": {"message": "too old"}}])
    client = Client(
        Answer({"items": [listed], "metadata": {"resourceVersion": "7"}}),
        stream,
    )
    agenda = Agenda()
    watcher = Watcher(Api(client), "StarRocksCluster", "", agenda)
    with pytest.raises(GoneError, match="too old"):
        watcher.once()
    assert watcher.listed.is_set()
    assert stream.closed
    assert {agenda.take(0), agenda.take(0)} == {("retail", "shop"), ("n", "b")}
    assert client.calls[1].startswith("GET /apis/starrocks.com/v1/starrocksclusters?")
    assert "resourceVersion=7&timeoutSeconds=120" in client.calls[1]


class StopError(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (refusal(404), "StarRocksCluster is not known to this cluster"),
        (refusal(403, "no right"), "cannot watch StarRocksCluster: no right"),
        (ConnectionRefusedError("refused"), "cannot watch StarRocksCluster: refused"),
    ],
)
def test_watcher_says_what_is_wrong_and_goes_on(
    error: Exception, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise StopError

    watcher = Watcher(Api(Client(error, error)), "StarRocksCluster", "", Agenda())
    with pytest.raises(StopError):
        watcher.run(wait)
    assert caplog.text.count(line) == 2
    assert not watcher.listed.is_set()


class Everything:
    """An `Api` whose every object is missing, or that cannot be reached."""

    def __init__(self, resource: Manifest | None, error: Exception | None = None) -> None:
        self.resource, self.error = resource, error
        self.statuses: list[Manifest] = []

    def read(self, kind: str, _namespace: str, _name: str) -> Manifest | None:
        if self.error:
            raise self.error
        return self.resource if kind == "StarRocksCluster" else None

    def create(self, manifest: Manifest) -> None:
        pass

    def pods(self, _namespace: str, _labels: dict[str, str]) -> list[Manifest]:
        return []

    def write_status(self, resource: Manifest) -> None:
        self.statuses.append(resource["status"])
        self.resource = resource


KEY = ("retail", "shop")


def step(api: Everything, agenda: Agenda) -> None:
    operator = Operator(api, agenda)  # type: ignore[arg-type]
    operator.step(KEY)


def test_status_is_written_once_and_looked_at_again() -> None:
    clock = Clock()
    agenda = Agenda(clock)
    api = Everything(cluster(be={}))
    step(api, agenda)
    step(api, agenda)
    assert [status["phase"] for status in api.statuses] == ["reconciling"]
    assert agenda.take(0) is None
    clock.now = UNSETTLED_SECONDS
    assert agenda.take(0) == KEY


def test_cluster_that_is_gone_or_going() -> None:
    going = cluster()
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    for resource in (None, going):
        agenda, api = Agenda(lambda: 1e9), Everything(resource)
        step(api, agenda)
        assert api.statuses == []
        assert agenda.take(0) is None


@pytest.mark.parametrize("error", [refusal(500), ConnectionResetError()])
def test_disturbed_network_is_retried_with_backoff(error: Exception) -> None:
    clock = Clock()
    agenda = Agenda(clock)
    step(Everything(None, error), agenda)
    assert agenda.take(0) is None
    clock.now = 1.0
    assert agenda.take(0) == KEY


def test_a_status_that_is_refused_is_retried_with_backoff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_resource: Manifest) -> None:
        raise SyncError("status is forbidden")

    clock = Clock()
    agenda, api = Agenda(clock), Everything(cluster(be={}))
    monkeypatch.setattr(api, "write_status", refuse)
    step(api, agenda)
    assert agenda.take(0) is None
    clock.now = 1.0
    assert agenda.take(0) == KEY


def test_conflict_is_retried_at_once() -> None:
    agenda = Agenda(Clock())
    step(Everything(None, GoneError()), agenda)
    assert agenda.take(0) == KEY


def test_failed_cluster_is_tried_again() -> None:
    clock = Clock()
    agenda = Agenda(clock)
    api = Everything(cluster(starRocksCnSpec={}))
    step(api, agenda)
    assert api.statuses[0]["phase"] == "failed"
    clock.now = 1.0
    assert agenda.take(0) == KEY


def test_probes() -> None:
    ready = False
    server = serve(0, lambda: ready)

    def status(path: str) -> int:
        try:
            address = f"http://127.0.0.1:{server.server_port}{path}"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    try:
        assert (status("/healthz"), status("/readyz")) == (200, 503)
        ready = True
        assert status("/readyz") == 200
    finally:
        server.shutdown()
        server.server_close()
