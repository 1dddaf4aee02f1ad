"""What differs between a front end and a back end, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """A port of a component.

    Attributes:
        name: Its name on the component's Service.
        container_name: Its name on the pod; None where the pod does not declare it.
        keys: Where the configuration may say its number, first found first.
        default: Its number otherwise; None means that the port exists only where it is configured.
        app_protocol: `appProtocol` on the Service.
    """

    name: str
    container_name: str | None
    keys: tuple[str, ...]
    default: int | None
    app_protocol: str | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of component.

    Attributes:
        name: Name of its container and ending of its objects' names.
        title: How reasons call it.
        spec_key: Its part of a StarRocksCluster's spec.
        status_key: Its part of the status.
        env_key: The user's variables in its part of the spec.
        ports: The ports of its Service, in the Service's order.
        health_port: The port that answers `/api/health`.
        search_ports: The ports of its headless Service: (name there, port).
        folders: The folders below `<root>/<name>` that always are volumes, and the words by which a
            volume of the user counts as one of them.
    """

    name: str
    title: str
    spec_key: str
    status_key: str
    env_key: str
    ports: tuple[Port, ...]
    health_port: str
    search_ports: tuple[tuple[str, str], ...]
    folders: tuple[tuple[str, tuple[str, ...]], ...]


FRONT_END = Kind(
    name="fe",
    title="FE",
    spec_key="starRocksFeSpec",
    status_key="starRocksFeStatus",
    env_key="feEnvVars",
    ports=(
        Port("http", "http-port", ("http_port",), 8030),
        Port("rpc", "rpc-port", ("rpc_port",), 9020),
        Port("query", "query-port", ("query_port",), 9030, "mysql"),
        Port("edit-log", None, ("edit_log_port",), 9010),
        Port("arrow-flight", "arrow-flight", ("arrow_flight_port",), None),
    ),
    health_port="http",
    search_ports=(("query-port", "query"),),
    folders=(("meta", ("meta",)), ("log", ("log",))),
)

BACK_END = Kind(
    name="be",
    title="BE",
    spec_key="starRocksBeSpec",
    status_key="starRocksBeStatus",
    env_key="beEnvVars",
    ports=(
        Port("be", "be-port", ("be_port",), 9060),
        Port("webserver", "webserver-port", ("webserver_port", "be_http_port"), 8040),
        Port("heartbeat", "heartbeat-port", ("heartbeat_service_port",), 9050),
        Port("brpc", "brpc-port", ("brpc_port",), 8060),
        Port("arrow-flight", "arrow-flight", ("arrow_flight_port",), None),
    ),
    health_port="webserver",
    search_ports=(("heartbeat", "heartbeat"), ("arrow-flight", "arrow-flight")),
    folders=(("storage", ("storage", "data")), ("log", ("log",))),
)
