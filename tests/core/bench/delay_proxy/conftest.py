from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.bench.delay_proxy.client import DelayProxy
from tests.echo_server import EchoServer


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(echo: EchoServer) -> Iterator[DelayProxy]:
    with DelayProxy("127.0.0.1", echo.port) as running:
        yield running
