"""core.hosting.middleware, asked without a server: what passes, what is refused, what pages hear of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.hosting.middleware import (
    MULTIPART_BYTES,
    NOT_TAKEN,
    Guard,
    Message,
    Receive,
    Scope,
    Send,
    browser_secret,
    is_allowed,
    is_own_origin,
)
from core.hosting.uploads import uploads
from core.runtime.words import MB
from tests.asgi import COOKIE, SECRET, App, ask, connect, own, scope_of, shared

ALL_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


Kind = Callable[[App], Guard]
BOTH = pytest.mark.parametrize("kind", [shared, own])
FILE = "/_stcore/upload_file/page/file"


class Lines(logging.Handler):
    """The log of the guard."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture
def lines() -> Iterator[Lines]:
    log, lines = logging.getLogger("core.hosting.middleware"), Lines()
    level = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    yield lines
    log.setLevel(level)
    log.removeHandler(lines)


@pytest.fixture(autouse=True)
def no_uploads() -> Iterator[None]:
    yield
    uploads.settle("page", ["file"])
    uploads.refusal("page")


# What passes, and what is refused before the app sees it.


@BOTH
async def test_request_of_the_own_page_reaches_the_app(kind: Kind) -> None:
    app = App()
    answer = await ask(kind(app), "/documents", origin="http://localhost:8501")
    assert (answer.status, answer.text, len(app.seen)) == (200, "from the app", 1)


@BOTH
@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({"host": "evil.example"}, 400, "This host name is not one of this app's."),
        ({"origin": "http://evil.example"}, 403, "Pages of other sites may not ask this app."),
        (
            {"content_length": "3", "transfer_encoding": "chunked"},
            400,
            "Say how long it is, or send it in chunks, not both.",
        ),
    ],
)
async def test_refused_request_is_answered_by_the_guard_alone(
    kind: Kind, headers: dict[str, str], status: int, text: str, lines: Lines
) -> None:
    app = App()
    answer = await ask(kind(app), **headers)
    assert (answer.status, answer.text, app.seen) == (status, text, [])
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox"
    assert answer.headers == ALL_HEADERS | {
        "content-type": "text/plain; charset=utf-8",
        "connection": "close",
        "content-security-policy": policy,
    }
    assert lines.said == [f"Refused a request: {status} {text}"]


@BOTH
@pytest.mark.parametrize("header", [{"content_length": "3"}, {"transfer_encoding": "chunked"}])
async def test_request_with_a_length_or_in_chunks_passes(kind: Kind, header: dict[str, str]) -> None:
    assert (await ask(kind(App()), "/auth/login", "POST", **header)).status == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/x", "/_stcore/script-health-check"])
async def test_what_tells_about_the_server_is_closed_in_a_shared_app_only(path: str) -> None:
    assert (await ask(shared(App()), path)).status == 404
    assert (await ask(own(App()), path)).status == 200
    assert (await ask(shared(App()), "/_stcore/health")).status == 200


@BOTH
async def test_what_is_neither_request_nor_websocket_is_the_apps(kind: Kind) -> None:
    app = App()

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    await kind(app)({"type": "lifespan"}, receive, send)
    assert app.seen == [{"type": "lifespan"}]


@contextmanager
def descriptors_left(number: int) -> Iterator[None]:
    """This process may open about so many files more."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (sum(1 for _ in Path("/dev/fd").iterdir()) + number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@BOTH
async def test_health_says_when_there_is_no_room_for_another_connection(kind: Kind) -> None:
    guard = kind(App())
    with descriptors_left(10):
        full = [await ask(guard, path) for path in ("/_stcore/health", "/_stcore/health/")]
        other = await ask(guard, "/_stcore/host-config")
    assert [answer.status for answer in full] == [503, 503]
    assert full[0].text == "This app has no room for another connection."
    assert other.status == 200
    assert (await ask(guard, "/_stcore/health")).status == 200


# Headers of the app's answers.


@BOTH
async def test_answer_of_the_app_gets_the_security_headers(kind: Kind) -> None:
    headers = (await ask(kind(App()), "/documents", **COOKIE)).headers
    assert headers.pop("content-type") == "text/plain"
    policy = headers.pop("content-security-policy")
    assert headers == ALL_HEADERS
    assert "connect-src 'self' ws://localhost:8501 wss://localhost:8501 data: blob:; " in policy
    assert "frame-ancestors 'none'" in policy


async def test_file_opened_by_itself_runs_nothing() -> None:
    for path in ("/media/0123.png", "/media/x/0123.pdf"):
        policy = (await ask(own(App()), path)).headers["content-security-policy"]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox"


@pytest.mark.parametrize(
    ("scheme", "headers", "end"),
    [
        ("http", {}, ""),
        ("http", {"x_forwarded_proto": "http"}, ""),
        ("http", {"x_forwarded_proto": "https"}, "; Secure"),
        ("https", {}, "; Secure"),
    ],
)
async def test_newcomer_gets_a_secret_for_a_year_over_the_same_protocol(
    scheme: str, headers: dict[str, str], end: str
) -> None:
    cookie = (await ask(shared(App()), "/", scheme=scheme, **headers)).headers["set-cookie"]
    pattern = r"overlap_visitor=[0-9a-f]{32}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    assert re.fullmatch(pattern + end, cookie)


async def test_newcomers_get_secrets_of_their_own() -> None:
    guard = shared(App())
    cookies = [(await ask(guard, path)).headers["set-cookie"] for path in ("/", "/documents")]
    assert cookies[0] != cookies[1]


@pytest.mark.parametrize(
    "path", ["/_stcore/health", "/static/a.js", "/media/0.png", "/component/x", "/app/static/x.pdf"]
)
async def test_what_is_no_page_sets_no_cookie(path: str) -> None:
    assert "set-cookie" not in (await ask(shared(App()), path)).headers


async def test_who_has_a_secret_keeps_it_and_what_is_none_is_replaced() -> None:
    guard = shared(App())
    assert "set-cookie" not in (await ask(guard, **COOKIE)).headers
    assert "set-cookie" not in (await ask(own(App()))).headers
    for cookie in ("overlap_visitor=x", "other=1", "overlap_visitor=\x00; =;", "a,b=c; overlap_visitor"):
        assert "set-cookie" in (await ask(guard, cookie=cookie)).headers


@pytest.mark.parametrize(
    "others",
    [
        "_streamlit_xsrf=2|a|b|1; {}; other=1",
        # What other apps of the same host set, though no standard allows it.
        '{}; consent={{"necessary": true}}',
        "flag; {}",
        "a(b)=1; {}; c/d=2",
        'open="quote; {}',
        "überall=1;{}",
    ],
)
async def test_secret_is_read_from_among_whatever_cookies_there_are(others: str) -> None:
    """As pages read it: else each of them would be given to somebody new."""
    cookie = others.format(COOKIE["cookie"])
    assert browser_secret({"headers": [(b"accept", b"*/*"), (b"cookie", cookie.encode())]}) == SECRET
    assert "set-cookie" not in (await ask(shared(App()), cookie=cookie)).headers


@pytest.mark.parametrize("cookie", ["", "overlap_visitor", f"overlap_visitor={SECRET}0", f"x={SECRET}"])
def test_what_can_be_no_secret_is_none(cookie: str) -> None:
    assert browser_secret({"headers": [(b"cookie", cookie.encode())]}) == ""
    assert browser_secret({"headers": []}) == ""


# Uploads. One that is refused is heard out: else the answer would be lost when the connection is reset.

PARTS = (b"a", b"b", b"c")


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_upload_of_the_most_that_is_taken_passes_and_one_byte_more_does_not(method: str) -> None:
    app = App()
    most = 2 * MB + MULTIPART_BYTES
    assert MULTIPART_BYTES == 100_000
    guard = shared(app, upload_mb=2)
    assert (await ask(guard, FILE, method, content_length=str(most), **COOKIE)).status == 200
    refused = await ask(guard, FILE, method, PARTS, content_length=str(most + 1), **COOKIE)
    assert (refused.status, refused.text) == (413, "This app takes files of up to 2 MB.")
    assert len(app.seen) == 1


@pytest.mark.parametrize("headers", [{}, {"content_length": "-1"}, {"transfer_encoding": "chunked"}])
async def test_upload_that_does_not_say_how_long_it_is_is_refused(headers: dict[str, str]) -> None:
    refused = await ask(shared(App()), FILE, "PUT", PARTS, **headers)
    assert (refused.status, refused.text) == (411, "Say how long the upload is.")


async def test_what_is_no_upload_need_not_say_how_long_it_is() -> None:
    for path, method in ((FILE, "DELETE"), (FILE, "OPTIONS"), ("/auth/login", "POST")):
        assert (await ask(shared(App()), path, method)).status == 200


async def test_app_of_ones_own_takes_files_of_any_size() -> None:
    assert (await ask(own(App()), FILE, "PUT", content_length=str(10**12))).status == 200
    assert (await ask(own(App()), FILE, "PUT")).status == 200


async def test_upload_without_room_is_refused_and_its_page_told_why() -> None:
    app = App()
    guard = shared(app, held={"page": 8 * MB}, held_mb=10)
    uploads.promise("page", "file")
    refused = await ask(guard, FILE, "PUT", PARTS, content_length=str(3 * MB), **COOKIE)
    assert refused.status == 413
    assert refused.text.startswith("This app holds up to 10 MB that are uploaded and not added.")
    assert (uploads.pending("page"), uploads.refusal("page")) == (set(), refused.text)
    assert app.seen == []
    assert (await ask(guard, FILE, "PUT", content_length=str(2 * MB), **COOKIE)).status == 200
    assert uploads.refusal("page") == ""


@pytest.mark.parametrize("headers", [{}, COOKIE])
async def test_room_is_counted_by_browser_or_else_by_address(headers: dict[str, str]) -> None:
    guard = shared(App(), held={"page": 8 * MB}, held_mb=10)
    two: dict[str, str] = {"content_length": str(2 * MB)}
    three: dict[str, str] = {"content_length": str(3 * MB)}
    # Each request comes from a port of its own.
    assert (await ask(guard, FILE, "PUT", client="203.0.113.7:1", **two, **headers)).status == 200
    others = [FILE.replace("page", session) for session in ("second", "third", "fourth")]
    own = await ask(guard, others[0], "PUT", PARTS, client="203.0.113.7:2", **three, **headers)
    assert own.status == 413
    stranger: dict[str, str] = {"cookie": f"overlap_visitor={'cd' * 16}"} if headers else {}
    elsewhere = "203.0.113.7:3" if headers else "203.0.113.8:3"
    assert (await ask(guard, others[1], "PUT", client=elsewhere, **three, **stranger)).status == 200
    # Without an address, as over a socket of the system.
    assert (await ask(guard, others[2], "PUT", client="", **three)).status == 200


async def test_page_waits_for_a_file_while_it_comes_and_until_it_has_it() -> None:
    pending: list[set[str]] = []

    class Watching(App):
        def at_work(self, scope: Scope) -> None:
            pending.append(uploads.pending("page"))

    await ask(own(Watching()), FILE, "PUT", content_length="3")
    assert pending == [{"file"}]
    assert uploads.pending("page") == {"file"}
    assert uploads.refusal("page") == ""


async def test_page_waits_for_no_file_that_it_has_sent_away() -> None:
    uploads.promise("page", "file")
    await ask(own(App()), FILE, "OPTIONS")
    assert uploads.pending("page") == {"file"}
    await ask(own(App()), FILE, "DELETE")
    assert uploads.pending("page") == set()
    uploads.promise("page", "file")
    await ask(own(App()), "/elsewhere/page/file", "DELETE")
    assert uploads.pending("page") == {"file"}


@pytest.mark.parametrize(("status", "told"), [(399, ""), (400, NOT_TAKEN), (500, NOT_TAKEN)])
async def test_page_is_told_of_a_file_that_the_app_did_not_take(status: int, told: str) -> None:
    await ask(own(App(status)), FILE, "PUT", content_length="3")
    assert uploads.refusal("page") == told
    assert uploads.pending("page") == (set() if told else {"file"})


async def test_page_that_is_not_found_is_no_refused_upload() -> None:
    await ask(own(App(404)), "/documents")
    await ask(own(App(404)), FILE)
    assert uploads.refusal("page") == uploads.refusal("/documents") == ""


# Websockets.


@BOTH
async def test_websocket_of_the_own_page_reaches_the_app(kind: Kind) -> None:
    app = App()
    assert await connect(kind(app), origin="http://localhost:8501") == []
    assert app.heard == [{"type": "websocket.connect"}]


@BOTH
@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://localhost:1"}])
async def test_websocket_of_another_host_or_site_is_closed_before_it_is_accepted(
    kind: Kind, headers: dict[str, str], lines: Lines
) -> None:
    app = App()
    sent = await connect(kind(app), **headers)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert app.seen == []
    assert lines.said == ["Refused a page: a foreign host or origin"]


class Lingering(App):
    """An app in which each websocket stays open while the next one comes."""

    def __init__(self) -> None:
        super().__init__()
        self.guard = shared(self)
        self.refused: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        await receive()
        if not self.refused:
            self.refused += await connect(self.guard, **COOKIE)


async def test_visitor_with_20_open_pages_gets_no_other_until_they_are_closed(
    lines: Lines,
) -> None:
    app = Lingering()
    await connect(app.guard, **COOKIE)
    assert app.refused == [{"type": "websocket.close", "code": 1008}]
    assert len(app.seen) == 20
    assert lines.said == ["Refused a page: too many are open"]
    app.seen.clear()
    app.refused.clear()
    await connect(app.guard, **COOKIE)
    assert len(app.seen) == 20, "all places were given back"


async def test_place_is_given_back_however_often_a_page_breaks_off() -> None:
    class Broken(App):
        def at_work(self, scope: Scope) -> None:
            raise ConnectionError

    app = Broken()
    guard = shared(app)
    for _ in range(50):
        with pytest.raises(ConnectionError):
            await guard(scope_of("websocket", "/_stcore/stream", COOKIE), _nothing, _nowhere)
    assert len(app.seen) == 50


async def _nothing() -> Message:
    raise AssertionError("nothing is read")


async def _nowhere(message: Message) -> None:
    raise AssertionError("nothing is sent")


# Names of hosts and origins.


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        ("localhost", ["other", " LocalHost. "], True),
        ("localhost", ["other"], False),
        ("localhost:", ["localhost"], True),
        ("localhost:٣", ["localhost"], False),
        ("localhost:-1", ["localhost"], False),
        ("localhost..", ["localhost"], False),
        ("[::1]:8501", ["::1"], True),
        ("[::2]", ["::1"], False),
        ("deep.demo.example.org", ["*.example.org"], True),
        ("*.example.org", [".example.org"], False),
        ("a.example.org", [".example.org"], False),
        (".", [], False),
        (":8501", [], False),
        ("a/b", [], False),
        ("a'b", ["*"], False),
    ],
)
def test_host_is_allowed_by_its_whole_name(host: str, allowed: list[str], expected: bool) -> None:
    assert is_allowed(host, allowed) is expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("", True),
        ("http://demo.example.org", True),
        ("https://Demo.example.org", True),
        ("ftp://demo.example.org", False),
        ("http://example.org", False),
        ("demo.example.org", False),
        ("null", False),
    ],
)
def test_origin_is_the_own_one_by_http_or_https(origin: str, expected: bool) -> None:
    assert is_own_origin(origin, "demo.example.ORG") is expected
