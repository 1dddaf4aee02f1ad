"""What cannot work is refused before anything is installed, in one message that says what to do."""

from typing import Any

import pytest
from chart_rendering import RELEASE, RefusedError, minimal, render_text

AT = "execution error at (retail-analytics/templates/validate.yaml:1:4): "
OFFLINE = "No cluster can be seen from here (helm template, --dry-run=client, Argo CD), so "


def refusal(values: dict[str, Any], **options: str) -> str:
    with pytest.raises(RefusedError) as refused:
        render_text(values, **options)
    return str(refused.value).partition("\n\nUse --debug")[0]


def external(**changes: Any) -> dict[str, Any]:
    return minimal(
        **{"starrocks__enabled": False, "starrocks__external__host": "sr.example.com", **changes}
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            minimal(starrocks__auth={}),
            f"{OFFLINE}passwords that are generated now would change with each rendering: "
            "create a Secret and set starrocks.auth.existingSecret.",
        ),
        (
            minimal(dagster__postgres__auth={}),
            f"{OFFLINE}a password that is generated now would change with each rendering: "
            "create a Secret and set dagster.postgres.auth.existingSecret.",
        ),
        (
            minimal(starrocks__external__host="sr.example.com"),
            "starrocks.external.host is set, but the release has a StarRocks of its own: "
            "set starrocks.enabled to false, or leave the host empty.",
        ),
        (
            minimal(starrocks__auth__adminUser="boss"),
            "starrocks.auth.adminUser is boss, but a StarRocks of the release's own begins with "
            "root alone: leave it at root.",
        ),
        (
            external(starrocks__external__host=""),
            "starrocks.enabled is false: set starrocks.external.host to the DNS name of a "
            "StarRocks frontend.",
        ),
        (
            external(starrocks__external__host="10.0.0.7"),
            "starrocks.external.host is the address 10.0.0.7, to which no Service can lead: "
            "give a DNS name, or set starrocks.alias to false.",
        ),
        (
            external(starrocks__auth={}),
            "starrocks.enabled is false: set starrocks.auth.existingSecret to the Secret with "
            "the passwords of the external StarRocks.",
        ),
        (
            minimal(starrocks__fe__config={"query_port": 9031}),
            "query_port cannot be set in starrocks.*.config: Services and network policies know "
            "the default ports.",
        ),
        (
            minimal(dagster__postgres__external={"host": "pg.example.com"}),
            "dagster.postgres.external.host is set, but the release has a Postgres of its own: "
            "set dagster.postgres.enabled to false, or leave the host empty.",
        ),
        (
            minimal(dagster__postgres__enabled=False),
            "dagster.postgres.enabled is false: set dagster.postgres.external.host, or "
            "dagster.postgres.auth.keys.host for a host that is in the Secret.",
        ),
        (
            minimal(
                dagster__postgres={"enabled": False, "external": {"host": "pg.example.com"}},
            ),
            "dagster.postgres.enabled is false: set dagster.postgres.auth.existingSecret to the "
            "Secret with the password of the external Postgres.",
        ),
        (
            minimal(ingress__enabled=True, httpRoute__enabled=True),
            "ingress.enabled and httpRoute.enabled are both true: choose one.",
        ),
        (
            minimal(httpRoute__enabled=True),
            "httpRoute.enabled is true: set httpRoute.parentRefs to the Gateway that the route "
            "belongs to.",
        ),
        (
            minimal(ingress__readOnlyHost="r.example.com"),
            "ingress.readOnlyHost is set: set dagster.readOnlyWebserver.enabled to true.",
        ),
        (
            minimal(httpRoute__readOnlyHostnames=["r.example.com"]),
            "httpRoute.readOnlyHostnames is set: set dagster.readOnlyWebserver.enabled to true.",
        ),
        (
            minimal(
                ingress={"host": "r.example.com", "readOnlyHost": "r.example.com"},
                dagster__readOnlyWebserver__enabled=True,
            ),
            "ingress.host and ingress.readOnlyHost are both r.example.com: "
            "give each a name of its own.",
        ),
        (
            minimal(oauth2Proxy__enabled=True),
            "oauth2Proxy.enabled is true: set oauth2Proxy.existingSecret.",
        ),
        (
            minimal(oauth2Proxy={"enabled": True, "existingSecret": "login"}),
            "oauth2Proxy.enabled is true: set oauth2Proxy.clientId.",
        ),
        (
            minimal(oauth2Proxy={"enabled": True, "existingSecret": "login", "clientId": "retail"}),
            "oauth2Proxy.provider is oidc: set oauth2Proxy.issuerUrl.",
        ),
        (
            minimal(starrocks__fe__replicas=2),
            "starrocks.fe.replicas is 2, of which both would have to live for a majority: "
            "set it to 1 or 3.",
        ),
    ],
)
def test_settings_that_contradict_each_other(values: dict[str, Any], message: str) -> None:
    assert refusal(values) == AT + message


def test_an_address_works_without_the_alias() -> None:
    values = external(starrocks__external__host="10.0.0.7", starrocks__alias=False)
    assert "value: 10.0.0.7" in render_text(values)


def test_a_release_with_a_name_that_leaves_no_room() -> None:
    long = "r" * 41
    assert refusal(minimal(), release=long) == (
        f'{AT}The release\'s name "{long}" is longer than 40 characters: the names of '
        "StatefulSets and Jobs that are made from it would be too long."
    )
    assert render_text(minimal(), release="r" * 40)


@pytest.mark.parametrize("release", ["7retail", "my.retail"])
def test_a_release_whose_name_no_service_may_have(release: str) -> None:
    assert refusal(minimal(), release=release) == (
        f'{AT}The release\'s name "{release}" must begin with a letter and have no dot: '
        "Services are named after it."
    )


def test_a_login_without_oidc_needs_no_issuer() -> None:
    login = {"enabled": True, "provider": "github", "existingSecret": "login", "clientId": "retail"}
    text = render_text(minimal(oauth2Proxy=login))
    assert "--provider=github" in text
    assert "issuer-url" not in text


SCHEMA = "values don't meet the specifications of the schema(s) in the following chart(s):\n"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            minimal(simulator__mode="cron"),
            "at '/simulator/mode': value must be one of 'cronjob', 'stream', 'none'",
        ),
        (
            minimal(dagster__webserver__replica=2),
            "at '/dagster/webserver': additional properties 'replica' not allowed",
        ),
        (
            minimal(simulator__resources={"request": {"cpu": "1"}}),
            "at '/simulator/resources': additional properties 'request' not allowed",
        ),
        (
            minimal(ingres={"enabled": True}),
            "at '': additional properties 'ingres' not allowed",
        ),
        (
            minimal(starrocks__fe__replicas="3"),
            "at '/starrocks/fe/replicas': got string, want integer",
        ),
        (
            minimal(dagster__webserver__pathPrefix="dagster/"),
            "at '/dagster/webserver/pathPrefix': 'dagster/' does not match pattern "
            "'^(/[A-Za-z0-9._~-]+)*$'",
        ),
        (
            minimal(dagster__image__digest="sha256:1"),
            "at '/dagster/image/digest': 'sha256:1' does not match pattern "
            "'^$|^sha256:[0-9a-f]{64}$'",
        ),
    ],
)
def test_values_that_the_schema_does_not_know(values: dict[str, Any], message: str) -> None:
    assert refusal(values) == f"{SCHEMA}retail-analytics:\n- {message}"


def test_a_kubernetes_that_is_too_old() -> None:
    assert refusal(minimal(), kubernetes="1.28.15") == (
        "chart requires kubeVersion: >=1.29.0-0 which is incompatible with Kubernetes v1.28.15"
    )
    assert RELEASE in render_text(minimal(), kubernetes="1.29.0")
