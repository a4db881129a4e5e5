"""core.bench.load.cancellation: a blocking call is awaited, and given up in time."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from core.bench.load.cancellation import RunStoppedError, Stop, TookTooLongError, in_thread

pytestmark = pytest.mark.portable

LONG_S = 60.0


class Call:
    """A blocking call that returns, or fails, once it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.thread: threading.Thread | None = None
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.thread = threading.current_thread()
        self.begun.set()
        self.let_go.wait(LONG_S)
        if self._error is not None:
            raise self._error
        return "done"


def fail() -> None:
    raise ValueError("no")


async def test_what_a_call_returns_or_raises_is_given_on() -> None:
    assert await in_thread(lambda: 7) == 7
    with pytest.raises(ValueError, match="no"):
        await in_thread(fail)


async def test_call_that_takes_too_long_is_given_up() -> None:
    call = Call()
    with pytest.raises(TookTooLongError):
        await in_thread(call, stop=Stop(), timeout_s=0.01)
    call.let_go.set()


async def test_call_is_given_up_when_the_run_is_stopped_and_the_first_reason_stays() -> None:
    call, stop = Call(), Stop()
    stop.set("Ctrl-C was pressed.")
    stop.set("The program that had started it was gone.")
    with pytest.raises(RunStoppedError):
        await in_thread(call, stop=stop, timeout_s=LONG_S)
    call.let_go.set()
    assert (stop.is_set(), stop.why) == (True, "Ctrl-C was pressed.")


async def test_call_may_still_end_for_a_while_after_stop() -> None:
    call, stop = Call(), Stop()
    waiting = asyncio.create_task(in_thread(call, stop=stop, grace_s=LONG_S))
    while not call.begun.is_set():  # noqa: ASYNC110 (a thread sets it)
        await asyncio.sleep(0.001)
    stop.set("Ctrl-C was pressed.")
    await asyncio.sleep(0.01)
    assert not waiting.done()
    call.let_go.set()
    assert await waiting == "done"


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_call_that_was_given_up_may_fail_without_a_word(
    is_cancelled: bool, caplog: pytest.LogCaptureFixture
) -> None:
    call = Call(error=ValueError("no"))
    with pytest.raises(TimeoutError if is_cancelled else TookTooLongError):
        await asyncio.wait_for(in_thread(call, timeout_s=LONG_S if is_cancelled else 0.01), 0.1)
    call.let_go.set()
    assert call.thread is not None
    await asyncio.to_thread(call.thread.join, LONG_S)
    await asyncio.sleep(0)
    gc.collect()
    assert caplog.records == []
