"""Who reaches whom: Services, network policies, and rights at the Kubernetes API."""

from collections.abc import Iterator
from itertools import product

import pytest
from chart_rendering import (
    CASES,
    RELEASE,
    Object,
    matches,
    minimal,
    named,
    of_kind,
    pod_templates,
    render,
    starrocks_specs,
)

# What the launcher calls for the daemon, and for a webserver in which somebody ends a run.
DAEMON = {
    ("batch", "jobs", "create"),
    ("batch", "jobs", "list"),
    ("batch", "jobs", "delete"),
    ("batch", "jobs/status", "get"),
    ("", "pods", "list"),
    ("", "pods", "delete"),
    ("", "pods/log", "get"),
    ("", "events", "list"),
}
WEBSERVER = {("batch", "jobs", "delete"), ("", "pods", "list"), ("", "pods", "delete")}

BETWEEN_STARROCKS = (8030, 8040, 8060, 9010, 9020, 9030, 9050, 9060)

# (from, to, port) among the release's pods, where it has StarRocks, Postgres and no Ingress.
FLOWS = {
    ("webserver", "code-server", 4000),
    ("daemon", "code-server", 4000),
    ("webserver", "postgres", 5432),
    ("daemon", "postgres", 5432),
    ("code-server", "postgres", 5432),
    ("run", "postgres", 5432),
    ("code-server", "fe", 9030),
    ("run", "fe", 9030),
    ("setup", "fe", 9030),
    ("test", "fe", 9030),
    ("simulator", "fe", 9030),
    ("simulator", "fe", 8030),
    ("simulator", "be", 8040),
    ("test", "webserver", 3000),
    *product(("fe", "be"), ("fe", "be"), BETWEEN_STARROCKS),
}


def pods(objects: tuple[Object, ...]) -> dict[str, dict[str, str]]:
    """The labels of every pod, by component, those of the operator's included."""
    labels = {pod.component: pod.metadata["labels"] for pod in pod_templates(objects)}
    for name, spec in starrocks_specs(objects).items():
        # The operator sets these two, and adds podLabels.
        labels[name] = {
            "app.kubernetes.io/component": name,
            "app.starrocks.ownerreference/name": f"{RELEASE}-{name}",
            **spec["podLabels"],
        }
    return labels


def rules(objects: tuple[Object, ...], account: str) -> set[tuple[str, str, str]]:
    role = named(objects, "Role", account)
    return {
        one
        for rule in role["rules"]
        for one in product(rule["apiGroups"], rule["resources"], rule["verbs"])
    }


def peers(objects: tuple[Object, ...], direction: str) -> Iterator[tuple[str, Object, int]]:
    """Component, peer and port of all rules; a rule without peers yields an empty one."""
    side = {"ingress": "from", "egress": "to"}[direction]
    for policy in of_kind(objects, "NetworkPolicy"):
        selector = policy["spec"]["podSelector"]["matchLabels"]
        component = selector.get("app.kubernetes.io/component", "*")
        for rule in policy["spec"].get(direction, []):
            for peer, port in product(rule.get(side, [{}]), rule["ports"]):
                yield component, peer, port["port"]


def allowed(objects: tuple[Object, ...]) -> set[tuple[str, str, int]]:
    """The flows among pods that both ends' policies allow."""
    known = pods(objects)

    def sides(direction: str) -> set[tuple[str, str, int]]:
        return {
            (component, other, port)
            for component, peer, port in peers(objects, direction)
            for other, labels in known.items()
            if peer.keys() == {"podSelector"}
            and matches(peer["podSelector"]["matchLabels"], labels)
        }

    into = {(other, component, port) for component, other, port in sides("ingress")}
    out_of = sides("egress")
    # A flow that one end allows and the other refuses is a mistake.
    assert into == out_of
    return into


def outside(objects: tuple[Object, ...], direction: str) -> list[tuple[str, Object, int]]:
    return [one for one in peers(objects, direction) if one[1].keys() != {"podSelector"}]


def test_the_daemon_and_the_webserver_may_do_what_they_do_and_no_more() -> None:
    objects = render("full")
    assert rules(objects, "retail-daemon") == DAEMON
    assert rules(objects, "retail-webserver") == WEBSERVER
    assert len(of_kind(objects, "Role")) == 2
    assert not of_kind(objects, "ClusterRole")
    assert not of_kind(objects, "ClusterRoleBinding")


def test_each_role_is_bound_to_its_account_alone() -> None:
    bindings = of_kind(render("full"), "RoleBinding")
    assert [
        (one["roleRef"]["name"], [subject["name"] for subject in one["subjects"]])
        for one in bindings
    ] == [("retail-daemon", ["retail-daemon"]), ("retail-webserver", ["retail-webserver"])]


@pytest.mark.parametrize("case", CASES)
def test_pods_run_as_accounts_that_exist(case: str) -> None:
    objects = render(case)
    accounts = {one["metadata"]["name"] for one in of_kind(objects, "ServiceAccount")}
    used = {pod.component: pod.spec.get("serviceAccountName") for pod in pod_templates(objects)}
    assert set(filter(None, used.values())) == accounts
    assert {name: account for name, account in used.items() if account} == {
        "daemon": "retail-daemon",
        "webserver": "retail-webserver",
        "run": "retail-run",
    }


@pytest.mark.parametrize("case", CASES)
def test_a_selector_finds_the_pods_of_its_component_alone(case: str) -> None:
    objects = render(case)
    selectors = {
        f"{one['kind']} {one['metadata']['name']}": (
            one["metadata"]["labels"]["app.kubernetes.io/component"],
            one["spec"]["selector"].get("matchLabels", one["spec"]["selector"]),
        )
        for one in objects
        if "selector" in one.get("spec", {})
    }
    assert any(name.startswith("Service") for name in selectors)
    known = pods(objects)
    for name, (component, selector) in selectors.items():
        found = {other for other, labels in known.items() if matches(selector, labels)}
        assert found == {component}, name


@pytest.mark.parametrize("case", CASES)
def test_a_service_leads_to_a_port_that_its_pods_have(case: str) -> None:
    objects = render(case)
    ports = {
        pod.component: {port["name"] for port in pod.spec["containers"][0].get("ports", [])}
        for pod in pod_templates(objects)
    }
    for service in of_kind(objects, "Service"):
        if service["spec"].get("type") == "ExternalName":
            continue
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        assert {one["targetPort"] for one in service["spec"]["ports"]} <= ports[component]


@pytest.mark.parametrize("case", ["minimal", "full", "external"])
def test_every_pod_is_refused_everything_that_no_policy_allows(case: str) -> None:
    objects = render(case)
    spec = named(objects, "NetworkPolicy", "retail-default")["spec"]
    assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
    assert "ingress" not in spec
    assert all(
        matches(spec["podSelector"]["matchLabels"], labels) for labels in pods(objects).values()
    )


def test_pods_talk_along_the_listed_flows_only() -> None:
    assert allowed(render("minimal")) == FLOWS


def test_a_login_stands_between_the_ingress_and_the_ui() -> None:
    objects = render("full")
    controller = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}},
        "podSelector": {"matchLabels": {"app": "controller"}},
    }
    assert allowed(objects) == FLOWS | {
        ("oauth2-proxy", "webserver", 3000),
        ("webserver-readonly", "code-server", 4000),
        ("webserver-readonly", "postgres", 5432),
        ("test", "webserver-readonly", 3000),
    }
    entering = outside(objects, "ingress")
    assert ("oauth2-proxy", controller, 4180) in entering
    assert ("webserver-readonly", controller, 3000) in entering
    assert {component for component, _, _ in entering} == {
        "oauth2-proxy",
        "webserver-readonly",
        "fe",
        "be",
    }


def test_without_an_ingress_nothing_comes_in_from_outside() -> None:
    assert not outside(render("minimal"), "ingress")


def test_with_an_ingress_the_ui_is_all_that_can_be_reached() -> None:
    objects = render(minimal(ingress__enabled=True))
    assert outside(objects, "ingress") == [("webserver", {"namespaceSelector": {}}, 3000)]


def test_pods_reach_names_and_the_kubernetes_api_outside() -> None:
    leaving = outside(render("minimal"), "egress")
    dns = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    anywhere = {"ipBlock": {"cidr": "0.0.0.0/0"}}
    assert sorted(leaving, key=str) == sorted(
        [
            ("*", dns, 53),
            ("*", dns, 53),
            *product(("daemon", "webserver"), [anywhere], (443, 6443)),
        ],
        key=str,
    )


def test_external_services_are_reached_at_their_addresses_and_ports() -> None:
    objects = render("external")
    leaving = outside(objects, "egress")
    warehouse = {"ipBlock": {"cidr": "198.51.100.0/24"}}
    postgres = {"ipBlock": {"cidr": "203.0.113.7/32"}}
    assert {(name, port) for name, peer, port in leaving if peer == warehouse} == {
        ("simulator", 19030),
        ("simulator", 18030),
        ("simulator", 18040),
        ("run", 19030),
        ("code-server", 19030),
        ("setup", 19030),
        ("test", 19030),
    }
    assert {(name, port) for name, peer, port in leaving if peer == postgres} == {
        (name, 6432) for name in ("webserver", "webserver-readonly", "daemon", "code-server", "run")
    }
    open_to_all = outside(render(minimal(**external_without_peers())), "egress")
    assert ("run", {}, 9030) in open_to_all


def external_without_peers() -> dict[str, object]:
    return {"starrocks__enabled": False, "starrocks__external__host": "starrocks.example.com"}


def test_no_policy_is_left_when_they_are_off() -> None:
    assert not of_kind(render("secret"), "NetworkPolicy")


def test_disruption_budgets_are_for_what_goes_on_without_one_pod() -> None:
    assert not of_kind(render("minimal"), "PodDisruptionBudget")
    budgets = of_kind(render("full"), "PodDisruptionBudget")
    assert {one["metadata"]["name"].removeprefix("retail-") for one in budgets} == {
        "webserver",
        "webserver-readonly",
        "oauth2-proxy",
        "fe",
        "be",
    }
    assert all(one["spec"]["maxUnavailable"] == 1 for one in budgets)


def test_the_ingress_leads_each_host_to_its_ui() -> None:
    (ingress,) = of_kind(render("full"), "Ingress")
    assert [
        (rule["host"], path["path"], path["backend"]["service"])
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    ] == [
        (
            "retail.example.com",
            "/dagster",
            {"name": "retail-oauth2-proxy", "port": {"name": "http"}},
        ),
        (
            "read-only.retail.example.com",
            "/dagster",
            {"name": "retail-webserver-readonly", "port": {"name": "http"}},
        ),
    ]


def test_an_ingress_without_a_host_takes_every_name() -> None:
    (ingress,) = of_kind(render(minimal(ingress__enabled=True)), "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert "host" not in rule
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "retail-webserver"


def test_routes_lead_each_host_to_its_ui() -> None:
    routes = of_kind(render("external"), "HTTPRoute")
    assert [
        (route["spec"]["hostnames"], route["spec"]["rules"][0]["backendRefs"]) for route in routes
    ] == [
        (["retail.example.com"], [{"name": "retail-webserver", "port": 80}]),
        (["read-only.retail.example.com"], [{"name": "retail-webserver-readonly", "port": 80}]),
    ]


@pytest.mark.parametrize("case", CASES)
def test_what_routes_lead_to_exists(case: str) -> None:
    objects = render(case)
    services = {one["metadata"]["name"] for one in of_kind(objects, "Service")}
    wanted = {
        path["backend"]["service"]["name"]
        for ingress in of_kind(objects, "Ingress")
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    } | {
        backend["name"]
        for route in of_kind(objects, "HTTPRoute")
        for rule in route["spec"]["rules"]
        for backend in rule["backendRefs"]
    }
    assert wanted <= services


def test_the_prefix_is_in_the_command_the_probes_and_the_login() -> None:
    objects = render("full")
    for pod in pod_templates(objects):
        (container,) = pod.spec["containers"]
        if pod.component.startswith("webserver"):
            assert "--path-prefix=/dagster" in container["command"]
            probes = [container[name] for name in container if name.endswith("Probe")]
            assert {probe["httpGet"]["path"] for probe in probes} == {"/dagster/server_info"}
        if pod.component == "oauth2-proxy":
            assert "--proxy-prefix=/dagster/oauth2" in container["args"]


def test_the_read_only_ui_is_read_only() -> None:
    commands = {
        pod.component: pod.spec["containers"][0]["command"]
        for pod in pod_templates(render("full"))
        if pod.component.startswith("webserver")
    }
    assert "--read-only" in commands["webserver-readonly"]
    assert "--read-only" not in commands["webserver"]


def test_the_name_warehouse_leads_to_the_frontend() -> None:
    service = named(render("minimal"), "Service", "warehouse")
    assert service["spec"] == {
        "type": "ExternalName",
        "externalName": "retail-fe-service.analytics.svc.cluster.local",
    }


def test_without_the_name_pods_ask_the_frontend_itself() -> None:
    objects = render("external")
    assert not [
        one for one in of_kind(objects, "Service") if one["metadata"]["name"] == "warehouse"
    ]
    hosts = {
        variable["value"]
        for pod in pod_templates(objects)
        for variable in pod.spec["containers"][0].get("env", [])
        if variable["name"] == "STARROCKS_HOST"
    }
    assert hosts == {"starrocks.example.com"}
