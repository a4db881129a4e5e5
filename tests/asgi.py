"""Requests and websockets to the guard without a server, as one would hand them to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.config.shared_limits import SharedLimits
from core.hosting.middleware import Guard, Message, Receive, Scope, Send

SECRET = "ab" * 16
COOKIE = {"cookie": f"overlap_visitor={SECRET}"}
CLIENT = "203.0.113.7:5"


class App:
    """What stands behind the guard: answers each request.

    seen: the scopes of what reached it. heard: the first message of each websocket.
    """

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.seen: list[Scope] = []
        self.heard: list[Message] = []

    def at_work(self, scope: Scope) -> None:
        """Called while a request or a websocket is being served."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        self.at_work(scope)
        if scope["type"] == "websocket":
            self.heard.append(await receive())
        elif scope["type"] == "http":
            headers = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            await send({"type": "http.response.body", "body": b"from the app"})


class Answer:
    """What came back of a request."""

    def __init__(self, sent: list[Message]) -> None:
        start, body = sent
        assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
        self.status: int = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.text: str = body["body"].decode()


def scope_of(
    kind: str, path: str, headers: Mapping[str, str], *, client: str = CLIENT, **more: object
) -> Scope:
    """What a server tells of a request. client: address and port; "" where there is none."""
    named = {"host": "localhost:8501", **headers}
    pairs = [(name.encode(), value.encode()) for name, value in named.items()]
    address, _, port = client.rpartition(":")
    return {
        "type": kind,
        "path": path,
        "headers": pairs,
        "client": (address, port) if client else None,
    } | more


async def ask(
    guard: Guard,
    path: str = "/",
    method: str = "GET",
    body: Sequence[bytes] = (),
    /,
    *,
    scheme: str = "http",
    client: str = CLIENT,
    **headers: str,
) -> Answer:
    """body: its parts as they come; each must be heard before the answer, and nothing beyond them."""
    sent: list[Message] = []
    coming = list(body)

    async def receive() -> Message:
        assert not sent, "the answer comes when all is heard"
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

    async def send(message: Message) -> None:
        sent.append(message)

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    scope = scope_of("http", path, named, method=method, scheme=scheme, client=client)
    await guard(scope, receive, send)
    assert not coming, "all of the body was heard"
    return Answer(sent)


async def connect(guard: Guard, **headers: str) -> list[Message]:
    """Open a websocket, and close it when the app is done; returns what the guard sent by itself."""
    sent: list[Message] = []
    coming: list[Message] = [{"type": "websocket.connect"}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await guard(scope_of("websocket", "/_stcore/stream", headers), receive, send)
    assert not coming, "the handshake was read"
    return sent


def shared(app: App, held: Mapping[str, int] | None = None, **limits: int) -> Guard:
    return Guard(
        app,
        allowed_hosts=lambda: ["localhost"],
        limits=SharedLimits(**limits),
        held_bytes=lambda: held or {},
    )


def own(app: App) -> Guard:
    return Guard(app, allowed_hosts=lambda: ["localhost"])
