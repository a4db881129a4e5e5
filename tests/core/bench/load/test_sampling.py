"""core.bench.load.sampling: what the sampler sees of a loop that is held up, and of requests in flight."""

from __future__ import annotations

import asyncio

import pytest

from core.bench.analysis.stats import LAG_INTERVAL_S
from core.bench.load.lanes import Recorder
from core.bench.load.sampling import Cpu, Sampler


class Counts(list[int]):
    """Tells when the first value is there."""

    def __init__(self) -> None:
        super().__init__()
        self.is_filled = asyncio.Event()

    def append(self, value: int) -> None:
        super().append(value)
        self.is_filled.set()


async def test_sampler_shows_a_blocked_loop_and_what_is_in_flight() -> None:
    now = 0.0

    def clock() -> float:
        return now

    recorder = Recorder(begun=[0.0, 0.0, 0.0], samples=[(0.0, 0.1, True, 0)], started=0.0)
    in_flight = Counts()
    sampler = Sampler(recorder, clock, in_flight=in_flight)
    task = asyncio.create_task(sampler.run())
    await asyncio.sleep(0)
    now = 0.5
    await in_flight.is_filled.wait()
    task.cancel()
    assert sampler.lags_s[0] == pytest.approx(0.5 - LAG_INTERVAL_S)
    assert sampler.beats[0] == 0.5
    assert sampler.mean_in_flight == 2.0


def test_mean_in_flight_is_unknown_without_samples() -> None:
    assert Sampler(Recorder()).mean_in_flight is None


def test_cpu_counts_what_this_process_used() -> None:
    cpu = Cpu()
    while cpu.process_s() < 0.02:
        sum(range(1000))
    ratio = cpu.machine_ratio()
    assert ratio is None or 0 <= ratio <= 1


@pytest.mark.parametrize(
    ("busy_s", "all_s", "ratio"),
    [(3.0, 4.0, 0.75), (4.2, 4.0, 1.0), (-0.1, 4.0, 0.0), (0.0, 0.0, None)],
    ids=["usual", "idle put right", "busy put right", "too soon"],
)
def test_share_of_the_machine_is_one_also_where_its_kernel_puts_its_figures_right(
    busy_s: float, all_s: float, ratio: float | None
) -> None:
    read = iter([(100.0, 200.0), (100.0 + busy_s, 200.0 + all_s)])
    assert Cpu(lambda: next(read)).machine_ratio() == (None if ratio is None else pytest.approx(ratio))
