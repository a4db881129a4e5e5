"""What a visit takes of the server's process, and that it is given back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.session_manager import SessionInfo

from core.runtime.paths import REPOSITORY
from pages.state.session_end import SessionsAway
from tests.browser.app import running_app
from tests.performance.streamlit_visitor import StreamlitVisitor

FEW = 256
NUM_VISITS = 300
# What the model, Milvus and a child or two take while the app starts.
OTHERS = 30


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app that may have no more than FEW file descriptors, as `ulimit -n` sets it."""
    python = tmp_path_factory.mktemp("python") / "python"
    python.write_text(f'#!/bin/sh\nulimit -n {FEW}\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    with running_app(tmp_path_factory.mktemp("app"), (REPOSITORY, str(python))) as address:
        yield address


def descriptors(address: str) -> int:
    """How many the process that listens there has open."""
    port = int(address.rpartition(":")[2])
    (server,) = (
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
    )
    return psutil.Process(server).num_fds()


async def visit(address: str) -> None:
    async with StreamlitVisitor(address) as visitor:
        await visitor.send()


def test_300_quick_visits_leave_no_descriptor_open(few: str) -> None:
    async def come_and_go() -> None:
        for _ in range(NUM_VISITS // 10):
            await asyncio.gather(*(visit(few) for _ in range(10)))
        async with StreamlitVisitor(few) as last:
            await last.open("")
            assert not last.exceptions

    before = descriptors(few)
    asyncio.run(come_and_go())
    assert descriptors(few) < before + OTHERS
    assert health(few) == 200


def test_health_says_so_when_descriptors_run_out(few: str) -> None:
    host, port = urlsplit(few).hostname, urlsplit(few).port
    with contextlib.ExitStack() as stack, httpx.Client(base_url=few) as client:
        # This connection is open already: what a new one is told depends on whether it gets that far.
        assert client.get("/_stcore/health").status_code == 200
        for _ in range(FEW - descriptors(few) - 5):
            stack.enter_context(socket.create_connection((host, port), timeout=20))
        assert client.get("/_stcore/health").status_code == 503
    assert health(few) == 200


def health(address: str) -> int:
    return httpx.get(f"{address}/_stcore/health").status_code


def test_soft_limit_is_raised_to_the_hard_one() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200));"
        "from core.hosting.descriptors import are_scarce, raise_limit;"
        "print(raise_limit(150), raise_limit(), raise_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert done.stdout.split() == ["150", "200", "200", "200"]


class Session:
    """Stands for a session of Streamlit: says whether it was shut down."""

    def __init__(self, name: str) -> None:
        self.id, self.is_shut_down = name, asyncio.Event()

    def shutdown(self) -> None:
        self.is_shut_down.set()


def away(name: str) -> tuple[Session, SessionInfo]:
    session = Session(name)
    return session, SessionInfo(client=None, session=cast(AppSession, session))


def test_session_is_shut_down_when_its_visitor_stays_away() -> None:
    async def leave() -> None:
        sessions = SessionsAway(ttl_seconds=0.02)
        gone, info = away("gone")
        sessions.save(info)
        assert sessions.get("gone") is info and not gone.is_shut_down.is_set()
        await asyncio.wait_for(gone.is_shut_down.wait(), 20)
        assert sessions.list() == []

    asyncio.run(leave())


def test_session_whose_visitor_is_back_goes_on() -> None:
    async def come_back() -> None:
        sessions = SessionsAway(ttl_seconds=0.02)
        (back, info), (later, last) = away("back"), away("later")
        sessions.save(info)
        sessions.delete("back")
        sessions.save(last)
        await asyncio.wait_for(later.is_shut_down.wait(), 20)
        assert not back.is_shut_down.is_set()

    asyncio.run(come_back())


def test_oldest_of_too_many_sessions_is_shut_down() -> None:
    async def crowd() -> list[bool]:
        sessions = SessionsAway(maxsize=2)
        found = [away(name) for name in "abc"]
        for _, info in found:
            sessions.save(info)
        return [session.is_shut_down.is_set() for session, _ in found]

    assert asyncio.run(crowd()) == [True, False, False]
