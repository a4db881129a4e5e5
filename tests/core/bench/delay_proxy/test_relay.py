"""The link between two real sockets: how far it is, and what it does with what is on its way."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time

import pytest

from core.bench.delay_proxy.client import DelayProxy
from tests.echo_server import WAIT_S, EchoServer, connect, has_ended, ping_ms

pytestmark = pytest.mark.slow


CLOSE_IS_RESET = struct.pack("ii", 1, 0)


def send_all(client: socket.socket, data: bytes) -> None:
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)


def read_all(client: socket.socket) -> bytes:
    data = bytearray()
    while chunk := client.recv(2**20):
        data += chunk
    return bytes(data)


@pytest.mark.parametrize("rtt_ms", [1, 5, 20])
def test_round_trip_takes_what_was_set(proxy: DelayProxy, rtt_ms: int) -> None:
    # How little longer it takes is printed by tests/performance/distance.py: no test can promise that.
    proxy.set_rtt(rtt_ms)
    with connect(proxy.port) as client:
        assert rtt_ms <= min(ping_ms(client) for _ in range(50))


def test_each_direction_takes_half(proxy: DelayProxy, echo: EchoServer) -> None:
    with connect(proxy.port) as client:
        proxy.set_rtt(100)
        started_s = time.perf_counter()
        client.sendall(b"x")
        echo.received.get(timeout=WAIT_S)
        arrived_s = time.perf_counter()
        client.recv(1)
        assert arrived_s - started_s >= 0.05
        assert time.perf_counter() - started_s >= 0.1


def test_messages_travel_at_the_same_time(proxy: DelayProxy) -> None:
    # One after another they would take 50 s in each direction.
    proxy.set_rtt(100)
    messages = b"".join(b"%08d" % number for number in range(1000))
    with connect(proxy.port) as client:
        started_s = time.perf_counter()
        for first in range(0, len(messages), 8):
            client.sendall(messages[first : first + 8])
        send_all(client, b"")
        assert read_all(client) == messages
        assert 0.1 <= time.perf_counter() - started_s < 50


@pytest.mark.parametrize("rtt_ms", [0, 20])
def test_content_order_and_end_are_kept(proxy: DelayProxy, rtt_ms: int) -> None:
    proxy.set_rtt(rtt_ms)
    data = os.urandom(5_000_000)
    with connect(proxy.port) as client:
        sender = threading.Thread(target=send_all, args=(client, data))
        sender.start()
        assert read_all(client) == data
        sender.join()


def test_order_is_kept_while_the_round_trip_changes(proxy: DelayProxy) -> None:
    proxy.set_rtt(100)
    with connect(proxy.port) as client:
        client.sendall(b"a")
        proxy.set_rtt(0)
        send_all(client, b"b")
        assert read_all(client) == b"ab"


def test_new_round_trip_is_in_force_at_once(proxy: DelayProxy) -> None:
    with connect(proxy.port) as client:
        proxy.set_rtt(80)
        assert ping_ms(client) >= 80
        proxy.set_rtt(0)
        assert min(ping_ms(client) for _ in range(50)) < 80


def test_more_than_fits_waits_without_loss(proxy: DelayProxy) -> None:
    # More than the queue and the buffers of three sockets, which a system may let grow to 32 MB each.
    data = os.urandom(2**20) * 150
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        port = listener.getsockname()[1]
        with DelayProxy("127.0.0.1", port) as slow, connect(slow.port) as client:
            server, _ = listener.accept()
            with server:
                server.settimeout(WAIT_S)
                client.settimeout(5)
                sent = 0
                with pytest.raises(TimeoutError):
                    while sent < len(data):
                        sent += client.send(data[sent : sent + 2**20])
                assert sent > 64 * 2**20
                client.settimeout(WAIT_S)
                sender = threading.Thread(target=send_all, args=(client, data[sent:]))
                sender.start()
                assert read_all(server) == data
                sender.join()


def test_freeze_holds_everything_back_and_then_delivers_it(proxy: DelayProxy) -> None:
    with connect(proxy.port) as client:
        ping_ms(client)
        proxy.set_rtt(40)
        client.sendall(b"a")
        started_s = time.perf_counter()
        proxy.freeze(0.5)
        send_all(client, b"b")
        assert client.recv(1) == b"a"
        assert time.perf_counter() - started_s >= 0.5
        assert read_all(client) == b"b"
        assert time.perf_counter() - started_s >= 0.54


def test_freeze_holds_without_delay_and_ends_with_the_longest(proxy: DelayProxy) -> None:
    with connect(proxy.port) as client:
        started_s = time.perf_counter()
        proxy.freeze(0.3)
        proxy.freeze(0.01)
        ping_ms(client)
        assert time.perf_counter() - started_s >= 0.3
        assert min(ping_ms(client) for _ in range(20)) < 300


def test_cut_resets_connections_and_accepts_new_ones(proxy: DelayProxy, echo: EchoServer) -> None:
    with connect(proxy.port) as client, connect(proxy.port) as other:
        ping_ms(client)
        ping_ms(other)
        proxy.set_rtt(200)
        client.sendall(b"lost")
        proxy.cut()
        proxy.set_rtt(0)
        for cut in (client, other):
            with pytest.raises(ConnectionResetError):
                cut.recv(1)
    with connect(proxy.port) as client:
        ping_ms(client)
    received = [echo.received.get(timeout=WAIT_S) for _ in range(3)]
    assert received == [b"x", b"x", b"x"]


def test_reset_is_passed_on_after_what_was_sent_before(proxy: DelayProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with DelayProxy("127.0.0.1", port) as near, connect(near.port) as client:
            near.set_rtt(40)
            server, _ = listener.accept()
            server.sendall(b"last")
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_IS_RESET)
            assert client.recv(4) == b"last"
            server.close()
            with pytest.raises(ConnectionResetError):
                client.recv(1)


@pytest.mark.parametrize("host", ["127.0.0.1", "name.invalid"])
def test_unreachable_server_ends_the_connection(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with DelayProxy(host, port) as proxy, connect(proxy.port) as client:
        assert has_ended(client)
