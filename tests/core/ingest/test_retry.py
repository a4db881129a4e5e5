"""Retries: they have a limit, wait longer each time with jitter, are told, and end when nobody wants them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from core.errors import StoreAuthError, StoreError, StoreTimeoutError, StoreUnavailableError
from core.ingest.retry import JITTER_RATIO, RETRY_AFTER_S, Patience

pytestmark = pytest.mark.portable

AWAY = StoreUnavailableError("Milvus does not answer.")


class Milvus:
    """Fails with `errors`, one after another, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.num_calls = 0

    async def call(self) -> str:
        self.num_calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return "done"


async def _call(patience: Patience, milvus: Milvus, goes_on: Callable[[], bool] = lambda: True) -> list[str]:
    said: list[str] = []
    assert await patience.call(milvus.call, say=said.append, goes_on=goes_on) == "done"
    return said


def test_waits_grow_and_are_some_minute_in_all() -> None:
    assert list(RETRY_AFTER_S) == sorted(set(RETRY_AFTER_S))
    assert 45 <= sum(RETRY_AFTER_S) <= 90


async def test_every_wait_is_told_with_its_number_and_reason() -> None:
    milvus = Milvus(AWAY, StoreTimeoutError("Milvus did not answer in time."))
    said = await _call(Patience((0.0, 0.0, 0.0)), milvus)
    assert said == [
        "waits 0.0 s, then tries again (1 of 3): Milvus does not answer.",
        "waits 0.0 s, then tries again (2 of 3): Milvus did not answer in time.",
    ]


async def test_waits_have_jitter_within_its_bounds() -> None:
    asked: list[tuple[float, float]] = []

    def jitter(least: float, most: float) -> float:
        asked.append((least, most))
        return most

    said = await _call(Patience((0.04,), jitter=jitter), Milvus(AWAY))
    assert asked == [(1 - JITTER_RATIO, 1 + JITTER_RATIO)]
    assert said[0].startswith("waits 0.1 s") or said[0].startswith("waits 0.0 s")


async def test_number_of_attempts_has_a_limit() -> None:
    milvus = Milvus(*[AWAY] * 9)
    with pytest.raises(StoreUnavailableError):
        await _call(Patience((0.0, 0.0)), milvus)
    assert milvus.num_calls == 3


async def test_no_attempt_begins_after_the_time_limit() -> None:
    milvus = Milvus(*[AWAY] * 9)
    with pytest.raises(StoreUnavailableError):
        await _call(Patience((30.0, 30.0), give_up_after_s=5.0), milvus)
    assert milvus.num_calls == 1


async def test_others_do_not_wait_too_once_waiting_was_in_vain_until_it_is_back() -> None:
    patience = Patience((0.0, 0.0))
    with pytest.raises(StoreUnavailableError):
        await _call(patience, Milvus(*[AWAY] * 9))
    second = Milvus(AWAY)
    with pytest.raises(StoreUnavailableError):
        await _call(patience, second)
    assert second.num_calls == 1
    await _call(patience, Milvus())
    assert len(await _call(patience, Milvus(AWAY))) == 1, "after a success there is patience again"


@pytest.mark.parametrize("error", [StoreAuthError("Wrong token."), StoreError("No such field."), OSError()])
async def test_other_errors_are_not_repeated(error: Exception) -> None:
    milvus = Milvus(error)
    with pytest.raises(type(error)):
        await _call(Patience((0.0,)), milvus)
    assert milvus.num_calls == 1


async def test_stop_ends_the_waiting() -> None:
    milvus = Milvus(*[AWAY] * 9)
    is_going_on = iter([True, True, False, False, False])
    begun_s = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        await _call(Patience((60.0, 60.0)), milvus, lambda: next(is_going_on))
    assert milvus.num_calls == 2, "what is in the hand is tried once more"
    assert time.monotonic() - begun_s < 30
