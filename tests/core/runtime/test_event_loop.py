from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from core.runtime import event_loop
from core.runtime.paths import REPOSITORY


def test_run_returns_the_result_and_uses_one_loop() -> None:
    async def current() -> int:
        return id(asyncio.get_running_loop())

    assert event_loop.run(current()) == event_loop.run(current()) == id(event_loop.background_loop())


def test_run_raises_what_the_coroutine_raised() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        event_loop.run(fail())


def test_blocking_call_that_never_ends_does_not_hold_up_the_end_of_the_process() -> None:
    program = (
        "import asyncio, threading\n"
        "from core.runtime import event_loop\n"
        "begun = threading.Event()\n"
        "def hang():\n"
        "    begun.set()\n"
        "    threading.Event().wait()\n"
        "async def call():\n"
        "    await asyncio.to_thread(hang)\n"
        "event_loop.submit(call())\n"
        "begun.wait()\n"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, timeout=120, check=False).returncode
        == 0
    )


def test_blocking_call_gives_its_result_or_its_error() -> None:
    async def call(text: str) -> int:
        return await asyncio.to_thread(int, text)

    assert event_loop.run(call("3")) == 3
    with pytest.raises(ValueError, match="three"):
        event_loop.run(call("three"))
