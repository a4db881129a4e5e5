"""Waiting for a Milvus that is away: longer each time, never quite the same time, and not for ever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from core.ingest.file_state import FileState
    from core.ingest.journal import Journal

T = TypeVar("T")

# In s, about a minute in all: what a server needs to start again.
RETRY_AFTER_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# No attempt begins later than this after the first: where the way to Milvus is frozen, each takes long.
GIVE_UP_AFTER_S = 90.0
# Many clients that wait equally long would all come back at the same moment.
JITTER_RATIO = 0.25
LOOK_S = 0.1


class Patience:
    """Repeats calls that Milvus did not answer. Only for calls that may be repeated: reads and upserts.

    Args:
        retry_after_s: How long to wait before each further attempt, in s: with three waits there are four
            attempts. Once all were in vain, later calls get one attempt each, until one of them goes well:
            a hundred files need not all wait for a server that is gone.
    """

    def __init__(
        self,
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
        *,
        give_up_after_s: float = GIVE_UP_AFTER_S,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._retry_after_s = retry_after_s
        self._give_up_after_s = give_up_after_s
        self._jitter = jitter
        self._is_spent = False

    async def call(
        self, function: Callable[[], Awaitable[T]], *, say: Callable[[str], None], goes_on: Callable[[], bool]
    ) -> T:
        """What `function` returns, or the error of its last attempt.

        Args:
            function: Called anew for each attempt.
            say: Told of each wait.
            goes_on: Whether waiting still makes sense; looked at while it waits.

        Raises:
            StoreUnavailableError: When Milvus did not answer the last attempt either.
        """
        waits_s = () if self._is_spent else self._retry_after_s
        give_up_at_s = asyncio.get_running_loop().time() + self._give_up_after_s
        for number, base_s in enumerate(waits_s, start=1):
            try:
                return self._well(await function())
            except StoreUnavailableError as exc:
                wait_s = base_s * self._jitter(1 - JITTER_RATIO, 1 + JITTER_RATIO)
                self._is_spent = asyncio.get_running_loop().time() + wait_s > give_up_at_s
                if self._is_spent or not goes_on():
                    raise
                say(f"waits {wait_s:.1f} s, then tries again ({number} of {len(waits_s)}): {exc}")
                await _wait(wait_s, goes_on)
        try:
            return self._well(await function())
        except StoreUnavailableError:
            self._is_spent = True
            raise

    def _well(self, result: T) -> T:
        self._is_spent = False
        return result


class FilePatience:
    """The patience of one ingest: a wait is noted beside the file that it is for, and ends when that does.

    Only for calls that may be repeated: inserting is an upsert by content, the rest reads or deletes.

    Args:
        retry_after_s: As that of `Patience`.
        is_stopped: Whether the ingest is to end.
    """

    def __init__(
        self, journal: Journal, retry_after_s: Sequence[float], *, is_stopped: Callable[[], bool]
    ) -> None:
        self._journal, self._is_stopped = journal, is_stopped
        self._patience = Patience(retry_after_s)

    async def call(self, file: FileState, function: Callable[[], Awaitable[T]]) -> T:
        """What `function` returns.

        Raises:
            StoreUnavailableError: When Milvus did not answer the last attempt either.
        """
        return await self._patience.call(
            function,
            say=partial(self._journal.note, file, is_wait=True),
            goes_on=lambda: not (self._is_stopped() or file.stage.is_final),
        )


async def _wait(wait_s: float, goes_on: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + wait_s
    # Whether it goes on is a question of several threads' flags, which no event of the loop tells.
    while (left_s := until_s - loop.time()) > 0 and goes_on():  # noqa: ASYNC110
        await asyncio.sleep(min(LOOK_S, left_s))
