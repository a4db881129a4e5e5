"""A real TCP server that sends back what it gets, and what a client does with it."""

from __future__ import annotations

import queue
import socket
import socketserver
import time

WAIT_S = 30.0


class EchoServer(socketserver.ThreadingTCPServer):
    """Sends back what it gets, and ends its side when the other has; keeps what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.port = int(self.server_address[1])
        self.received: queue.SimpleQueue[bytes] = queue.SimpleQueue()


class Echo(socketserver.BaseRequestHandler):
    server: EchoServer

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while data := self.request.recv(2**16):
                self.server.received.put(data)
                self.request.sendall(data)
        except ConnectionError:
            pass


def connect(port: int) -> socket.socket:
    """A client of that port of this machine, which sends at once."""
    client = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def ping_ms(client: socket.socket) -> float:
    """Milliseconds until one byte is back."""
    started_s = time.perf_counter()
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    return (time.perf_counter() - started_s) * 1000


def has_ended(client: socket.socket) -> bool:
    """Whether the other side has closed or reset the connection; waits for it, or for a byte."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
