"""Who waits for the benchmark of a shared app: one at a time, first come, first served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.bench.plan.plan import Plan
from core.bench.supervisor import OneAtATime
from core.config.shared_limits import SharedLimits
from core.errors import BenchError, OverlapError, PlanError, QuotaError
from core.hosting.quotas import MEASUREMENTS, switched_off
from core.runtime.words import counted

# Vectors that are longer make a trial of few operations fill the memory of a small machine.
MAX_SHARED_DIM = 2048
# Each is measured with all lanes and repeats.
MAX_SHARED_COUNTS = 5
MAX_CONCURRENCY = 256
# Simulated: each trial would do nothing but wait.
MAX_SHARED_RTT_MS = 500
END_WITHIN_S = 60.0
# A tab that is loaded anew, or whose connection was cut for a moment, keeps its place.
AWAY_S = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedRun:
    """A place in the queue.

    Attributes:
        is_present: Whether the visitor's tab is still open.
        start: Starts the benchmark; blocks for a moment, and raises OverlapError or OSError.
    """

    visitor: str
    is_present: Callable[[], bool]
    start: Callable[[], object]


class BenchQueue:
    """Starts benchmarks in turn. Thread-safe; `advance` is called about twice a second.

    Args:
        clock_s: Seconds from any moment on.
    """

    def __init__(
        self, runs: OneAtATime, limits: SharedLimits, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._runs, self.limits, self._clock_s = runs, limits, clock_s
        self._lock = threading.Lock()
        self._advancing = threading.Lock()
        self._waiting: list[QueuedRun] = []
        # When a visitor in line was last known to be there.
        self._seen_s: dict[str, float] = {}
        self._errors: dict[str, str] = {}

    def join(self, waiting: QueuedRun) -> None:
        """Get in line.

        Raises:
            QuotaError: When the line is full and the benchmark can't start at once, or the visitor waits
                already.
        """
        with self._lock:
            if any(other.visitor == waiting.visitor for other in self._waiting):
                raise QuotaError("A benchmark of yours waits already. Let it start, or leave the line first.")
            self._check_room()
            self._errors.pop(waiting.visitor, None)
            self._waiting.append(waiting)
            self._seen_s[waiting.visitor] = self._clock_s()

    def stay(self, visitor: str, is_present: Callable[[], bool]) -> None:
        """Note that the visitor has this tab open; does nothing for a visitor who is not in line."""
        with self._lock:
            self._waiting = [
                replace(one, is_present=is_present) if one.visitor == visitor else one
                for one in self._waiting
            ]

    def leave(self, visitor: str) -> None:
        """Leave the line; does nothing for a visitor who is not in it."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one.visitor != visitor]

    def end(self, visitor: str) -> None:
        """Leave the line, stop the visitor's benchmark and wait until it has ended.

        Raises:
            BenchError: A benchmark can't be run.
        """
        self.leave(visitor)
        # Whoever is first may be starting just now.
        with self._advancing:
            process = self._runs.current
        if process is None or process.owner != visitor:
            return
        process.stop("Its visitor deleted everything of theirs.")
        if not process.wait(END_WITHIN_S).is_final:
            raise BenchError("Your benchmark could not be stopped yet. Try again in a minute.")
        self._runs.forget()

    def position(self, visitor: str) -> int | None:
        """The visitor's place in the line, from 1; None for a visitor who is not in it."""
        with self._lock:
            places = [one.visitor for one in self._waiting]
        return places.index(visitor) + 1 if visitor in places else None

    def error(self, visitor: str) -> str | None:
        """Why the visitor's last benchmark could not be started, said once."""
        with self._lock:
            return self._errors.pop(visitor, None)

    def advance(self) -> None:
        """Drop waiting visitors who are gone, stop a run that takes too long, and start the next one."""
        if not self._advancing.acquire(blocking=False):
            return
        try:
            self._stop_late()
            with self._lock:
                present = self._look_round()
                if not present or self._is_busy():
                    return
            self._start(present[0])
        finally:
            self._advancing.release()

    def _check_room(self) -> None:
        num_waiting, most = len(self._waiting), self.limits.bench_waiting
        # Who starts at once comes through the line too, and takes up no place in it.
        if num_waiting < most or not (num_waiting or self._is_busy()):
            return
        why = "A benchmark is under way, and nobody can wait for its end in this shared app."
        if most:
            wait = "benchmark waits" if num_waiting == 1 else "benchmarks wait"
            why = f"{num_waiting} {wait} already, which is as many as this shared app takes."
        raise QuotaError(f"{why} Try again in {counted(self.limits.bench_minutes, 'minute')}.")

    def _look_round(self) -> list[QueuedRun]:
        """The runs whose visitors have their page open; one not seen for `AWAY_S` seconds loses its place."""
        now_s = self._clock_s()
        present = [one for one in self._waiting if one.is_present()]
        self._seen_s |= {one.visitor: now_s for one in present}
        self._waiting = [one for one in self._waiting if now_s - self._seen_s[one.visitor] < AWAY_S]
        self._seen_s = {one.visitor: self._seen_s[one.visitor] for one in self._waiting}
        return present

    def _start(self, first: QueuedRun) -> None:
        try:
            first.start()
        except (OverlapError, OSError) as exc:
            with self._lock:
                self._errors[first.visitor] = str(exc)
        self.leave(first.visitor)

    def _is_busy(self) -> bool:
        return self._runs.current is not None and self._runs.current.is_running

    def _stop_late(self) -> None:
        process = self._runs.current
        if process is None or not process.is_running:
            return
        if process.elapsed_s > 60 * self.limits.bench_minutes:
            minutes = counted(self.limits.bench_minutes, "minute")
            process.stop(f"It took longer than the {minutes} that this shared app allows.")


def check_plan(plan: Plan, limits: SharedLimits) -> None:
    """Refuse a plan that asks for more than the host of a shared app allows.

    Raises:
        BenchError: When the host has switched benchmarks off.
        PlanError: When the plan is over a limit; the sentence says which.
    """
    needed = limits.bench_minutes, limits.bench_count, limits.bench_repeats, limits.bench_processes
    if not all(needed):
        raise BenchError(switched_off("benchmarks"))
    if not limits.measurements_per_hour:
        raise BenchError(switched_off(MEASUREMENTS))
    steps = plan.sweep_values if plan.sweep == "concurrency" else ()
    distances = plan.sweep_values if plan.sweep == "distance" else ()
    found = (
        ("operations per trial (Counts)", max(plan.counts), limits.bench_count),
        ("counts", len(plan.counts), MAX_SHARED_COUNTS),
        ("repeats", plan.repeats, limits.bench_repeats),
        ("warm-up trials", plan.warmup, limits.bench_repeats),
        ("client processes", plan.processes, limits.bench_processes),
        ("dimensions", plan.dim, MAX_SHARED_DIM),
        ("requests at once", max((plan.concurrency, *steps)), MAX_CONCURRENCY),
        ("ms of distance", max((plan.rtt_ms, *distances)), MAX_SHARED_RTT_MS),
    )
    for what, value, most in found:
        if value > most:
            raise PlanError(f"This shared app allows up to {most:,} {what}; this plan has {value:,}.")
