"""The proof that a lane did its work: rows counted, ids compared, hits compared with exact ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict
from typing import Any

from core.bench.records.trial import Proof, Trial
from core.store import Hits

# Cosine similarities this near are a tie: float32 carries no more, so either row is a right answer.
TIE_TOLERANCE = 1e-6
MIN_RECALL = 0.9
# Queries whose exact hits are computed; the recall is that of these.
MAX_EXACT_QUERIES = 200
# What proves that a lane did an operation's work.
CHECKS_OF = {
    "add": ("row_count_after_add",),
    "search": ("identical_ids", "recall_at_k"),
    "ingest": ("identical_chunks",),
}
_KEY = ("lane", "count", "consistency", "rtt_ms", "concurrency", "blocking")


def check_row_count(trial: Trial, found: int) -> Proof:
    """Rows in the collection after an add trial, against the adds that were acknowledged.

    A cut or failed add may have reached the server all the same, so those widen what is right.
    """
    return Proof(
        name="row_count_after_add",
        passed=trial.num_ok <= found <= trial.num_ok + trial.num_failed + trial.num_cancelled,
        details=_about(trial) | {"expected": trial.num_ok, "found": found},
    )


def check_identical_chunks(trial: Trial, expected: Set[str], found: Set[str]) -> Proof:
    """The chunks in the collection after an ingest, against those that the document is cut into.

    Of a cut one some may be missing, but none may be another.
    """
    equal = len(expected & found)
    is_enough = equal >= trial.num_ok if trial.cut else equal == len(expected)
    details = {"expected": len(expected), "found": len(found), "equal": equal}
    return Proof(
        name="identical_chunks",
        passed=is_enough and equal == len(found),
        details=_about(trial) | details,
    )


def check_identical_ids(
    trial: Trial, baseline: str, expected: Mapping[int, Hits], hits: Mapping[int, Hits]
) -> Proof:
    """Compare the hits of a lane with those of the baseline, query by query, as sets of ids.

    compared: queries that both lanes answered. equal: of those, same set of ids.
    tied: other ids, but with the same similarities, so that neither lane is wrong.
    """
    both = sorted(expected.keys() & hits.keys())
    equal = tied = 0
    for i in both:
        if set(expected[i][0]) == set(hits[i][0]):
            equal += 1
        elif _same_similarities(expected[i][1], hits[i][1]):
            tied += 1
    details = {"baseline": baseline, "compared": len(both), "equal": equal, "tied": tied}
    return Proof(
        name="identical_ids",
        passed=bool(both) and equal + tied == len(both),
        details=_about(trial) | details,
    )


def check_recall(
    trial: Trial, top_k: int, exact: Mapping[int, set[str]], hits: Mapping[int, Hits]
) -> Proof | None:
    """Share of hits that are among the exact nearest rows (recall@k); None when no query was answered.

    It passes at `MIN_RECALL`: an approximate index may miss some.

    Args:
        trial: The search that is checked.
        top_k: How many hits each query asked for.
        exact: As `exact_hits` gives it: the number of a query to the ids of its nearest rows.
        hits: What the trial found, by the number of the query.
    """
    answered = [i for i in exact if i in hits]
    if not answered:
        return None
    found = sum(len(exact[i] & set(hits[i][0])) for i in answered)
    recall = found / sum(min(top_k, len(exact[i])) for i in answered)
    details = {"recall": round(recall, 4), "top_k": top_k, "compared": len(answered)}
    return Proof(name="recall_at_k", passed=recall >= MIN_RECALL, details=_about(trial) | details)


def exact_hits(
    rows: Mapping[str, Sequence[float]], queries: Sequence[Sequence[float]], metric: str, top_k: int
) -> dict[int, set[str]]:
    """Ids of the `top_k` rows nearest to each of the first queries, by comparing with every row.

    Rows as near as the last of them belong to it too: any of those is a right answer.

    Args:
        rows: Each row's vector, by its id.
        queries: Vectors of the same length.
        metric: How near two vectors are: "COSINE", "IP" or "L2".
        top_k: How many hits each query asks for.
    """
    import numpy as np

    ids = list(rows)
    vectors = np.asarray(list(rows.values()), dtype=np.float32)
    if metric == "COSINE":
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = np.asarray(queries[:MAX_EXACT_QUERIES], dtype=np.float32) @ vectors.T
    if metric == "L2":
        scores = 2 * scores - (vectors**2).sum(axis=1)
    last = min(top_k, len(ids)) - 1
    least = np.partition(-scores, last, axis=1)[:, last]
    return {
        i: {ids[place] for place in np.flatnonzero(-row <= limit + TIE_TOLERANCE)}
        for i, (row, limit) in enumerate(zip(scores, least, strict=True))
    }


def proven(checks: Iterable[Proof], operation: str) -> dict[tuple[Any, ...], bool]:
    """Whether all checks of a lane passed, by (lane, count and the case's values)."""
    outcome: dict[tuple[Any, ...], bool] = {}
    for check in checks:
        if check.name in CHECKS_OF[operation]:
            key = tuple(check.details.get(name) for name in _KEY)
            outcome[key] = outcome.get(key, True) and check.passed
    return outcome


def key_of(trial: Trial) -> tuple[Any, ...]:
    """The key that `proven` has for a trial."""
    # Not by way of `_about`, which copies: a list of runs asks this of every trial.
    return tuple(getattr(trial if hasattr(trial, name) else trial.case, name) for name in _KEY)


def _about(trial: Trial) -> dict[str, Any]:
    return {"lane": trial.lane, "count": trial.count, "repeat": trial.repeat, **asdict(trial.case)}


def _same_similarities(left: list[float], right: list[float]) -> bool:
    return len(left) == len(right) and all(
        abs(a - b) <= TIE_TOLERANCE for a, b in zip(left, right, strict=True)
    )
