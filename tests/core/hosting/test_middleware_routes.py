"""Every route of the real server: which hosts it answers, and with which headers."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.hosting.middleware import Guard, Message, Receive, Scope, Send, is_allowed
from tests.browser.app import running_app

pytestmark = pytest.mark.slow

ROUTES = [
    "/",
    "/documents",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/_stcore/upload_file/session/file",
    "/_stcore/metrics",
    "/media/0123.png",
    "/static/nothing.js",
    "/component/x/index.html",
    "/oauth2callback",
    "/auth/login",
    "/no/such/path",
]
UPLOAD = "/_stcore/upload_file/session/file"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    "Sec-WebSocket-Protocol": "streamlit",
}
FOREIGN = [
    "http://evil.example",
    "https://evil.example:8501",
    "http://localhost:3000",
    "http://127.0.0.1:1",
    "http://127.0.0.1",
    "null",
    "file://",
]
# Read by Python at the start of a process: every host that it looks up, listens at or connects to.
WATCH = """
import os, sys

def watch(event, args):
    if event in {"socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo"}:
        address = args[0] if event == "socket.getaddrinfo" else args[1]
        host = address[0] if isinstance(address, tuple) else address
        if isinstance(host, str) and host:
            with open(os.environ["SEEN"], "a") as seen:
                print(host, file=seen)

sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def shared_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app"), OVERLAP_SHARED="1", OVERLAP_SHARED_UPLOAD_MB="1") as at:
        yield at


@pytest.fixture(scope="module")
def own_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app"), OVERLAP_SHARED="0") as at:
        yield at


def ask(address: str, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    if response.status != 101:
        response.read()
    connection.close()
    return response


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example"])
def test_route_refuses_a_foreign_host(shared_address: str, own_address: str, path: str, host: str) -> None:
    for address in (shared_address, own_address):
        assert ask(address, path, Host=host).status == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1"])
def test_websocket_refuses_a_foreign_host(shared_address: str, own_address: str, origin: str) -> None:
    for address in (shared_address, own_address):
        headers = {**HANDSHAKE, "Host": "evil.example", "Origin": origin}
        assert ask(address, "/_stcore/stream", **headers).status == 403


def test_websocket_of_the_own_page_is_opened(shared_address: str, own_address: str) -> None:
    for address in (shared_address, own_address):
        assert ask(address, "/_stcore/stream", **HANDSHAKE, Origin=address).status == 101


@pytest.mark.parametrize("origin", FOREIGN)
def test_page_of_another_site_is_refused(shared_address: str, own_address: str, origin: str) -> None:
    for address in (shared_address, own_address):
        assert ask(address, "/_stcore/stream", **HANDSHAKE, Origin=origin).status == 403
        for path, method in (("/_stcore/health", "GET"), (UPLOAD, "PUT"), (UPLOAD, "OPTIONS")):
            assert ask(address, path, method, Origin=origin, Content_Length="0").status == 403


def test_nothing_is_asked_of_another_host_whatever_origin_comes(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    seen = tmp_path / "seen"
    with running_app(tmp_path, PYTHONPATH=str(tmp_path), SEEN=str(seen)) as address:
        for origin in (*FOREIGN, address):
            ask(address, "/_stcore/stream", **HANDSHAKE, Origin=origin)
            ask(address, UPLOAD, "PUT", Origin=origin, Content_Length="0")
            ask(address, "/_stcore/health", Origin=origin)
    hosts = set(seen.read_text().split())
    assert hosts, "it is watched"
    assert hosts <= {"127.0.0.1", "::1", "localhost"}


@pytest.mark.parametrize("path", [path for path in ROUTES if path != "/_stcore/metrics"])
def test_route_sends_the_security_headers(shared_address: str, own_address: str, path: str) -> None:
    for address in (shared_address, own_address):
        headers = {name.lower(): value for name, value in ask(address, path).getheaders()}
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert "object-src 'none'" in headers["content-security-policy"] or path.startswith("/media/")


def test_refusal_sends_the_security_headers(shared_address: str, own_address: str) -> None:
    refusals = [
        (400, ask(own_address, "/", Host="evil.example")),
        (403, ask(own_address, "/", Origin="http://evil.example")),
        (404, ask(shared_address, "/_stcore/metrics")),
        (411, ask(shared_address, UPLOAD, "PUT")),
        (413, ask(shared_address, UPLOAD, "PUT", Content_Length="2000000")),
    ]
    for status, response in refusals:
        headers = {name.lower(): value for name, value in response.getheaders()}
        assert response.status == status
        assert {name: headers.get(name) for name in HEADERS} == HEADERS
        assert "default-src 'none'" in headers["content-security-policy"]


def test_file_of_the_app_runs_nothing_when_opened_by_itself(shared_address: str) -> None:
    policy = ask(shared_address, "/media/0123.png").getheader("Content-Security-Policy") or ""
    assert "sandbox" in policy and "script-src" not in policy and "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_shared_app_tells_strangers_nothing_about_the_server(shared_address: str, path: str) -> None:
    assert ask(shared_address, path).status == 404


def test_upload_over_the_limit_is_refused_before_it_is_read(shared_address: str) -> None:
    assert ask(shared_address, UPLOAD, "PUT", Content_Length="2000000").status == 413
    assert ask(shared_address, UPLOAD, "PUT", Transfer_Encoding="chunked").status == 411


def test_length_and_chunks_together_are_refused(shared_address: str, own_address: str) -> None:
    both = {"Content_Length": "100", "Transfer_Encoding": "chunked"}
    for address in (shared_address, own_address):
        for path in ("/", UPLOAD):
            assert ask(address, path, "PUT", **both).status == 400


def test_upload_without_the_token_of_the_page_is_refused(shared_address: str) -> None:
    assert ask(shared_address, UPLOAD, "PUT", Content_Length="0").status == 403


def test_browser_gets_a_cookie_that_scripts_and_other_sites_do_not_have(shared_address: str) -> None:
    cookie = ask(shared_address, "/documents").getheader("Set-Cookie") or ""
    assert re.fullmatch(r"overlap_visitor=[0-9a-f]{32}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax", cookie)
    secure = ask(shared_address, "/", X_Forwarded_Proto="https").getheader("Set-Cookie") or ""
    assert secure.endswith("; Secure")


def test_browser_keeps_its_cookie(shared_address: str) -> None:
    kept = ask(shared_address, "/", Cookie=f"overlap_visitor={'a' * 32}")
    assert "overlap_visitor" not in (kept.getheader("Set-Cookie") or "")
    replaced = ask(shared_address, "/", Cookie="overlap_visitor=not-one-of-ours")
    assert "overlap_visitor" in (replaced.getheader("Set-Cookie") or "")


def test_host_names_of_the_environment_are_answered(tmp_path: Path) -> None:
    with running_app(tmp_path, STREAMLIT_SERVER_ALLOWED_HOSTS="overlap.example.org 127.0.0.1") as address:
        assert ask(address, "/", Host="overlap.example.org").status == 200
        assert ask(address, "/_stcore/health").status == 200
        assert ask(address, "/", Host="localhost").status == 400
        headers = {**HANDSHAKE, "Host": "overlap.example.org", "Origin": "https://overlap.example.org"}
        assert ask(address, "/_stcore/stream", **headers).status == 101


def test_app_that_is_not_shared_sets_no_cookie(own_address: str) -> None:
    assert "overlap_visitor" not in (ask(own_address, "/").getheader("Set-Cookie") or "")
    assert ask(own_address, "/_stcore/metrics").status == 200


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        ("localhost:8501", ["localhost"], True),
        ("LOCALHOST.", ["localhost"], True),
        ("[::1]:8501", ["[::1]"], True),
        ("[::1]", ["::1"], True),
        ("demo.example.org", ["*.example.org"], True),
        ("example.org", ["*.example.org"], False),
        ("notexample.org", ["*.example.org"], False),
        ("anything.example", ["*"], True),
        ("anything.example", [], True),
        ("evil;script-src *", [], False),
        ("localhost:80:80", ["localhost"], False),
        ("localhost:8501x", ["localhost"], False),
        ("a@localhost", ["localhost"], False),
        ("", ["localhost"], False),
    ],
)
def test_host_is_allowed(host: str, allowed: list[str], expected: bool) -> None:
    assert is_allowed(host, allowed) is expected


async def test_header_that_the_app_sends_itself_is_kept_and_not_doubled() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"X-Frame-Options", b"SAMEORIGIN"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    guard = Guard(app, allowed_hosts=lambda: ["localhost"])
    headers = [(b"host", b"localhost")]
    await guard({"type": "http", "method": "GET", "path": "/", "headers": headers}, receive, send)
    found = [(name.lower(), value) for name, value in sent[0]["headers"]]
    assert [value for name, value in found if name == b"x-frame-options"] == [b"SAMEORIGIN"]
    assert len({name for name, _ in found}) == len(found)


def test_refused_upload_is_heard_out_so_that_its_answer_arrives(shared_address: str) -> None:
    """Closed while its body is still coming, the connection would be reset, and the answer lost with it."""
    body = bytes(3_000_000)
    connection = http.client.HTTPConnection(urlsplit(shared_address).netloc, timeout=20)
    connection.putrequest("PUT", UPLOAD)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    for first in range(0, len(body), 100_000):
        connection.send(body[first : first + 100_000])
    response = connection.getresponse()
    assert (response.status, response.read()) == (413, b"This app takes files of up to 1 MB.")
    connection.close()
