"""A real Milvus server: the one at MILVUS_URI, or one from PyPI that is started for these tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import Secret, Target
from core.local_server import LocalMilvus

# Read here: a fixture takes every setting away before a test.
URI, TOKEN = os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", "")
ROOT_TOKEN = Secret(value="root:Milvus")

# Gives the target, after starting its server; the argument says whether that asks for a token.
StartServer = Callable[[bool], Target]


@pytest.fixture(scope="package")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Starts the one or the other server. They use the same ports, so only one lives at a time."""
    alive: dict[bool, tuple[LocalMilvus, Target]] = {}

    def start(with_token: bool) -> Target:
        if with_token not in alive:
            stop()
            token = ROOT_TOKEN if with_token else None
            milvus = LocalMilvus(tmp_path_factory.mktemp("milvus"), token=token)
            started = milvus.start()
            assert milvus.running() == started
            alive[with_token] = milvus, Target(uri=started.uri, token=token or Secret())
        return alive[with_token][1]

    def stop() -> None:
        for milvus, _ in alive.values():
            assert milvus.stop()
            assert milvus.running() is None
        alive.clear()

    yield start
    stop()


def reach(start_server: StartServer, *, with_token: bool) -> Target:
    """A server; skips the test where there is none and none can be started."""
    if URI.startswith("http"):
        if with_token:
            pytest.skip("the server at MILVUS_URI is used, and its users are not ours")
        return Target.parse(URI, TOKEN)
    if shutil.which("milvus-server", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("no MILVUS_URI is set, and the package milvus (Linux x86-64) is not installed")
    return start_server(with_token)


@pytest.fixture
def server(start_server: StartServer) -> Target:
    return reach(start_server, with_token=False)


@pytest.fixture
def token_server(start_server: StartServer) -> Target:
    return reach(start_server, with_token=True)
