"""The proof that a lane did its work: rows counted, ids compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.bench.record import Check, Trial

# Cosine similarities this near are a tie: float32 carries no more, so either row is a right answer.
TIE_TOLERANCE = 1e-6

# Index of a query to its hits: (ids, similarities), both best first.
Hits = Mapping[int, tuple[list[str], list[float]]]


def check_row_count(trial: Trial, found: int) -> Check:
    """Rows in the collection after an add trial, against the adds that were acknowledged.

    A cut or failed add may have reached the server all the same, so those widen what is right.
    """
    return Check(
        name="row_count_after_add",
        passed=trial.num_ok <= found <= trial.num_ok + trial.num_failed + trial.num_cancelled,
        details={
            "lane": trial.lane,
            "count": trial.count,
            "repeat": trial.repeat,
            "expected": trial.num_ok,
            "found": found,
        },
    )


def check_identical_ids(count: int, repeat: int, baseline: Hits, other: Hits) -> Check:
    """Compare the hits of two lanes, query by query, as sets of ids.

    compared: queries that both lanes answered. equal: of those, same set of ids.
    tied: other ids, but with the same similarities, so that neither lane is wrong.
    """
    both = sorted(baseline.keys() & other.keys())
    equal = tied = 0
    for i in both:
        if set(baseline[i][0]) == set(other[i][0]):
            equal += 1
        elif _same_similarities(baseline[i][1], other[i][1]):
            tied += 1
    details: dict[str, Any] = {
        "count": count,
        "repeat": repeat,
        "compared": len(both),
        "equal": equal,
        "tied": tied,
    }
    return Check(name="identical_ids", passed=bool(both) and equal + tied == len(both), details=details)


def _same_similarities(left: list[float], right: list[float]) -> bool:
    return len(left) == len(right) and all(
        abs(a - b) <= TIE_TOLERANCE for a, b in zip(left, right, strict=True)
    )
