"""Work in the background that outlives a rerun of the page that began it."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from core.config.settings import is_key_of
from core.errors import OverlapError
from core.runtime import event_loop
from core.runtime.logs import kinds_and_places

logger = logging.getLogger(__name__)

T = TypeVar("T")
J = TypeVar("J", bound="Job[Any]")


# What people are told of a failure that nobody has foreseen; the log has it whole.
FAULT = "This broke off by a fault of Overlap itself, which its log tells. Try it again."


class JobState(StrEnum):
    """Where a job is. Only RUNNING changes again."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class JobStoppedError(Exception):
    """Raised by a job's work where it ends because somebody asked for it."""


class Job(ABC, Generic[T]):
    """One piece of work on the background loop, watched and stopped from any thread.

    A kind of job is a subclass: `work` does it, and what the subclass counts while it goes on is its
    progress, read by pages and written by the work alone. Call `start` once.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._future: Future[T] | None = None
        self._started_s = self._ended_s = time.monotonic()

    @abstractmethod
    async def work(self) -> T:
        """Do it.

        Raises:
            OverlapError: With a sentence for people.
            JobStoppedError: Soon after `stop`.
        """

    def on_stop(self) -> None:
        """What has to happen at once on `stop`, where looking at `stopping` now and then is too late."""

    def start(self) -> Self:
        """Begin, and return at once."""
        self._started_s = time.monotonic()
        self._future = event_loop.submit(self.work())
        self._future.add_done_callback(lambda _: self._end())
        return self

    def _end(self) -> None:
        self._ended_s = time.monotonic()
        if self._future is not None and self.state is JobState.FAILED:
            failure = self._future.exception()
            if failure is not None and not isinstance(failure, OverlapError):
                logger.error("%s broke off: %s", type(self).__name__, kinds_and_places(failure))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state}, {self.elapsed_s:.1f} s>"

    @property
    def state(self) -> JobState:
        """RUNNING until the work has ended, also before `start`; a cancelled job is STOPPED, not FAILED."""
        if self._future is None or not self._future.done():
            return JobState.RUNNING
        try:
            self._future.result()
        except (JobStoppedError, CancelledError):
            return JobState.STOPPED
        except BaseException:
            return JobState.FAILED
        return JobState.DONE

    @property
    def is_running(self) -> bool:
        """Until the work has ended, also before `start`."""
        return self.state is JobState.RUNNING

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, up to its end."""
        return (time.monotonic() if self.is_running else self._ended_s) - self._started_s

    @property
    def result(self) -> T | None:
        """What came of it; None while it runs, and where it was stopped or failed."""
        if self._future is None or self.state is not JobState.DONE:
            return None
        return self._future.result()

    @property
    def error(self) -> str | None:
        """The sentence that says why it failed; None where it did not."""
        if self._future is None or self.state is not JobState.FAILED:
            return None
        failure = self._future.exception()
        return str(failure) if isinstance(failure, OverlapError) else FAULT

    def check_stop(self) -> None:
        """End the work here where somebody has stopped it.

        Raises:
            JobStoppedError: Once `stop` was called.
        """
        if self.stopping.is_set():
            raise JobStoppedError

    def stop(self) -> None:
        """End it soon."""
        self.stopping.set()
        self.on_stop()

    def cancel(self) -> None:
        """End it now, at whatever it awaits."""
        self.stopping.set()
        if self._future is not None:
            self._future.cancel()

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait for its end, `timeout_s` at most; returns its state then."""
        assert self._future is not None, "it was not started"
        wait([self._future], timeout_s)
        return self.state


class Jobs:
    """The jobs that the app keeps, by kind and key: the running one, or the last. Thread-safe.

    A key names what the job is about. One that begins with `Target.key` goes with the target's owner.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[tuple[type[Job[Any]], str], Job[Any]] = {}

    def get(self, kind: type[J], key: str) -> J | None:
        """The running or last job of that kind and key; None before the first."""
        job = self._jobs.get((kind, key))
        return job if isinstance(job, kind) else None

    def of_kind(self, kind: type[J]) -> list[J]:
        """All jobs of that kind, the oldest first."""
        return [job for job in list(self._jobs.values()) if isinstance(job, kind)]

    def begin(self, kind: type[J], key: str, make: Callable[[], J], *, keep: int | None = None) -> J:
        """Start what `make` returns, unless one of that kind and key runs: then that one is returned.

        Args:
            kind: The subclass of the job.
            key: What it is about.
            make: Makes the job, without starting it; called only where none runs.
            keep: How many jobs of that kind are kept, the new one included; of those that have ended the
                oldest are forgotten. None keeps all.
        """
        with self._lock:
            job = self.get(kind, key)
            if job is None or not job.is_running:
                self._jobs.pop((kind, key), None)
                if keep is not None:
                    self._drop_oldest(kind, keep - 1)
                job = make().start()
                self._jobs[kind, key] = job
            return job

    def move(self, kind: type[Job[Any]], old: str, new: str) -> None:
        """Keep the job of `old` under `new` from now on; nothing happens where there is none."""
        with self._lock:
            job = self._jobs.pop((kind, old), None)
            if job is not None:
                self._jobs[kind, new] = job

    def forget(self, kind: type[Job[Any]], key: str) -> None:
        """Stop it if it runs, and let go of it."""
        with self._lock:
            job = self._jobs.pop((kind, key), None)
        if job is not None:
            job.stop()

    def forget_job(self, job: Job[Any]) -> None:
        """Stop it if it runs, and let go of it."""
        for (kind, key), kept in list(self._jobs.items()):
            if kept is job:
                self.forget(kind, key)

    def forget_visitor(self, visitor: str) -> None:
        """Stop and let go of everything that belongs to a visitor."""
        for kind, key in list(self._jobs):
            if is_key_of(visitor, key):
                self.forget(kind, key)

    def _drop_oldest(self, kind: type[Job[Any]], keep: int) -> None:
        ended = [key for key, job in self._jobs.items() if key[0] is kind and not job.is_running]
        for key in ended[: max(0, len(ended) - keep)]:
            del self._jobs[key]
