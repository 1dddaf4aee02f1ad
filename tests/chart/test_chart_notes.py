"""What `helm install` prints: the next three commands, and warnings where one is due."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_rendering import CHART, helm, minimal, values_of

LOGIN = {
    "enabled": True,
    "existingSecret": "login",
    "issuerUrl": "https://login.example.com",
    "clientId": "retail",
}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart with its notes as an object: `helm template` renders no notes."""
    copy = tmp_path_factory.mktemp("chart") / "retail-analytics"
    shutil.copytree(CHART, copy)
    notes = (copy / "templates" / "NOTES.txt").read_text()
    (copy / "templates" / "_notes.tpl").write_text(
        f'{{{{- define "notes" }}}}{notes}{{{{- end }}}}'
    )
    (copy / "templates" / "notes.yaml").write_text('notes: {{ include "notes" . | toJson }}\n')
    return copy


def notes(chart: Path, values: dict[str, Any]) -> str:
    rendered = helm(
        "template",
        "retail",
        str(chart),
        "--namespace=analytics",
        "--kube-version=1.34.0",
        "--show-only=templates/notes.yaml",
        "--values=-",
        stdin=yaml.safe_dump(values),
    )
    return str(yaml.safe_load(rendered)["notes"])


def warnings(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.startswith("WARNING")]


def test_three_commands_follow(chart: Path) -> None:
    text = notes(chart, minimal())
    assert [f"\n{number}. " in text for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "wait starrockscluster/retail --for=jsonpath='{.status.phase}'=running" in text
    assert "component=simulator --tail=50" in text
    assert "port-forward service/retail-webserver 3000:80" in text
    assert "helm test retail -n analytics" in text
    assert not warnings(text)


def test_an_open_ui_is_warned_of(chart: Path) -> None:
    text = notes(chart, minimal(ingress={"enabled": True, "host": "retail.example.com"}))
    assert "\n   http://retail.example.com\n" in text
    (warning,) = warnings(text)
    assert warning.startswith(
        "WARNING: the UI is open to everyone who can reach retail.example.com"
    )


def test_a_ui_behind_a_login_is_not(chart: Path) -> None:
    values = minimal(ingress={"enabled": True, "host": "retail.example.com"}, oauth2Proxy=LOGIN)
    assert not warnings(notes(chart, values))


def test_a_ui_without_a_host_is_found_everywhere(chart: Path) -> None:
    text = notes(chart, minimal(ingress={"enabled": True}))
    assert "no ingress.host is set: every host name leads there" in text


def test_the_read_only_ui_beside_a_login_is_warned_of(chart: Path) -> None:
    text = notes(chart, values_of("full"))
    assert "https://retail.example.com/dagster" in text
    assert warnings(text) == ["WARNING: the read-only UI is not behind the login."]


def test_missing_network_policies_are_warned_of(chart: Path) -> None:
    (warning,) = warnings(notes(chart, values_of("secret")))
    assert warning.startswith("WARNING: without network policies any pod of the cluster may speak")


def test_a_route_is_named(chart: Path) -> None:
    text = notes(chart, values_of("external"))
    assert "\n   retail.example.com\n" in text
    assert "starrockscluster" not in text
