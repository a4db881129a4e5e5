"""What is watched beside a trial: the loop's lag and pulse, requests in flight, processor time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.bench.analysis.stats import LAG_INTERVAL_S
from core.bench.load.lanes import Recorder


@dataclass(slots=True)
class Sampler:
    """Wakes every `LAG_INTERVAL_S` on the loop under test and notes what it finds.

    Attributes:
        beats: When it woke, in the clock's own time.
        lags_s: How much too late.
        in_flight: Requests under way then.
    """

    recorder: Recorder
    clock: Callable[[], float] = time.perf_counter
    beats: list[float] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            due = self.clock() + LAG_INTERVAL_S
            await asyncio.sleep(LAG_INTERVAL_S)
            now = self.clock()
            self.beats.append(now)
            self.recorder.last_beat = now
            self.lags_s.append(max(0.0, now - due))
            if self.recorder.started is not None:
                self.in_flight.append(self.recorder.in_flight)

    @property
    def mean_in_flight(self) -> float | None:
        """Requests under way, over all times that it woke; None before the first."""
        return sum(self.in_flight) / len(self.in_flight) if self.in_flight else None


def _machine_s() -> tuple[float, float]:
    import psutil

    times = psutil.cpu_times()
    # iowait is part of the time in which a core has nothing to compute; steal is taken by others.
    idle = times.idle + getattr(times, "iowait", 0.0)
    total = sum(times)
    return total - idle, total


class Cpu:
    """Processor seconds since it was made, of this process and of the whole machine.

    Args:
        machine_s: Busy and all seconds of the machine's cores together, since some time in the past.
    """

    def __init__(self, machine_s: Callable[[], tuple[float, float]] = _machine_s) -> None:
        self._process_s = time.process_time()
        self._machine_s = machine_s
        self._machine = self._machine_s()

    def process_s(self) -> float:
        """Processor seconds of this process, all its threads together."""
        return time.process_time() - self._process_s

    def machine_ratio(self) -> float | None:
        """Share of all cores that was busy, 0 to 1; None when too little time has passed."""
        busy, total = (now - then for now, then in zip(self._machine_s(), self._machine, strict=True))
        # The kernel corrects what it counted as idle or as waiting, also downwards.
        return min(max(busy / total, 0.0), 1.0) if total > 0 else None
