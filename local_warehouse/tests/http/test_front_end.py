"""The front end: it authenticates and redirects, and never takes a body."""

import json
import socket

import pytest
import requests
from warehouse_server import PASSWORD, Server, basic

CONTINUE = {"Expect": "100-continue", "Content-Length": "0"}


def path(database: str) -> str:
    return f"/api/{database}/t/_stream_load?x=1"


def test_a_load_is_redirected_to_the_back_end(server: Server, database: str) -> None:
    response = server.request("PUT", server.fe_http_port, path(database), b"", CONTINUE)
    location = f"http://127.0.0.1:{server.be_http_port}{path(database)}"
    assert (response.status, response.headers["Location"]) == (307, location)
    assert response.headers["Connection"] == "close"


def test_the_host_of_the_redirect_is_the_one_that_the_client_used(
    server: Server, database: str
) -> None:
    headers = CONTINUE | {"Host": f"warehouse.example:{server.fe_http_port}"}
    response = server.request("PUT", server.fe_http_port, path(database), b"", headers)
    location = f"http://warehouse.example:{server.be_http_port}{path(database)}"
    assert response.headers["Location"] == location


def test_the_redirect_comes_without_100_continue_and_closes(server: Server, database: str) -> None:
    lines = (
        f"PUT {path(database)} HTTP/1.1",
        "Host: localhost",
        f"Authorization: {basic('root', PASSWORD)}",
        "Expect: 100-continue",
        "Content-Length: 1000000000",
        "",
        "",
    )
    with socket.create_connection(("127.0.0.1", server.fe_http_port), timeout=20) as client:
        client.sendall("\r\n".join(lines).encode())
        answer = b""
        while received := client.recv(4096):
            answer += received
    assert answer.startswith(b"HTTP/1.1 307 ")
    assert b"100 Continue" not in answer


def test_a_load_without_100_continue_is_refused(server: Server, database: str) -> None:
    assert server.put(server.fe_http_port, path(database), b"{}", {}) == (
        200,
        {
            "Status": "FAILED",
            "Message": "class com.starrocks.common.DdlException: There is no 100-continue header",
        },
    )


@pytest.mark.parametrize("password", [None, "", "wrong"])
@pytest.mark.parametrize(
    ("method", "place"), [("PUT", "t/_stream_load"), ("GET", "get_load_state?label=a")]
)
def test_credentials_are_demanded(
    server: Server, database: str, password: str | None, method: str, place: str
) -> None:
    response = requests.request(
        method,
        f"http://127.0.0.1:{server.fe_http_port}/api/{database}/{place}",
        auth=None if password is None else ("root", password),
        headers=CONTINUE,
        allow_redirects=False,
        timeout=20,
    )
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Basic realm=""'
    document = response.json()
    assert list(document) == ["status", "code", "msg", "message"]
    assert document["status"] == "FAILED"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere/get_load_state?label=a", "unknown database, database=nowhere"),
        ("{database}/get_load_state", "label is required"),
    ],
)
def test_the_state_of_nothing_is_an_error(
    server: Server, database: str, place: str, message: str
) -> None:
    response = server.request(
        "GET", server.fe_http_port, f"/api/{place.format(database=database)}", b"", {}
    )
    document = {"status": "FAILED", "code": "1", "msg": message, "message": message}
    assert (response.status, json.loads(response.read())) == (200, document)


def test_health_needs_no_credentials(server: Server) -> None:
    for port in (server.fe_http_port, server.be_http_port):
        assert requests.get(f"http://127.0.0.1:{port}/api/health", timeout=20).ok
