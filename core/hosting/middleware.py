"""What every HTTP request and every websocket passes before Streamlit sees it.

Streamlit checks the host of websockets only and sends no security headers; routes like /media and the
page itself would answer under any name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from starlette.requests import cookie_parser

from core.config.shared_limits import SharedLimits
from core.hosting.descriptors import are_scarce
from core.hosting.held import Held, HeldBytes
from core.hosting.identity import COOKIE, is_secret, new_secret
from core.hosting.sockets import Sockets
from core.hosting.uploads import uploads
from core.runtime.words import MB

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UPLOADS = "/_stcore/upload_file/"
SENDING = {"PUT", "POST"}
NOT_TAKEN = "A file could not be taken in. Load this page anew, then choose it again."
# What tells about the server, and nothing of the app needs.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
HEALTH = "/_stcore/health"
# Not a page: nobody arrives here first.
ASSETS = ("/_stcore/", "/static/", "/media/", "/component/", "/app/static/")
COOKIE_AGE_S = 365 * 24 * 3600
# Around the file in a request that uploads it.
MULTIPART_BYTES = 100_000

# A refused upload is heard out so long, and while there is something to hear.
HEAR_OUT_S, SILENCE_S = 30.0, 1.0

# Streamlit's page has inline scripts and styles, makes workers from blobs, and Plotly compiles functions.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; connect-src 'self' ws://{host} wss://{host} data: blob:; "
    "object-src 'none'; frame-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'"
)
# Whatever a file is, opened by itself it runs nothing.
_FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)


class Guard:
    """ASGI middleware: checks the host, adds headers; in a shared app also knows browsers and has limits."""

    def __init__(
        self,
        app: App,
        *,
        allowed_hosts: Callable[[], Iterable[str]],
        limits: SharedLimits | None = None,
        held_bytes: HeldBytes = dict,
    ) -> None:
        """Guard `app`.

        Args:
            app: What is guarded.
            allowed_hosts: Host names without port, "*.example.org" for those below, "*" for all.
            limits: Of a shared app; None for one that is not shared.
            held_bytes: Gives the bytes of uploads in memory, by session.
        """
        self._held = None if limits is None else Held(limits, held_bytes)
        self._app, self._allowed_hosts, self._limits = app, allowed_hosts, limits
        self._sockets = None if limits is None else Sockets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request, one websocket, or the app's life ("lifespan"), which passes untouched."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _header(scope, b"host")
        path = str(scope["path"])
        if not is_allowed(host, self._allowed_hosts()):
            await _refuse(send, 400, "This host name is not one of this app's.")
            return
        if not is_own_origin(_header(scope, b"origin"), host):
            await _refuse(send, 403, "Pages of other sites may not ask this app.")
            return
        if self._limits is not None and path.startswith(CLOSED):
            await _refuse(send, 404, "Not found.")
            return
        if _header(scope, b"content-length") and _header(scope, b"transfer-encoding"):
            await _refuse(send, 400, "Say how long it is, or send it in chunks, not both.")
            return
        if self._limits is not None and (refusal := self._refused_upload(scope, path)):
            await _hear_out(receive)
            await _refuse(send, *refusal)
            return
        if path.rstrip("/") == HEALTH and are_scarce():
            await _refuse(send, 503, "This app has no room for another connection.")
            return
        with self._room(scope, path) as full:
            if full:
                uploads.refuse(*_session_and_file(path), full)
                await _hear_out(receive)
                await _refuse(send, 413, full)
            else:
                await self._answered(scope, receive, send, host)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, host: str) -> None:
        """Streamlit's answer, with our headers."""
        path = str(scope["path"])
        is_page = not path.startswith(ASSETS)
        secret = new_secret() if self._limits is not None and is_page and not browser_secret(scope) else ""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                names = {name.lower() for name, _ in headers}
                policy = _FILE_POLICY if path.startswith("/media/") else _POLICY.format(host=host)
                wanted = (*_HEADERS, (b"content-security-policy", policy.encode("latin-1")))
                headers += [(name, value) for name, value in wanted if name not in names]
                if secret:
                    headers.append((b"set-cookie", _cookie(secret, is_https=_is_https(scope))))
                message["headers"] = headers
                if _is_upload(scope, path) and message["status"] >= 400:
                    uploads.refuse(*_session_and_file(path), NOT_TAKEN)
            await send(message)

        with _followed(scope, path):
            await self._app(scope, receive, sending)

    def _refused_upload(self, scope: Scope, path: str) -> tuple[int, str] | None:
        assert self._limits is not None
        if not _is_upload(scope, path):
            return None
        claimed = _header(scope, b"content-length")
        if not claimed.isdecimal():
            return 411, "Say how long the upload is."
        if int(claimed) > self._limits.upload_mb * MB + MULTIPART_BYTES:
            return 413, f"This app takes files of up to {self._limits.upload_mb:,} MB."
        return None

    @contextmanager
    def _room(self, scope: Scope, path: str) -> Iterator[str]:
        """Room for an upload while it comes; yields why there is none."""
        if self._held is None or not _is_upload(scope, path):
            yield ""
            return
        session, _ = _session_and_file(path)
        size_bytes = int(_header(scope, b"content-length"))
        with self._held.room_for(_who(scope), session, size_bytes) as refusal:
            yield refusal

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _header(scope, b"host")
        is_ours = is_allowed(host, self._allowed_hosts()) and is_own_origin(_header(scope, b"origin"), host)
        if is_ours and self._sockets is None:
            await self._app(scope, receive, send)
            return
        socket = self._sockets.open(_who(scope), _address(scope)) if self._sockets and is_ours else None
        if self._sockets is None or socket is None:
            logger.info("Refused a page: %s", "too many are open" if is_ours else "a foreign host or origin")
            # Before it is accepted, a close is answered with 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self._app(scope, partial(self._sockets.hear, socket, receive), send)
        finally:
            self._sockets.close(socket)


def _is_upload(scope: Scope, path: str) -> bool:
    return path.startswith(UPLOADS) and scope["method"] in SENDING


def _session_and_file(path: str) -> tuple[str, str]:
    session, _, file = path.removeprefix(UPLOADS).partition("/")
    return session, file


def _who(scope: Scope) -> str:
    """Whose request it is: the browser's secret, or else the address."""
    return browser_secret(scope) or _address(scope)


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


@contextmanager
def _followed(scope: Scope, path: str) -> Iterator[None]:
    """Tell pages of a file that is being sent, or that is not wanted any more."""
    session, file = _session_and_file(path)
    if _is_upload(scope, path):
        with uploads.coming(session, file):
            yield
        return
    yield
    if path.startswith(UPLOADS) and scope["method"] == "DELETE":
        uploads.settle(session, [file])


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether a Host header names one of `allowed`; when that is empty, any host is right."""
    wanted = [pattern.strip().lower().rstrip(".") for pattern in allowed]
    name, colon, port = host.lower().rpartition(":")
    if not colon or "]" in port:
        name, port = host.lower(), ""
    if port and not (port.isascii() and port.isdecimal()):
        return False
    name = name.removesuffix(".")
    if not name or any(char in name for char in "/\\@?# \t,;'\""):
        return False
    bare = name.removeprefix("[").removesuffix("]")
    return not wanted or any(
        pattern == "*" or name == pattern or bare == pattern.strip("[]") or _is_below(name, pattern)
        for pattern in wanted
    )


def is_own_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the page's own host and port; who sends none is no browser's page.

    Streamlit would let any page of this machine in, and ask a server elsewhere for its own address to
    compare with the rest.
    """
    scheme, _, of = origin.partition("://")
    return not origin or (scheme in {"http", "https"} and of.lower() == host.lower())


def _is_below(name: str, pattern: str) -> bool:
    return pattern.startswith("*.") and name.endswith(pattern[1:])


def browser_secret(scope: Scope) -> str:
    """The secret in the request's cookie; "" when there is none, or what is there can't be one."""
    # As pages read it, whatever else the host's apps have set; the standard library gives up on much of that.
    value = cookie_parser(_header(scope, b"cookie")).get(COOKIE, "")
    return value if is_secret(value) else ""


def _cookie(secret: str, *, is_https: bool) -> bytes:
    secure = "; Secure" if is_https else ""
    return f"{COOKIE}={secret}; Path=/; Max-Age={COOKIE_AGE_S}; HttpOnly; SameSite=Lax{secure}".encode()


def _is_https(scope: Scope) -> bool:
    # A proxy in front says so; who lies about it harms the own cookie alone.
    return scope.get("scheme") == "https" or _header(scope, b"x-forwarded-proto") == "https"


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _hear_out(receive: Receive) -> None:
    """Drop what is still being sent: a connection that is closed meanwhile is reset, its answer lost."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HEAR_OUT_S):
            while (await asyncio.wait_for(receive(), SILENCE_S)).get("more_body"):
                pass


async def _refuse(send: Send, status: int, text: str) -> None:
    logger.info("Refused a request: %d %s", status, text)
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"connection", b"close"),
        (b"content-security-policy", _FILE_POLICY.encode()),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
