"""core.bench.verify: recall and exact hits against what follows by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.bench.data import Dataset
from core.bench.verify import check_recall, exact_hits, proven
from core.store import Hits
from tests.bench_runs import make_trial
from tests.test_summary import checks_of

pytestmark = pytest.mark.portable


def dataset_of(vectors: list[list[float]], queries: list[list[float]]) -> Dataset:
    from llama_index.core.schema import TextNode

    nodes = [TextNode(id_=f"n{i}", text="", embedding=vector) for i, vector in enumerate(vectors)]
    return Dataset(nodes=nodes, queries=queries)


@pytest.mark.parametrize(
    ("metric", "expected"), [("L2", {"n0", "n2"}), ("IP", {"n1", "n3"}), ("COSINE", {"n1", "n2"})]
)
def test_exact_hits_of_vectors_of_any_length_are_those_of_the_metric(metric: str, expected: set[str]) -> None:
    """Of unit vectors all three metrics give the same order; of these no two do."""
    vectors = [[0.9, 0.6], [9.0, 0.0], [2.0, 0.1], [7.0, 7.0]]
    assert exact_hits(dataset_of(vectors, [[1.0, 0.0]]), metric, 2) == {0: expected}


def test_exact_hits_by_distance_are_those_of_comparing_every_row() -> None:
    rng = np.random.default_rng(7)
    rows = (rng.standard_normal((50, 6)) * rng.uniform(0.1, 5.0, (50, 1))).tolist()
    queries = (rng.standard_normal((5, 6)) * 2).tolist()
    found = exact_hits(dataset_of(rows, queries), "L2", 3)
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
