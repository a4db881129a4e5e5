"""What held a trial up, and whether its figures fit each other."""

from __future__ import annotations

from core.bench.analysis.stats import LAG_INTERVAL_S
from core.bench.plan.plan import ASYNC_LANES
from core.bench.records.trial import Trial

BUSY_CPU_RATIO = 0.85
BUSY_MACHINE_RATIO = 0.9
# A loop that is late for this share of a trial holds the lane up; where the client's processor was busy for
# that share meanwhile, it is why.
LATE_RATIO = 0.3
COMPUTING_RATIO = 0.4
# Requests that one HTTP/2 connection carries at once unless the server allows more.
USUAL_STREAMS = 100
MAX_LITTLES_LAW_ERROR = 0.2


def littles_law_ratio(trial: Trial) -> float | None:
    """Requests in flight, sampled, over throughput times latency; 1 when the figures agree.

    None when unknown, or when too little happened to tell: the sampler wakes every 10 ms.
    Source: Little's law, N = X * R.
    """
    latencies = [end - start for start, end, _ in trial.samples]
    if trial.mean_in_flight is None or not latencies or trial.elapsed_s < 0.2 or trial.cut:
        return None
    product = sum(latencies) / trial.elapsed_s
    return trial.mean_in_flight / product if product > 0 else None


def is_consistent(trial: Trial) -> bool | None:
    """Whether Little's law holds within 20 %; None when it can't be told."""
    ratio = trial.littles_law_ratio
    if ratio is None or _is_seen_too_seldom(trial):
        return None
    return abs(ratio - 1) <= MAX_LITTLES_LAW_ERROR


def _is_seen_too_seldom(trial: Trial) -> bool:
    """Whether the sampler alone may put the ratio off by that much.

    It wakes on the loop under test: while that is held up, nobody looks, and a request that blocks it is
    never under way when it wakes. Of an open loop there is often nothing under way, and how often the sampler
    meets a request is a matter of luck: where it expects to meet 225, that is a third of the error that is
    flagged. A closed loop always has requests under way.
    """
    is_held_up = (trial.loop_lag_p99_s or 0.0) >= MAX_LITTLES_LAW_ERROR * trial.elapsed_s
    if is_held_up or trial.case.blocking == "blocking":
        return True
    if not (trial.response_s or trial.intended_s):
        return False
    under_way_s = sum(end - start for start, end, _ in trial.samples)
    return under_way_s / LAG_INTERVAL_S < (3 / MAX_LITTLES_LAW_ERROR) ** 2


def bounded_by(trial: Trial, lag_ratio: float = 0.0) -> str | None:
    """What kept the trial from going faster; None when nothing succeeded.

    A label from what could be seen on this side, in this order: "client CPU" (this process had no core left
    to use, or its loop was late because it computed), "loop lag" (something held up the event loop without
    computing), "distance" (the simulated round trip is at least half of a request), "connection" (more
    requests in flight than one HTTP/2 connection usually carries, on a machine that is not busy), "server"
    (it works, or waits, while the client has time left).

    Args:
        trial: What was measured of it.
        lag_ratio: Share of the trial in which the event loop was late, 0 to 1.
    """
    median_s = trial.latency_s.get("p50")
    if median_s is None:
        return None
    cpu_ratio = (trial.client_cpu_ratio or 0.0) / trial.processes
    is_late = trial.lane in ASYNC_LANES and lag_ratio >= LATE_RATIO
    if cpu_ratio >= BUSY_CPU_RATIO or (is_late and cpu_ratio >= COMPUTING_RATIO):
        return "client CPU"
    if is_late:
        return "loop lag"
    if trial.case.rtt_ms / 1000 >= median_s / 2:
        return "distance"
    is_machine_busy = (trial.machine_cpu_ratio or 0.0) >= BUSY_MACHINE_RATIO
    if (trial.max_in_flight or 0) > USUAL_STREAMS * trial.processes and not is_machine_busy:
        return "connection"
    return "server"
