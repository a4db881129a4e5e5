"""The delay proxy's own process: `python -m core.bench.delay_proxy.relay HOST PORT`.

Commands come as JSON lines on standard input: {"rtt_ms": 60}, {"freeze_s": 1}, {"cut": true}. Each is
answered by a line on standard output once it is in force; the first line there has the port. The
process ends when its standard input does, so that nothing is left behind when its parent is killed.
"""

from __future__ import annotations

import asyncio
import json
import math
import selectors
import signal
import socket
import struct
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

# Bytes on their way to one socket; its other side is not read from while there are more.
MAX_QUEUED_BYTES = 64 * 2**20
# The proxy waits with select(), which can't watch file descriptors from 1024 on; beyond this many
# sockets, with room for those that are just being opened, clients are turned away.
MAX_SOCKETS = 600
# Linux wakes a select() late by up to a thousandth of the wait: one that is long is made in steps,
# each of which ends early by this much and by this part of the wait.
EARLY_S = 0.0005
EARLY_RATIO = 0.002
HERE = "127.0.0.1"


class _Sign(Enum):
    """What comes through a link in place of bytes."""

    END = "the sender will send no more"
    RESET = "the sender is gone"


class _Wire:
    """What all connections share: the delay, and a clock that stands still during a freeze."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self._loop = asyncio.get_running_loop()
        self._stood_s = 0.0
        self._stopped_at_s = -math.inf

    def due_s(self) -> float:
        """When something that is sent now arrives, by this clock."""
        return self._now_s() + self.delay_s

    def loop_time_s(self, due_s: float) -> float:
        """The loop's time at a time of this clock that is still to come."""
        return due_s + self._stood_s

    def freeze(self, seconds: float) -> None:
        """Stand still for that long from now; a longer freeze that goes on stays as it is."""
        self._stopped_at_s = self._now_s()
        self._stood_s = max(self._stood_s, self._loop.time() + seconds - self._stopped_at_s)

    def _now_s(self) -> float:
        return max(self._loop.time() - self._stood_s, self._stopped_at_s)


class _End(asyncio.Protocol):
    """One of a connection's two sockets, and the queue of what is on its way to it.

    The queue fills while the socket is still being connected, is full, or what is in it is not due.
    """

    other: _End

    def __init__(self, wire: _Wire, ends: set[_End]) -> None:
        self._wire = wire
        self._ends = ends
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._queue: deque[tuple[float, bytes | _Sign]] = deque()
        self._queued_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_full = False
        self._is_ended = False
        self._is_gone = False
        ends.add(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No TCP_NODELAY here: asyncio sets it on every TCP socket.
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._is_gone or len(self._ends) > MAX_SOCKETS:
            self.reset()
            self.other.reset()
        self._deliver()

    def data_received(self, data: bytes) -> None:
        self.other.take(data)

    def eof_received(self) -> bool:
        self.other.take(_Sign.END)
        return True  # stays open: the other direction may go on

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        # Without an error it was closed from here, and so was the other end.
        if exc is not None:
            self.other.take(_Sign.RESET)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._deliver()

    def take(self, item: bytes | _Sign) -> None:
        """Bring it to this socket when it is due, which is never before what was taken earlier."""
        if self._is_gone:
            return
        due_s = self._wire.due_s()
        if self._queue:
            due_s = max(due_s, self._queue[-1][0])
        self._queue.append((due_s, item))
        if isinstance(item, bytes):
            self._queued_bytes += len(item)
            if self._queued_bytes > MAX_QUEUED_BYTES and self.other._transport is not None:
                self.other._transport.pause_reading()
        if self._timer is None:
            self._deliver()

    def reset(self) -> None:
        """Abort the connection so that the peer sees a reset; if it is still being made, then."""
        self._forget()
        if self._transport is not None:
            with suppress(OSError):
                no_linger = struct.pack("ii", 1, 0)
                sock = self._transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
            self._transport.abort()

    def _forget(self) -> None:
        self._is_gone = True
        self._ends.discard(self)
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _deliver(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        transport = self._transport
        while self._queue and transport is not None and not transport.is_closing() and not self._is_full:
            at_s = self._wire.loop_time_s(self._queue[0][0])
            wait_s = at_s - self._loop.time()
            if wait_s > 0:
                early_s = EARLY_S + wait_s * EARLY_RATIO
                wake_at_s = at_s - early_s if wait_s > 2 * early_s else at_s
                self._timer = self._loop.call_at(wake_at_s, self._deliver)
                return
            item = self._queue.popleft()[1]
            if isinstance(item, bytes):
                self._write(transport, item)
            elif item is _Sign.END:
                self._end(transport)
            else:
                self.reset()

    def _write(self, transport: asyncio.Transport, data: bytes) -> None:
        transport.write(data)
        self._queued_bytes -= len(data)
        if self._queued_bytes <= MAX_QUEUED_BYTES // 2 and self.other._transport is not None:
            self.other._transport.resume_reading()

    def _end(self, transport: asyncio.Transport) -> None:
        with suppress(OSError):  # the peer may be gone already
            transport.write_eof()
        self._is_ended = True
        if self.other._is_ended and self.other._transport is not None:
            transport.close()
            self.other._transport.close()


class Relay:
    """Connects every client to the server and obeys commands."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._wire = _Wire()
        self._ends: set[_End] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def num_open(self) -> int:
        """Sockets that are open or still being connected, two for each client."""
        return len(self._ends)

    def accept(self) -> _End:
        """The protocol of a new client. What it sends travels while the server is being connected."""
        near, far = _End(self._wire, self._ends), _End(self._wire, self._ends)
        near.other, far.other = far, near
        task = asyncio.get_running_loop().create_task(self._connect(far))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return near

    def obey(self, command: Mapping[str, Any]) -> None:
        """Carry out one command in its JSON form."""
        if "rtt_ms" in command:
            self._wire.delay_s = command["rtt_ms"] / 2000
        elif "freeze_s" in command:
            self._wire.freeze(command["freeze_s"])
        else:
            self.cut()

    def cut(self) -> None:
        """Reset every connection, also those that are still being made."""
        for end in list(self._ends):
            end.reset()

    async def _connect(self, far: _End) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: far, *self._address)
        except OSError:
            far.reset()
            far.other.reset()


async def _serve(host: str, port: int) -> None:
    relay = Relay(host, port)
    server = await asyncio.get_running_loop().create_server(relay.accept, HERE, 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    while line := await asyncio.to_thread(sys.stdin.readline):
        relay.obey(json.loads(line))
        _say({"done": True})
    server.close()
    relay.cut()


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until standard input ends."""
    host, port = sys.argv[1:]
    # Ctrl-C reaches the whole process group; a run that stops on it still needs its way to Milvus.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # epoll and poll round every wait up to whole milliseconds; select() does not.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(_serve(host, int(port)))


if __name__ == "__main__":
    main()
