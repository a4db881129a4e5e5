"""The open pages of a shared app: silent ones do not keep others out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import websockets

from core.hosting.sockets import Message, Receive, Socket, Sockets
from tests.browser.app import running_app

ADDRESS = "8.8.8.8"
WORD: Message = {"type": "websocket.receive", "bytes": b"x"}


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def saying(*messages: Message) -> Receive:
    """What a page says, and then nothing any more."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def opened(sockets: Sockets, visitor: str, address: str = ADDRESS) -> Socket:
    socket = sockets.open(visitor, address)
    assert socket is not None
    return socket


def test_page_that_never_speaks_is_closed() -> None:
    async def run() -> None:
        sockets = Sockets(first_word_s=0.02, of_visitor=1)
        socket = opened(sockets, "ann")
        receive = saying({"type": "websocket.connect"})
        assert (await sockets.hear(socket, receive))["type"] == "websocket.connect"
        assert sockets.open("ann", ADDRESS) is None
        gone = await asyncio.wait_for(sockets.hear(socket, receive), 20)
        assert gone["type"] == "websocket.disconnect"
        opened(sockets, "ann")

    asyncio.run(run())


def test_page_that_has_spoken_stays_while_there_is_room() -> None:
    async def run() -> None:
        clock = Clock()
        sockets = Sockets(clock=clock)
        socket = opened(sockets, "ann")
        receive = saying(WORD)
        assert await sockets.hear(socket, receive) == WORD
        clock.now_s = 10_000
        listening = asyncio.ensure_future(sockets.hear(socket, receive))
        await asyncio.wait({listening}, timeout=0.05)
        assert not listening.done()
        sockets.close(socket)
        assert (await listening)["type"] == "websocket.disconnect"

    asyncio.run(run())


@pytest.mark.parametrize("limit", ["most", "of_address"])
def test_page_that_is_silent_for_longest_gives_way_when_all_is_full(limit: str) -> None:
    async def run() -> None:
        clock = Clock()
        sockets = Sockets(clock=clock, idle_s=60, **{limit: 2})  # type: ignore[arg-type]
        first, second = opened(sockets, "ann"), opened(sockets, "ben")
        clock.now_s = 30
        await sockets.hear(first, saying(WORD))
        assert sockets.open("cem", ADDRESS) is None
        clock.now_s = 70
        opened(sockets, "cem")
        assert (first.is_over.is_set(), second.is_over.is_set()) == (False, True)

    asyncio.run(run())


def test_one_address_does_not_take_all_places() -> None:
    sockets = Sockets()
    taken = [sockets.open(secrets.token_hex(16), ADDRESS) for _ in range(sockets.most)]
    assert taken.count(None) == sockets.most - sockets.of_address > 0
    assert sockets.open("ben", "1.1.1.1") is not None


def test_address_of_a_proxy_that_names_no_client_is_not_taken_for_one() -> None:
    sockets = Sockets()
    for address in ("127.0.0.1", "172.18.0.2", ""):
        for _ in range(100):
            opened(sockets, secrets.token_hex(16), address)
    assert sockets.open("ben", ADDRESS) is None


@asynccontextmanager
async def silent(address: str, client: str) -> AsyncIterator[websockets.ClientConnection]:
    uri = address.replace("http", "ws") + "/_stcore/stream"
    headers = {"Cookie": f"overlap_visitor={secrets.token_hex(16)}", "X-Forwarded-For": client}
    protocol = websockets.Subprotocol("streamlit")
    async with websockets.connect(uri, subprotocols=[protocol], additional_headers=headers) as socket:
        yield socket


def test_silent_connections_shut_nobody_out(tmp_path: Path) -> None:
    sockets = Sockets()

    async def run(address: str) -> None:
        async with AsyncExitStack() as stack:
            last = None
            for number in range(sockets.most):
                client = ADDRESS if number < sockets.of_address else "1.1.1.1"
                last = await stack.enter_async_context(silent(address, client))
            assert last is not None
            with pytest.raises(websockets.InvalidStatus, match="403"):
                await stack.enter_async_context(silent(address, "9.9.9.9"))
            await asyncio.wait_for(last.wait_closed(), 30)
            await stack.enter_async_context(silent(address, "9.9.9.9"))

    with running_app(tmp_path, OVERLAP_SHARED="1") as address:
        asyncio.run(run(address))
