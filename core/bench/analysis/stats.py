"""Figures from samples: pure functions, one for each figure, used by record, charts and pages alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache

from core.bench.records.trial import Sample, Trial

LATENCY_FRACTIONS = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
LAG_INTERVAL_S = 0.01
# With two repeats a 95 % interval is some 18 standard deviations wide: nothing can be said.
MIN_REPEATS = 3
CONFIDENCE = 0.95
# Seconds that an operation may take; what is outside is no measurement.
LEAST_S, MOST_S = 1e-7, 1e8
# An interval that is a million times wide either way says nothing.
WIDEST = math.log(1e6)
# Above that many degrees of freedom Student's t is within 1 % of the normal distribution.
MOST_DEGREES = 200


def percentile(values: Sequence[float], fraction: float) -> float | None:
    """The value that at least `fraction` (0 to 1) of the values do not exceed.

    Returns None when there are no values. The result is always one of the values.
    Source: nearest rank, the ceil(fraction * n)-th smallest.
    """
    if not values:
        return None
    rank = max(1, math.ceil(fraction * len(values)))
    return sorted(values)[rank - 1]


def is_maximum(fraction: float, num_values: int) -> bool:
    """Whether that percentile of so few values is their largest: p99 is with fewer than 100."""
    return math.ceil(fraction * num_values) >= num_values


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


def geometric_mean(values: Sequence[float]) -> float | None:
    """What stands for several repeats. One lane's over another lane's is the `speedup`.

    None without values, or where one is not above 0.
    """
    if not values or not all(value > 0 for value in values):
        return None
    first = values[0]  # by which all are divided, so that equal values give that value itself
    return first * math.exp(_mean([math.log(value / first) for value in values]))


def throughput(trials: Sequence[Trial]) -> float | None:
    """Operations that succeeded per second, the geometric mean of the repeats.

    None without repeats, or where the speed of one is not known: those that were cut or failed were the slow
    ones, and the mean of the others would be too good.
    """
    known = [speed for trial in trials if (speed := trial.ops_per_s) is not None]
    return geometric_mean(known) if len(known) == len(trials) else None


def speedup(baseline_s: Sequence[float], other_s: Sequence[float]) -> float | None:
    """How many times as fast `other_s` is: the geometric mean of each repeat's ratio.

    None without repeats, or where one has a time that nothing takes.

    Swapped lanes give the reciprocal. A repeat that took ten times as long does not weigh as much as ten
    others.

    Args:
        baseline_s: Seconds per operation of the baseline, one for each repeat.
        other_s: Seconds per operation of the other lane, of the same repeats in the same order.
    """
    return geometric_mean(_ratios(baseline_s, other_s))


def speedup_interval(baseline_s: Sequence[float], other_s: Sequence[float]) -> tuple[float, float] | None:
    """95 % interval of `speedup` over repeats; None with fewer than `MIN_REPEATS`.

    The two trials of one repeat ran next to each other and share its conditions, so what counts is how
    much their ratio varies. Source: Student's t interval on the logarithms of the ratios. How often it
    holds the truth is measured by tests/performance/coverage.py.
    """
    ratios, middle = _ratios(baseline_s, other_s), speedup(baseline_s, other_s)
    if middle is None or len(ratios) < MIN_REPEATS:
        return None
    variance = sum(math.log(ratio / middle) ** 2 for ratio in ratios) / (len(ratios) - 1)
    half = t_quantile(len(ratios) - 1) * math.sqrt(variance / len(ratios))
    return None if half > WIDEST else (middle * math.exp(-half), middle * math.exp(half))


def _ratios(baseline_s: Sequence[float], other_s: Sequence[float]) -> list[float]:
    """Baseline over other of each repeat; none at all where they do not belong together."""
    values = (*baseline_s, *other_s)
    if len(baseline_s) != len(other_s) or not all(LEAST_S <= value <= MOST_S for value in values):
        return []
    return [one / other for one, other in zip(baseline_s, other_s, strict=True)]


@lru_cache(maxsize=MOST_DEGREES)
def t_quantile(degrees: int) -> float:
    """How far from 0 Student's t lies in 5 % of the cases, either way: 4.303 with two degrees of freedom.

    Source: the finite series for the probability of |t| within a bound (Abramowitz and Stegun 26.7.3 and
    26.7.4), inverted by halving. From `MOST_DEGREES` on that one's is given.
    """
    degrees = min(degrees, MOST_DEGREES)
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_within(middle, degrees) < CONFIDENCE else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _t_within(angle: float, degrees: int) -> float:
    """Probability that |t| is at most sqrt(degrees) * tan(angle)."""
    is_odd = degrees % 2 == 1
    term = total = math.cos(angle) if is_odd else 1.0
    for n in range(2 + is_odd, degrees, 2):
        term *= math.cos(angle) ** 2 * (n - 1) / n
        total += term
    if not is_odd:
        return math.sin(angle) * total
    return (angle + (math.sin(angle) * total if degrees > 1 else 0.0)) * 2 / math.pi


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def cpu_ratio(cpu_s: float, elapsed_s: float) -> float | None:
    """Share of one core that this process used; above 1 when several threads computed."""
    return cpu_s / elapsed_s if elapsed_s > 0 else None


def noise_factor(*lanes_s: Sequence[float]) -> float | None:
    """Within which factor trials of one lane agree with each other, for 95 % of the pairs; at least 1.

    Source: A/A comparison; the nearest-rank percentile of |log(a / b)| over all pairs of a lane.

    Args:
        lanes_s: Seconds per operation of each repeat, one sequence per lane. None with fewer than three
            repeats in every lane. A difference between lanes that is smaller than this is no finding.
    """
    distances = [
        abs(math.log(one / other))
        for values in lanes_s
        if len(values) >= MIN_REPEATS
        for one, other in itertools.combinations(values, 2)
    ]
    distance = percentile(distances, 0.95)
    return None if distance is None else math.exp(distance)
