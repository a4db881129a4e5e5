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
from core.runtime.paths import REPOSITORY
from tests.browser.app import running_app
from tests.clock import Clock

pytestmark = pytest.mark.slow

ADDRESS = "8.8.8.8"
WORD: Message = {"type": "websocket.receive", "bytes": b"x"}


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


def test_places_are_as_many_as_the_hosts_are_told() -> None:
    sockets = Sockets()
    told = " ".join((REPOSITORY / "SECURITY.md").read_text().split())
    places = f"{sockets.most} open pages, {sockets.of_visitor} of a visitor and {sockets.of_address} of an"
    assert places in told
    assert f"say nothing within {sockets.first_word_s:g} s" in told
    assert "silent for longest, a minute at least" in told and sockets.idle_s == 60


def test_place_of_a_page_that_is_closed_is_given_back() -> None:
    sockets = Sockets(of_visitor=2)
    for _ in range(10):
        first, second = opened(sockets, "ann"), opened(sockets, "ann")
        assert sockets.open("ann", ADDRESS) is None
        for socket in (first, first, second):
            sockets.close(socket)
    opened(sockets, "ben")


def test_page_gives_way_to_one_of_its_own_address_where_only_that_is_full() -> None:
    clock = Clock()
    sockets = Sockets(clock=clock, of_address=1)
    elsewhere = opened(sockets, "ann", "1.1.1.1")
    clock.now_s = 1
    here = opened(sockets, "ben")
    clock.now_s = 60.9
    assert sockets.open("cem", ADDRESS) is None
    clock.now_s = 61
    opened(sockets, "cem")
    assert (elsewhere.is_over.is_set(), here.is_over.is_set()) == (False, True)


@pytest.mark.parametrize(("now_s", "is_open"), [(9.0, True), (10.0, False), (1000.0, False)])
def test_page_has_ten_seconds_from_its_opening_for_the_first_word(now_s: float, is_open: bool) -> None:
    async def run() -> None:
        clock = Clock()
        sockets = Sockets(clock=clock)
        socket = opened(sockets, "ann")
        await sockets.hear(socket, saying({"type": "websocket.connect"}))
        clock.now_s = now_s
        turns = 0

        async def receive() -> Message:
            nonlocal turns
            while turns < 5:
                turns += 1
                await asyncio.sleep(0)
            if not is_open:
                await asyncio.Event().wait()
            return WORD

        heard = await asyncio.wait_for(sockets.hear(socket, receive), 20 if is_open else 0.9)
        assert heard == (WORD if is_open else {"type": "websocket.disconnect", "code": 1001})

    asyncio.run(run())


@pytest.mark.parametrize("way", ["the page is closed", "the server ends"])
def test_nothing_listens_to_a_page_any_more_when_it_is_gone(way: str) -> None:
    async def run() -> None:
        sockets = Sockets()
        socket = opened(sockets, "ann")
        listens = asyncio.Event()
        ended: list[str] = []

        async def receive() -> Message:
            try:
                listens.set()
                await asyncio.Event().wait()
            finally:
                ended.append("receive")
            return WORD

        hearing = asyncio.ensure_future(sockets.hear(socket, receive))
        await listens.wait()
        if way == "the page is closed":
            sockets.close(socket)
        else:
            hearing.cancel()
        await asyncio.wait({hearing}, timeout=20)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=1)
        assert not asyncio.all_tasks() - {asyncio.current_task()}
        assert ended == ["receive"]

    asyncio.run(run())


def test_error_of_the_connection_is_the_apps_to_hear() -> None:
    async def broken() -> Message:
        raise ConnectionError

    async def run() -> None:
        sockets = Sockets()
        await sockets.hear(opened(sockets, "ann"), broken)

    with pytest.raises(ConnectionError):
        asyncio.run(run())


@pytest.mark.parametrize("address", ["", "unix:", "127.0.0.1", "fd00::1"])
def test_pages_whose_client_is_not_known_are_not_counted_together(address: str) -> None:
    sockets = Sockets(of_address=1)
    for visitor in ("ann", "ben", "cem"):
        opened(sockets, visitor, address)
    opened(sockets, "dea", "2001:4860:4860::8888")
    assert sockets.open("eve", "2001:4860:4860::8888") is None
