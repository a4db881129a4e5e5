"""The delay relay between a real client and a real server, by a script of bytes."""

from __future__ import annotations

import asyncio
import random
import selectors
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from core.bench.delay_proxy.relay import HERE, Relay

DEADLINE_S = 10.0
POLL_S = 0.001


def relay_script(data: bytes) -> None:
    """Two bytes of script are one step of one connection; at the end everything must be as it was."""
    loop = _loop()
    loop.run_until_complete(asyncio.wait_for(_play(data), DEADLINE_S * 2))


def relay_seeds() -> list[bytes]:
    rng = random.Random(7)
    fixed = [
        bytes((0, 16, 1, 32, 2, 0, 3, 0)),
        bytes((4, 2, 0, 255, 1, 255, 3, 0, 2, 0)),
        bytes((0, 128, 6, 0)),
    ]
    return fixed + [rng.randbytes(2 * number) for number in range(1, 30)]


class _Side:
    """One end: what it has sent, and what has arrived at it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.sent, self.received = bytearray(), bytearray()
        self.has_ended = False
        self._reading = asyncio.ensure_future(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while part := await reader.read(2**16):
                self.received += part

    def send(self, data: bytes) -> None:
        if not (self.has_ended or self.writer.is_closing()):
            self.writer.write(data)
            self.sent += data

    def end(self) -> None:
        if not (self.has_ended or self.writer.is_closing()):
            self.has_ended = True
            with suppress(OSError):
                self.writer.write_eof()

    async def wait_for_end(self) -> None:
        """Until the other side has ended in whatever way."""
        await asyncio.wait_for(self._reading, DEADLINE_S)

    def close(self) -> None:
        self._reading.cancel()
        self.writer.transport.abort()


async def _play(script: bytes) -> None:
    num_files, own_tasks = _num_files(), asyncio.all_tasks()
    arrived: asyncio.Queue[_Side] = asyncio.Queue()
    server = await asyncio.start_server(lambda *ends: arrived.put_nowait(_Side(*ends)), HERE, 0)
    relay = Relay(HERE, server.sockets[0].getsockname()[1])
    proxy = await asyncio.get_running_loop().create_server(relay.accept, HERE, 0)
    near = _Side(*await asyncio.open_connection(HERE, proxy.sockets[0].getsockname()[1]))
    far = await asyncio.wait_for(arrived.get(), DEADLINE_S)
    try:
        is_cut = await _steps(script, relay, near, far)
        near.end()
        far.end()
        await asyncio.gather(near.wait_for_end(), far.wait_for_end())
        for sender, receiver in ((near, far), (far, near)):
            if is_cut:
                assert sender.sent.startswith(receiver.received), "other bytes than those that were sent"
            else:
                assert sender.sent == receiver.received, "not what was sent"
    finally:
        near.close()
        far.close()
        proxy.close()
        server.close()
    await _until(lambda: not relay.num_open, "the relay keeps a connection")
    await _until(lambda: _num_files() <= num_files, "sockets are left open")
    await _until(lambda: asyncio.all_tasks() == own_tasks, "tasks are left over")


async def _steps(script: bytes, relay: Relay, near: _Side, far: _Side) -> bool:
    """Play the script; whether the connection was cut on the way."""
    for at in range(0, len(script) - 1, 2):
        action, amount = script[at] % 10, script[at + 1]
        if action == 0:
            near.send(bytes([amount]) * amount * 7)
        elif action == 1:
            far.send(bytes([amount]) * amount * 1000)
        elif action == 2:
            near.end()
        elif action == 3:
            far.end()
        elif action == 4:
            relay.obey({"rtt_ms": amount % 8})
        elif action == 5:
            relay.obey({"freeze_s": amount % 8 / 1000})
        elif action == 6 and amount < 32:
            relay.obey({"cut": True})
            return True
        elif action == 7 and amount < 32:
            (near if amount % 2 else far).writer.transport.abort()
            return True
        elif action == 8:
            await asyncio.sleep(amount % 4 / 1000)
        else:
            await asyncio.sleep(0)
    return False


async def _until(is_so: Callable[[], bool], otherwise: str) -> None:
    until_s = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < until_s, otherwise
        await asyncio.sleep(POLL_S)


def _num_files() -> int:
    with suppress(FileNotFoundError):
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    return 0


@cache
def _loop() -> asyncio.AbstractEventLoop:
    # As the relay's own process has it.
    return asyncio.SelectorEventLoop(selectors.SelectSelector())
