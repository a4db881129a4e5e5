"""The open pages of a shared app, one websocket each: how many there may be, and who gives way.

A page speaks as soon as it is connected, and whenever somebody does something on it. A connection that
never does is nobody's page, and one that has been silent for long gives its place to a new one when all
places are taken; the browser connects it anew by itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

GONE = {"type": "websocket.disconnect", "code": 1001}


@dataclass(eq=False, slots=True)
class Socket:
    """An open page.

    Attributes:
        heard_s: When it said something last, or was opened.
    """

    visitor: str
    address: str
    heard_s: float
    has_spoken: bool = False
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(kw_only=True, slots=True)
class Sockets:
    """Keeps the open pages within their limits. To be used on the server's loop only.

    Attributes:
        most: Of all; of_visitor.
        of_address: From one address of the public internet, where it is known.
        first_word_s: After so long a page that has said nothing is closed.
        idle_s: After so long a page may have to give way.
    """

    most: int = 300
    of_visitor: int = 20
    of_address: int = 200
    first_word_s: float = 10
    idle_s: float = 60
    clock: Callable[[], float] = time.monotonic
    _open: list[Socket] = field(default_factory=list)

    def open(self, visitor: str, address: str) -> Socket | None:
        """A place for a page; None where the visitor, the address or the app has as many as it may."""
        if sum(one.visitor == visitor for one in self._open) >= self.of_visitor:
            return None
        near = [one for one in self._open if one.address == address]
        if _is_client(address) and len(near) >= self.of_address and not self._make_room(near):
            return None
        if len(self._open) >= self.most and not self._make_room(self._open):
            return None
        socket = Socket(visitor, address, self.clock())
        self._open.append(socket)
        return socket

    def close(self, socket: Socket) -> None:
        """The page is gone, or has to go."""
        socket.is_over.set()
        if socket in self._open:
            self._open.remove(socket)

    async def hear(self, socket: Socket, receive: Receive) -> Message:
        """The next message from the page; `GONE` instead where the page has to give its place up."""
        coming = asyncio.ensure_future(receive())
        over = asyncio.ensure_future(socket.is_over.wait())
        wait_s = None if socket.has_spoken else max(0.0, socket.heard_s + self.first_word_s - self.clock())
        try:
            await asyncio.wait({coming, over}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            if not coming.done():
                coming.cancel()
        if not coming.done() or coming.cancelled():
            self.close(socket)
            return dict(GONE)
        message = coming.result()
        if message["type"] == "websocket.receive":
            socket.has_spoken, socket.heard_s = True, self.clock()
        return message

    def _make_room(self, among: list[Socket]) -> bool:
        longest = min(among, key=lambda one: one.heard_s)
        is_idle = self.clock() - longest.heard_s >= self.idle_s
        if is_idle:
            self.close(longest)
        return is_idle


def _is_client(address: str) -> bool:
    """Whether it is a client's own, and not that of a proxy which names none."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
