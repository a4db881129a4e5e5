"""A style that comes with the page itself.

What a script gives Streamlit to draw arrives after Streamlit's own parts, each loaded by itself: until the
part that draws HTML is there, a title stood at another place, for up to 1.6 s on a slow machine.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Where Streamlit draws. A style that comes right before it wins against those of the head, and loses against
# those that a page draws.
DRAWN_HERE = b'<div id="root">'
# What asks for less than the page as it is: packed, a part, or word that it has not changed.
ASKS_FOR_LESS = {b"accept-encoding", b"range", b"if-none-match", b"if-modified-since"}


class PageStyle:
    """ASGI middleware: puts a style into every page that is sent."""

    def __init__(self, app: ASGIApp, *, style: str) -> None:
        """Put `style`, rules of CSS, into the pages of `app`."""
        self._app = app
        self._style = f"<style>{style}</style>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; only the answer to a GET of a page is changed."""
        if scope["type"] == "http" and scope["method"] == "GET" and _wants_page(scope):
            headers = [(name, value) for name, value in scope["headers"] if name not in ASKS_FOR_LESS]
            await self._app({**scope, "headers": headers}, receive, _Styling(send, self._styled))
        else:
            await self._app(scope, receive, send)

    def _styled(self, page: bytes) -> bytes:
        return page.replace(DRAWN_HERE, self._style + DRAWN_HERE, 1)


class _Styling:
    """Sends an answer on; where it is a page, as one piece with its style."""

    def __init__(self, send: Send, styled: Callable[[bytes], bytes]) -> None:
        self._send, self._styled = send, styled
        self._start: Message | None = None
        self._page = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)
        else:
            await self._send(message)

    async def _send_page(self, start: Message) -> None:
        page = self._styled(self._page)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(page))
        # They tell Streamlit's file from a newer one, and not our style from a newer one.
        for name in ("etag", "last-modified"):
            del headers[name]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": page})


def _wants_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_page(start: Message) -> bool:
    headers = Headers(raw=list(start.get("headers", [])))
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
