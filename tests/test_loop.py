from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest

from core import loop


async def _numbers() -> AsyncGenerator[int, None]:
    for number in range(3):
        yield number


def test_run_returns_the_result_and_uses_one_loop() -> None:
    async def current() -> int:
        return id(asyncio.get_running_loop())

    assert loop.run(current()) == loop.run(current()) == id(loop.background_loop())


def test_run_raises_what_the_coroutine_raised() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        loop.run(fail())


def test_stream_yields_everything_in_order() -> None:
    assert list(loop.stream(_numbers())) == [0, 1, 2]


def test_stream_raises_what_the_generator_raised() -> None:
    async def fail() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("x")

    items = loop.stream(fail())
    assert next(items) == 1
    with pytest.raises(KeyError):
        next(items)


def test_stream_ticks_while_nothing_arrives_and_cancels_when_left() -> None:
    cancelled = threading.Event()

    async def silent() -> AsyncGenerator[int, None]:
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            cancelled.set()

    class Stop(Exception):
        pass

    def tick() -> None:
        raise Stop

    with pytest.raises(Stop):
        next(loop.stream(silent(), tick=tick))
    assert cancelled.wait(5)
