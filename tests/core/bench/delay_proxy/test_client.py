"""core.bench.delay_proxy.client: a real proxy process between real sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from core.bench.delay_proxy.client import DelayProxy
from core.errors import BenchError
from tests.echo_server import EchoServer, connect, has_ended, ping_ms

pytestmark = pytest.mark.slow

PARENT = """
import signal, sys
from core.bench.delay_proxy.client import DelayProxy
proxy = DelayProxy("127.0.0.1", int(sys.argv[1]))
print(proxy.port, flush=True)
signal.pause()
"""


def test_closed_proxy_is_gone_with_its_connections(echo: EchoServer) -> None:
    with DelayProxy("127.0.0.1", echo.port) as proxy:
        assert proxy.uri == f"http://127.0.0.1:{proxy.port}"
        client = connect(proxy.port)
        ping_ms(client)
    with client:
        assert has_ended(client)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy.port)
    proxy.close()
    with pytest.raises(BenchError, match="delay proxy has ended"):
        proxy.set_rtt(1)


def test_ctrl_c_leaves_it_running_for_the_run_that_stops(proxy: DelayProxy) -> None:
    os.kill(proxy._child.pid, signal.SIGINT)
    proxy.set_rtt(1)
    with connect(proxy.port) as client:
        assert ping_ms(client) >= 1


def test_killed_proxy_gives_a_sentence(proxy: DelayProxy) -> None:
    proxy._child.kill()
    for _ in range(2):
        with pytest.raises(BenchError, match=r"has ended \(exit code -9\)"):
            proxy.cut()


def test_proxy_ends_when_its_parent_is_killed(echo: EchoServer) -> None:
    argv = [sys.executable, "-c", PARENT, str(echo.port)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, encoding="utf-8") as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        client = connect(port)
        ping_ms(client)
        parent.kill()
    with client:
        assert has_ended(client)
    with pytest.raises(ConnectionRefusedError):
        connect(port)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_impossible_durations_are_refused(proxy: DelayProxy, value: float) -> None:
    with pytest.raises(BenchError, match=f"round trip of {value} ms"):
        proxy.set_rtt(value)
    with pytest.raises(BenchError, match=f"freeze of {value} s"):
        proxy.freeze(value)
