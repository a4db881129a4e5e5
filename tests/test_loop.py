from __future__ import annotations

import asyncio

import pytest

from core import loop


def test_run_returns_the_result_and_uses_one_loop() -> None:
    async def current() -> int:
        return id(asyncio.get_running_loop())

    assert loop.run(current()) == loop.run(current()) == id(loop.background_loop())


def test_run_raises_what_the_coroutine_raised() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        loop.run(fail())
