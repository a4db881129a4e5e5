"""core.bench.analysis.checks: recall and exact hits against what follows by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.bench.analysis.checks import (
    MAX_EXACT_QUERIES,
    check_identical_ids,
    check_recall,
    check_row_count,
    exact_hits,
    proven,
)
from core.bench.load.dataset import make_dataset
from core.bench.plan.conditions import Case
from core.store import Hits
from tests.bench_runs import make_trial
from tests.core.bench.analysis.test_speedups import checks_of

pytestmark = pytest.mark.portable


def rows_of(vectors: list[list[float]]) -> dict[str, list[float]]:
    return {f"n{i}": vector for i, vector in enumerate(vectors)}


@pytest.mark.parametrize(
    ("metric", "expected"), [("L2", {"n0", "n2"}), ("IP", {"n1", "n3"}), ("COSINE", {"n1", "n2"})]
)
def test_exact_hits_of_vectors_of_any_length_are_those_of_the_metric(metric: str, expected: set[str]) -> None:
    """Of unit vectors all three metrics give the same order; of these no two do."""
    vectors = [[0.9, 0.6], [9.0, 0.0], [2.0, 0.1], [7.0, 7.0]]
    assert exact_hits(rows_of(vectors), [[1.0, 0.0]], metric, 2) == {0: expected}


def test_exact_hits_by_distance_are_those_of_comparing_every_row() -> None:
    rng = np.random.default_rng(7)
    rows = (rng.standard_normal((50, 6)) * rng.uniform(0.1, 5.0, (50, 1))).tolist()
    queries = (rng.standard_normal((5, 6)) * 2).tolist()
    found = exact_hits(rows_of(rows), queries, "L2", 3)
    for i, query in enumerate(queries):
        distances = [sum((a - b) ** 2 for a, b in zip(row, query, strict=True)) for row in rows]
        nearest = sorted(range(50), key=distances.__getitem__)[:3]
        assert found[i] == {f"n{place}" for place in nearest}


def test_recall_with_fewer_rows_than_hits_asked_for_is_of_the_rows_there_are() -> None:
    exact = {0: {"a", "b"}, 1: {"a", "b"}}
    hits: dict[int, Hits] = {0: (["a", "b"], [1.0, 0.9]), 1: (["b", "a"], [1.0, 0.9])}
    check = check_recall(make_trial("async", 1.0), 3, exact, hits)
    assert check is not None
    assert (check.details["recall"], check.passed) == (1.0, True)


def test_recall_is_the_share_of_exact_rows_among_the_hits() -> None:
    exact = {0: {"a", "b"}, 1: {"c", "d"}, 2: {"e", "f"}}
    hits: dict[int, Hits] = {0: (["a", "x"], [1.0, 0.9]), 1: (["c", "d"], [1.0, 0.9])}
    check = check_recall(make_trial("async", 1.0), 2, exact, hits)
    assert check is not None
    assert (check.details["recall"], check.details["compared"], check.passed) == (0.75, 2, False)
    assert check_recall(make_trial("async", 1.0), 2, exact, {}) is None


@pytest.mark.parametrize("outcomes", [(False, True, True), (True, False, True), (True, True, False)])
def test_point_with_one_failed_check_is_not_proven(outcomes: tuple[bool, ...]) -> None:
    assert list(proven(checks_of(outcomes), "search").values()) == [False]
    assert list(proven(checks_of((True, True)), "search").values()) == [True]


def test_row_count_says_what_was_expected_and_of_which_trial() -> None:
    trial = make_trial("async-batch", 1.0, operation="add", repeat=2, num_ok=7, case=Case(rtt_ms=60))
    assert check_row_count(trial, 6).to_dict() == {
        "name": "row_count_after_add",
        "passed": False,
        "lane": "async-batch",
        "count": 10,
        "repeat": 2,
        "consistency": "Strong",
        "rtt_ms": 60,
        "concurrency": 64,
        "blocking": "",
        "expected": 7,
        "found": 6,
    }


@pytest.mark.parametrize(("distance", "is_tie"), [(0.0, True), (0.9e-6, True), (1.1e-6, False)])
def test_other_ids_are_a_tie_when_their_similarities_differ_by_no_more_than_float32_carries(
    distance: float, is_tie: bool
) -> None:
    for other in (0.5 + distance, 0.5 - distance):
        left, right = {0: (["a", "b"], [0.9, 0.5])}, {0: (["a", "c"], [0.9, other])}
        check = check_identical_ids(make_trial("async", 1.0), "sync", left, right)
        assert (check.passed, check.details["tied"]) == (is_tie, int(is_tie))


def test_fewer_hits_than_the_baseline_has_are_no_tie() -> None:
    for left, right in ((["a", "b"], ["a"]), (["a"], ["a", "b"])):
        expected, hits = {0: (left, [0.9, 0.9][: len(left)])}, {0: (right, [0.9, 0.9][: len(right)])}
        assert not check_identical_ids(make_trial("async", 1.0), "sync", expected, hits).passed


def test_one_query_with_other_hits_fails_the_check_however_many_are_identical() -> None:
    left: dict[int, Hits] = {i: (["a"], [0.9]) for i in range(100)}
    check = check_identical_ids(make_trial("async", 1.0), "sync", left, left | {7: (["b"], [0.8])})
    assert (check.passed, check.details["compared"], check.details["equal"]) == (False, 100, 99)


@pytest.mark.parametrize(("num_found", "passed"), [(8, False), (9, True)])
def test_recall_passes_from_nine_in_ten_on(num_found: int, passed: bool) -> None:
    exact = {0: {f"n{i}" for i in range(10)}}
    hits: dict[int, Hits] = {0: ([f"n{i}" for i in range(num_found)] + ["x"], [0.9] * (num_found + 1))}
    check = check_recall(make_trial("async", 1.0), 10, exact, hits)
    assert check is not None
    assert (check.name, check.passed, check.details["top_k"]) == ("recall_at_k", passed, 10)


def test_recall_has_four_digits_and_counts_ties_as_found() -> None:
    # Of three rows as near as the last, any one is right.
    exact = {0: {"a", "b", "c", "d"}, 1: {"e"}}
    hits: dict[int, Hits] = {0: (["a", "d"], [1.0, 0.5]), 1: (["x"], [0.1])}
    check = check_recall(make_trial("async", 1.0), 2, exact, hits)
    assert check is not None
    assert check.details["recall"] == 0.6667


def test_rows_as_near_as_the_last_exact_hit_belong_to_it() -> None:
    rows = [[1.0, 0.0], [0.6, 0.8], [0.6, -0.8], [0.6 - 9e-7, 0.8], [0.6 - 1e-5, 0.8], [0.0, 1.0]]
    assert exact_hits(rows_of(rows), [[1.0, 0.0]], "IP", 2) == {0: {"n0", "n1", "n2", "n3"}}


def test_exact_hits_of_fewer_rows_than_asked_for_are_all_rows() -> None:
    found = exact_hits(rows_of([[1.0, 0.0], [0.0, 1.0]]), [[1.0, 0.0], [1.0, 1.0]], "COSINE", 5)
    assert found == {0: {"n0", "n1"}, 1: {"n0", "n1"}}


def test_exact_hits_are_of_the_first_two_hundred_queries() -> None:
    assert MAX_EXACT_QUERIES == 200
    found = exact_hits(rows_of([[1.0, 0.0]]), [[1.0, 0.0]] * 201, "COSINE", 1)
    assert list(found) == list(range(200))


def test_proof_of_adding_is_none_of_searching() -> None:
    rows = check_row_count(make_trial("async", 1.0, operation="add"), 9)
    ids = checks_of((True,))[0]
    key = ("async", 10, "Strong", 0, 64, "")
    assert proven([rows, ids], "add") == {key: False}
    assert proven([rows, ids], "search") == {key: True}


@pytest.mark.parametrize("metric", ["COSINE", "IP", "L2"])
def test_exact_hits_are_the_nearest_rows(metric: str) -> None:
    dataset = make_dataset("random", 30, dim=8, seed=3)
    rows = np.array([node.embedding for node in dataset.nodes])
    query = np.array(dataset.queries[4])
    nearest = np.argsort(((rows - query) ** 2).sum(axis=1))[:3]
    found = exact_hits(dataset.vectors, dataset.queries, metric, 3)
    assert found[4] == {dataset.nodes[i].node_id for i in nearest}


@pytest.mark.parametrize(("found", "passed"), [(10, True), (9, False), (11, False)])
def test_row_count_of_a_whole_trial_is_exact(found: int, passed: bool) -> None:
    assert check_row_count(make_trial("sync", 1.0, operation="add"), found).passed is passed


@pytest.mark.parametrize(("found", "passed"), [(5, False), (6, True), (9, True), (10, False)])
def test_row_count_of_a_cut_trial_allows_for_what_was_on_its_way(found: int, passed: bool) -> None:
    trial = make_trial("async", 1.0, operation="add", num_ok=6, num_failed=1, num_cancelled=2, cut=True)
    assert check_row_count(trial, found).passed is passed


def test_identical_ids_compares_sets_and_knows_ties() -> None:
    left = {0: (["a", "b"], [1.0, 0.9]), 1: (["a", "b"], [1.0, 0.9]), 2: (["a"], [1.0])}
    same = {0: (["b", "a"], [1.0, 0.9]), 1: (["a", "c"], [1.0, 0.9]), 3: (["z"], [0.1])}
    check = check_identical_ids(make_trial("async", 1.0), "sync", left, same)
    assert check.passed
    found = {name: check.details[name] for name in ("lane", "baseline", "compared", "equal", "tied")}
    assert found == {"lane": "async", "baseline": "sync", "compared": 2, "equal": 1, "tied": 1}


def test_other_ids_with_other_similarities_fail_the_check() -> None:
    check = check_identical_ids(make_trial("async", 1.0), "sync", {0: (["a"], [1.0])}, {0: (["b"], [0.5])})
    assert not check.passed


def test_nothing_compared_is_no_proof() -> None:
    assert not check_identical_ids(make_trial("async", 1.0), "sync", {}, {}).passed
