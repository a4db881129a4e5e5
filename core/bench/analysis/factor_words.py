"""A factor and how sure it is, as both are written everywhere."""

from __future__ import annotations

import math

from core.bench.records.run import Run
from core.bench.records.trial import Summary


def times(ratio: float | None) -> str:
    """A factor as it is written everywhere, such as "1.23", "39.9" or "150"; "" when unknown."""
    if ratio is None:
        return ""
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"


def interval_ends(ci95: tuple[float, float], *, is_slower: bool = False) -> str:
    """Such as "7.05 to 11.35".

    Args:
        ci95: Of how many times as fast a lane was.
        is_slower: The factor beside it is how many times as long the lane took.
    """
    low, high = ci95
    if is_slower:
        # Only a record from elsewhere has an end that is not positive.
        low, high = (1 / end if end > 0 else math.inf for end in (high, low))
    return f"{low:.2f} to {high:.2f}"


def interval_text(run: Run, row: Summary, *, is_slower: bool = False) -> str:
    """How sure a factor is: "95 % interval 7.05 to 11.35, 5 repeats", or why that is not known."""
    if row.ci95 is None and row.num_repeats > 1:
        return f"{row.num_repeats} repeats, too few for an interval: no uncertainty known"
    if row.ci95 is None:
        return "one run, no repeats: no uncertainty known"
    ends = interval_ends(row.ci95, is_slower=is_slower)
    return f"95 % interval {ends}, {row.num_repeats or run.plan.repeats} repeats"


def ended_early(run: Run, row: Summary) -> bool:
    """Whether a run ended before the repeats that would tell how sure a comparison is.

    Its factor is nothing to read from the last row then: the plan asked for more than that.
    """
    return run.status != "complete" and row.ci95 is None and 0 < row.num_repeats < run.plan.repeats
