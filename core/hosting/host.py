"""One shared app: its quotas, its queue and its visits, and the background work that they need."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.bench.supervisor import OneAtATime, runs
from core.config.settings import Settings, Target
from core.config.shared_limits import SharedLimits
from core.errors import OverlapError, QuotaError
from core.hosting.bench_queue import BenchQueue
from core.hosting.quotas import DOCUMENTS, Quotas, switched_off
from core.hosting.retention import Visits, delete_visitor, try_clear_idle
from core.runtime import event_loop
from core.runtime.logs import kinds_and_places, who

logger = logging.getLogger(__name__)

ADVANCE_EVERY_S = 0.5
SWEEP_EVERY_S = 600.0
CHUNKS_KEPT_S = 30.0
END_WITHIN_S = 60.0


class Host:
    """What all visitors of one shared app have in common.

    Args:
        settings: Of the app, without a visitor.
    """

    def __init__(
        self, settings: Settings, *, forget: Callable[[str], object], bench: OneAtATime = runs
    ) -> None:
        self.settings = settings
        self.quotas = Quotas(settings.limits)
        self.queue = BenchQueue(bench, settings.limits)
        self.visits = Visits(settings.visitors_dir)
        self._forget = forget
        self._lock = threading.Condition()
        self._welcoming = threading.Lock()
        self._ingesting: set[str] = set()
        self._alone: set[str] = set()
        self._leaving: Counter[str] = Counter()  # whose data are being deleted, once for each deletion
        self._total: tuple[int, float] | None = None

    def limit(self, limits: SharedLimits) -> None:
        """Hold to these limits from now on, which may have changed in the settings."""
        if limits != self.settings.limits:
            self.settings = replace(self.settings, limits=limits)
            self.quotas.limit(limits)
            self.queue.limits = limits

    def start(self) -> Future[None]:
        """Begin the background work on the app's loop; it goes on until the future is cancelled."""
        return event_loop.submit(self._tend())

    def welcome(self, visitor: str, now_s: float) -> None:
        """The visitor is here now (Unix time).

        Who has only looked gives place to a newcomer. Blocks.

        Raises:
            QuotaError: For a new one when there are too many.
            StoreError: Where that can't be asked.
        """
        if self.visits.last_s(visitor) is not None:
            self.visits.note(visitor, now_s)
            return
        with self._welcoming:
            if sum(1 for _ in self.visits.known()) >= self.settings.limits.total_visitors:
                self._make_room()
            self.visits.note(visitor, now_s)

    def _make_room(self) -> None:
        looking = [visitor for visitor in self.visits.known() if self.visits.is_empty(visitor)]
        for visitor in sorted(looking, key=lambda visitor: self.visits.last_s(visitor) or 0.0):
            if self._clear_empty(visitor):
                return
        logger.warning("Refused a newcomer: the app has as many visitors as it takes")
        if not self.settings.limits.total_visitors:
            raise QuotaError("The host of this shared app has closed it to visitors.")
        raise QuotaError(
            f"This shared app has {self.settings.limits.total_visitors:,} visitors, which is as many as it "
            "takes. Try again later: those who stay away make room."
        )

    def _clear_empty(self, visitor: str) -> bool:
        """Forget a visitor who has nothing here; returns whether that was so."""
        from core.store.owners import count_chunks

        with self._leaves(visitor):
            if not self.visits.is_empty(visitor):  # something has begun since
                return False
            if count_chunks(self._target_of(visitor), visitor):
                self.visits.keep(visitor)
                return False
            self._forget(visitor)
            delete_visitor(self.settings, visitor)
            return True

    @contextmanager
    def alone(self, visitor: str) -> Iterator[None]:
        """Hold a visitor's lock: what they do in several tabs at once happens one after the other."""
        with self._lock:
            self._lock.wait_for(lambda: visitor not in self._alone)
            self._alone.add(visitor)
        try:
            yield
        finally:
            with self._lock:
                self._alone.discard(visitor)
                self._lock.notify_all()

    @contextmanager
    def _leaves(self, visitor: str) -> Iterator[None]:
        """While it lasts, nothing of the visitor's may begin."""
        with self._lock:
            self._leaving[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._leaving -= Counter([visitor])

    def keep(self, visitor: str) -> None:
        """The visitor begins something, and holds a place from now on.

        Raises:
            QuotaError: While all goes.
        """
        with self._lock:
            if self._leaving[visitor]:
                raise QuotaError("All that is yours is being deleted just now. Wait until that is done.")
            self.visits.keep(visitor)

    def begin_ingest(self, visitor: str) -> None:
        """Take a place among those who add documents.

        Raises:
            QuotaError: When all are taken.
        """
        with self._lock:
            if visitor in self._ingesting:
                raise QuotaError("Documents of yours are being added already. Wait until they are in.")
            if not self.settings.limits.ingests_at_once:
                raise QuotaError(switched_off(DOCUMENTS))
            if len(self._ingesting) >= self.settings.limits.ingests_at_once:
                raise QuotaError("Other visitors are adding documents just now. Try again in a minute.")
            self.keep(visitor)
            self._ingesting.add(visitor)

    def end_ingest(self, visitor: str) -> None:
        """Give the place back."""
        with self._lock:
            self._ingesting.discard(visitor)
            self._total = None
            self._lock.notify_all()

    def room_for_chunks(self, visitor: str, num_replaced: int = 0) -> int:
        """How many chunks more the visitor may hold.

        Blocks.

        Args:
            visitor: Who wants to add documents.
            num_replaced: Chunks that go once the new ones are in, so the visitor may be over the limit by so
                many until then; never by more than the limit itself, whatever is begun and broken off again
                and again.

        Raises:
            QuotaError: When the visitor may hold no more, or the app holds no more of anybody's.
            StoreError: Milvus refused or failed a call.
        """
        from core.store.owners import count_chunks

        limits = self.settings.limits
        if not limits.chunks or not limits.total_chunks:
            raise QuotaError(switched_off(DOCUMENTS))
        held = count_chunks(self._target_of(visitor), visitor)
        own = limits.chunks - held + min(num_replaced, limits.chunks)
        if own <= 0:
            raise QuotaError(
                f"This shared app keeps up to {limits.chunks:,} chunks for each visitor, and yours are used "
                "up. Delete documents, then add others."
            )
        room = limits.total_chunks - self._all_chunks(visitor) + min(num_replaced, limits.chunks)
        if room <= 0:
            raise QuotaError(
                "This shared app is full. Documents of visitors who stay away are deleted after "
                f"{limits.idle_hours:,} hours; try again later."
            )
        return min(own, room)

    def delete(self, visitor: str) -> None:
        """Stop what the visitor has going on, wait for its end, then delete all that the visitor has.

        Blocks.

        Raises:
            OverlapError: A StoreError where Milvus fails; what was deleted by then stays deleted.
        """
        with self._leaves(visitor):
            self.queue.end(visitor)
            self._end_ingest(visitor)
            delete_visitor(self.settings, visitor)
            # Another tab may have opened again what is gone now.
            self._forget(visitor)
        self._total = None
        logger.info("Deleted all%s", who(visitor))

    def _end_ingest(self, visitor: str) -> None:
        until_s = time.monotonic() + END_WITHIN_S
        while True:
            # Again and again: an ingest that has its place may be about to begin.
            self._forget(visitor)
            with self._lock:
                if self._lock.wait_for(lambda: visitor not in self._ingesting, ADVANCE_EVERY_S):
                    return
            if time.monotonic() > until_s:
                raise OverlapError("What you are adding could not be stopped yet. Try again in a minute.")

    def _target_of(self, visitor: str) -> Target:
        """Where Milvus is, whose errors are then told as a visitor may hear them."""
        return self.settings.for_visitor(visitor).target

    def _all_chunks(self, visitor: str) -> int:
        """How many chunks there are of anybody's; `visitor` asks."""
        from core.store.owners import count_chunks

        now_s = time.monotonic()
        if self._total is None or now_s - self._total[1] > CHUNKS_KEPT_S:
            self._total = count_chunks(self._target_of(visitor)), now_s
        return self._total[0]

    async def _tend(self) -> None:
        swept_s = time.monotonic()
        while True:
            await asyncio.sleep(ADVANCE_EVERY_S)
            is_to_sweep = time.monotonic() - swept_s >= SWEEP_EVERY_S
            if is_to_sweep:
                swept_s = time.monotonic()
            try:
                await self._look_after(is_to_sweep=is_to_sweep)
            # Broad on purpose. Whatever it is: nobody else stops late benchmarks and deletes old documents.
            except Exception as exc:
                logger.error("Looking after the shared app failed: %s", kinds_and_places(exc))

    async def _look_after(self, *, is_to_sweep: bool) -> None:
        await asyncio.to_thread(self.queue.advance)
        if is_to_sweep:
            self.quotas.forget_old()
            cleared = await asyncio.to_thread(try_clear_idle, self.settings, time.time(), delete=self.delete)
            if cleared:
                logger.info("Deleted what %d idle visitors had", len(cleared))


class Hosts:
    """The host of each data folder: one in an app, several in tests."""

    def __init__(self, forget: Callable[[str], object]) -> None:
        self._forget = forget
        self._lock = threading.Lock()
        self._found: dict[tuple[Path, str], Host] = {}

    def of(self, settings: Settings) -> Host:
        """The host of these settings, with their limits; its background work begins at the first call."""
        key = settings.data_dir, settings.target.uri
        with self._lock:
            if key not in self._found:
                self._found[key] = Host(settings.for_visitor(""), forget=self._forget)
                self._found[key].start()
            self._found[key].limit(settings.limits)
            return self._found[key]
