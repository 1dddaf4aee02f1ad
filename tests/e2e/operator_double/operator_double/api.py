"""The Kubernetes API, as plain JSON."""

import json
from collections.abc import Iterator
from typing import Any

import urllib3
from kubernetes import config
from kubernetes.client import ApiClient, ApiException

from operator_double.manifest import API_VERSION, KIND, Manifest, SyncError

REQUEST_SECONDS = 30.0

PLACES = {
    "StatefulSet": ("/apis/apps/v1", "statefulsets"),
    "Service": ("/api/v1", "services"),
    "Endpoints": ("/api/v1", "endpoints"),
    "ConfigMap": ("/api/v1", "configmaps"),
    "Pod": ("/api/v1", "pods"),
    KIND: (f"/apis/{API_VERSION}", "starrocksclusters"),
}
"""Where each kind is served: path of its API group, plural name."""

NETWORK_ERRORS = (ApiException, urllib3.exceptions.HTTPError, OSError)
"""What a call may raise while the API server or the way to it is disturbed."""


class GoneError(Exception):
    """A list is too old to be watched on from, or another change came first."""


class Api:
    """The calls of this operator; `reconcile.Cluster` for the passes."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def read(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """An object, or None where there is none."""
        try:
            return self._call("GET", _path(kind, namespace, name))
        except ApiException as error:
            if is_missing(error):
                return None
            raise

    def create(self, manifest: Manifest) -> None:
        """Create an object."""
        self._write("POST", _path(manifest["kind"], manifest["metadata"]["namespace"]), manifest)

    def replace(self, manifest: Manifest) -> None:
        """Replace an object."""
        metadata = manifest["metadata"]
        path = _path(manifest["kind"], metadata["namespace"], metadata["name"])
        self._write("PUT", path, manifest)

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object; its pods follow."""
        self._call("DELETE", _path(kind, namespace, name), {"propagationPolicy": "Background"})

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Manifest]:
        """The pods with these labels."""
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        items: list[Manifest] = self._call(
            "GET", _path("Pod", namespace), {"labelSelector": selector}
        )["items"]
        return items

    def write_status(self, cluster: Manifest) -> None:
        """Write a cluster's status."""
        metadata = cluster["metadata"]
        path = f"{_path(KIND, metadata['namespace'], metadata['name'])}/status"
        self._write("PUT", path, cluster)

    def list(self, kind: str, namespace: str, selector: str) -> tuple[list[Manifest], str]:
        """All objects of a kind, and the version to watch on from."""
        answer = self._call("GET", _path(kind, namespace), {"labelSelector": selector})
        return answer["items"], answer["metadata"]["resourceVersion"]

    def watch(
        self, kind: str, namespace: str, selector: str, version: str, seconds: int
    ) -> Iterator[Manifest]:
        """The objects that change, for a time.

        Raises:
            GoneError: The version is too old; list again.
        """
        query = {
            "labelSelector": selector,
            "watch": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        }
        response = self._request(
            "GET", _path(kind, namespace), query, None, seconds + REQUEST_SECONDS
        )
        try:
            for line in _lines(response):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise GoneError(event["object"].get("message", ""))
                yield event["object"]
        finally:
            response.close()

    def _write(self, method: str, path: str, manifest: Manifest) -> None:
        # Kubernetes would drop an unknown field in silence; it is an error of the cluster's spec
        query = {"fieldValidation": "Strict"}
        try:
            self._call(method, path, query, manifest)
        except ApiException as error:
            if error.status == 409 and method == "PUT":
                raise GoneError(str(error.reason)) from error
            if error.status in (400, 403, 422):
                raise SyncError(_message(error)) from error
            raise

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Manifest | None = None,
    ) -> Manifest:
        response = self._request(method, path, query or {}, body, REQUEST_SECONDS)
        answer: Manifest = json.loads(response.data)
        return answer

    def _request(
        self, method: str, path: str, query: dict[str, str], body: Manifest | None, seconds: float
    ) -> urllib3.BaseHTTPResponse:
        response: urllib3.BaseHTTPResponse = self._client.call_api(
            path,
            method,
            query_params=list(query.items()),
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["BearerToken"],
            _preload_content=False,
            _request_timeout=(REQUEST_SECONDS, seconds),
        )
        return response


def connect() -> Api:
    """The API server of the cluster that this process runs in, or of the kubeconfig."""
    try:
        config.load_incluster_config()
    except config.ConfigException:
        config.load_kube_config()
    return Api(ApiClient())


def is_missing(error: Exception) -> bool:
    """Whether the API server does not know what was asked for."""
    return isinstance(error, ApiException) and error.status == 404


def brief(error: Exception) -> str:
    """An error in one line."""
    return _message(error) if isinstance(error, ApiException) else str(error).partition("\n")[0]


def _path(kind: str, namespace: str, name: str = "") -> str:
    group, plural = PLACES[kind]
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{group}{scope}/{plural}" + (f"/{name}" if name else "")


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    for chunk in response.stream(amt=None):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _message(error: ApiException) -> str:
    try:
        status: dict[str, Any] = json.loads(error.body or "")
        return str(status.get("message"))
    except ValueError:
        return str(error.reason)
