"""Figures from samples: pure functions, one for each figure, used by record, charts and pages alike."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

# start_s and end_s count from the trial's start.
Sample = tuple[float, float, bool]

LATENCY_FRACTIONS = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
LAG_INTERVAL_S = 0.01
BOOTSTRAP_ROUNDS = 2000
MIN_REPEATS_FOR_NOISE = 3


def percentile(values: Sequence[float], fraction: float) -> float | None:
    """The value that at least `fraction` (0 to 1) of the values do not exceed.

    Returns None when there are no values. The result is always one of the values.
    Source: nearest rank, the ceil(fraction * n)-th smallest.
    """
    if not values:
        return None
    rank = max(1, math.ceil(fraction * len(values)))
    return sorted(values)[rank - 1]


def latencies(samples: Sequence[Sample]) -> list[float]:
    """Seconds of each operation that succeeded, in order of completion."""
    return [end - start for start, end, ok in samples if ok]


def latency_figures(samples: Sequence[Sample]) -> dict[str, float | None]:
    """p50, p95, p99 and max in seconds, of the operations that succeeded."""
    values = sorted(latencies(samples))
    figures = {name: percentile(values, fraction) for name, fraction in LATENCY_FRACTIONS.items()}
    return figures | {"max": values[-1] if values else None}


def response_figures(samples: Sequence[Sample], intended_s: Sequence[float]) -> dict[str, float | None]:
    """As `latency_figures`, but from when each request should have been sent.

    A request that had to wait before it was sent kept its user waiting too; counting from the real
    send hides that ("coordinated omission").
    """
    intended = [(due, end, ok) for (_, end, ok), due in zip(samples, intended_s, strict=True)]
    return latency_figures(intended)


def max_in_flight(samples: Sequence[Sample]) -> int | None:
    """The most operations that were open at one moment; None without samples.

    One that starts when another ends does not overlap it.
    """
    if not samples:
        return None
    edges = sorted(
        [(start, 1) for start, _, _ in samples] + [(end, -1) for _, end, _ in samples],
    )
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def speedup(baseline_s: Sequence[float], other_s: Sequence[float]) -> float | None:
    """How many times faster `other_s` is: the ratio of the mean seconds per operation."""
    if not baseline_s or not other_s or sum(other_s) <= 0:
        return None
    return (sum(baseline_s) / len(baseline_s)) / (sum(other_s) / len(other_s))


def speedup_interval(
    baseline_s: Sequence[float], other_s: Sequence[float], *, seed: int = 0
) -> tuple[float, float] | None:
    """95 % interval of `speedup` over repeats; None with fewer than two repeats.

    Source: percentile bootstrap. Repeats are drawn as pairs, because the two lanes of one repeat
    ran next to each other and share its conditions.
    """
    pairs = list(zip(baseline_s, other_s, strict=False))
    if len(pairs) < 2 or len(baseline_s) != len(other_s):
        return None
    rng = random.Random(seed)
    ratios: list[float] = []
    for _ in range(BOOTSTRAP_ROUNDS):
        drawn = rng.choices(pairs, k=len(pairs))
        ratio = speedup([pair[0] for pair in drawn], [pair[1] for pair in drawn])
        if ratio is not None:
            ratios.append(ratio)
    low, high = percentile(ratios, 0.025), percentile(ratios, 0.975)
    return None if low is None or high is None else (low, high)


def cpu_ratio(cpu_s: float, elapsed_s: float) -> float | None:
    """Share of one core that this process used; above 1 when several threads computed."""
    return cpu_s / elapsed_s if elapsed_s > 0 else None


def noise_factor(*lanes_s: Sequence[float]) -> float | None:
    """Within which factor trials of one lane agree with each other, for 95 % of the pairs; at least 1.

    lanes_s: seconds per operation of each repeat, one sequence per lane. None with fewer than three
    repeats in every lane. A difference between lanes that is smaller than this is no finding.
    Source: A/A comparison; the nearest-rank percentile of |log(a / b)| over all pairs of a lane.
    """
    distances = [
        abs(math.log(one / other))
        for values in lanes_s
        if len(values) >= MIN_REPEATS_FOR_NOISE
        for one, other in itertools.combinations(values, 2)
    ]
    distance = percentile(distances, 0.95)
    return None if distance is None else math.exp(distance)
