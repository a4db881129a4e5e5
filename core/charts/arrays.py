"""A trial's samples as arrays, quick for a million of them, and fewer points for the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from cachetools import LRUCache

from core.bench.records.trial import Sample, Trial

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

# Arrays of a few large trials are kept, about 70 MB at most: every chart of a run asks for the same.
MAX_KEPT_SAMPLES = 4_000_000
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTimes:
    """The requests of one trial in order of their start.

    Attributes:
        start_s: Seconds from the trial's start, shape (n,).
        end_s: Seconds from the trial's start, shape (n,).
        ok: Whether each succeeded, shape (n,).
        intended_s: When each should have been sent, shape (n,); shape (0,) in a closed loop.
    """

    start_s: Array
    end_s: Array
    ok: Array
    intended_s: Array

    def __len__(self) -> int:
        return len(self.start_s)


# The last one fits however large it is.
_kept: LRUCache[tuple[Any, ...], RequestTimes] = LRUCache(
    MAX_KEPT_SAMPLES, getsizeof=lambda times: min(len(times), MAX_KEPT_SAMPLES)
)
_lock = Lock()


def requests_of(trial: Trial) -> RequestTimes:
    """The trial's samples as arrays; those of the last trials asked for are kept."""
    key = (*_key(trial.samples), id(trial.intended_s), len(trial.intended_s))
    with _lock:
        if (known := _kept.get(key)) is not None:
            return known
    found = _read(trial)
    with _lock:
        _kept[key] = found
    return found


def _key(samples: Sequence[Sample]) -> tuple[Any, ...]:
    """What tells two trials' samples apart without reading them all, and keeps none of them alive."""
    picked = samples[:: max(1, len(samples) // 50)]
    return (id(samples), len(samples), tuple(picked), samples[-1] if samples else None)


def _read(trial: Trial) -> RequestTimes:
    import numpy as np

    num = len(trial.samples)
    flat = np.fromiter(chain.from_iterable(trial.samples), float, 3 * num).reshape(num, 3)
    order = np.argsort(flat[:, 0], kind="stable")
    intended = np.fromiter(trial.intended_s, float, len(trial.intended_s))
    return RequestTimes(
        start_s=flat[order, 0],
        end_s=flat[order, 1],
        ok=flat[order, 2] > 0,
        intended_s=intended[order] if len(intended) == num else intended[:0],
    )


def sorted_latencies(trials: Sequence[Trial]) -> Array:
    """Seconds of each request that succeeded, over all the trials, smallest first; shape (n,)."""
    import numpy as np

    # Pooled samples, never a mean of percentiles: that would be no percentile of anything.
    parts = [(found.end_s - found.start_s)[found.ok] for found in map(requests_of, trials)]
    return np.sort(np.concatenate(parts)) if parts else np.empty(0)


def nearest_rank(ascending: Array, fraction: float) -> float | None:
    """The same percentile as `core.bench.analysis.stats.percentile`, of an array that is sorted already."""
    import numpy as np

    if not len(ascending):
        return None
    return float(ascending[max(1, int(np.ceil(fraction * len(ascending)))) - 1])


def in_flight_steps(requests: RequestTimes) -> tuple[Array, Array]:
    """(times in s, requests under way from then on); one that starts when another ends adds nothing."""
    import numpy as np

    times = np.concatenate([requests.start_s, requests.end_s])
    change = np.concatenate([np.ones(len(requests), int), -np.ones(len(requests), int)])
    order = np.argsort(times, kind="stable")
    times, under_way = times[order], np.cumsum(change[order])
    is_last = np.append(times[1:] != times[:-1], True) if len(times) else np.empty(0, bool)
    return times[is_last], under_way[is_last]


def thinned(x: Array, y: Array, num_points: int) -> tuple[Array, Array]:
    """At most `num_points` of the points, in order, with the least and the greatest y of every stretch."""
    import numpy as np

    if len(x) <= num_points:
        return x, y
    edges = np.linspace(0, len(x), max(1, (num_points - 2) // 2) + 1).astype(int)
    keep = {0, len(x) - 1}
    for low, high in pairwise(edges.tolist()):
        keep.add(low + int(np.argmin(y[low:high])))
        keep.add(low + int(np.argmax(y[low:high])))
    chosen = np.fromiter(sorted(keep), int)
    return x[chosen], y[chosen]


def evenly(num: int, num_wanted: int) -> Array:
    """Indexes of at most `num_wanted` of `num` things, spread evenly, the first and the last among them."""
    import numpy as np

    return np.unique(np.linspace(0, num - 1, min(num, num_wanted)).astype(int)) if num else np.empty(0, int)


def numbers(values: Array, scale: float = 1.0) -> list[float]:
    """Plain numbers for a figure, times `scale`, with as many digits as a chart can show."""
    return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in (values * scale).tolist()]
