"""BM25 over arrays gives what BM25 is, however the passages came in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from core.store.postings import EXACT_WEIGHT, K1, NAME_WEIGHT, B, Postings

pytestmark = pytest.mark.portable


class Filled:
    """Postings of passages that are lists of words; each word is its own term."""

    def __init__(self) -> None:
        self.postings = Postings()
        self.num_passages = 0
        self._tokens: dict[str, int] = {}

    def add(self, *passages: Sequence[str]) -> Filled:
        """Add them as one segment."""
        rows = []
        for words in passages:
            for word in words:
                if word not in self._tokens:
                    self._tokens[word] = len(self._tokens)
                    self.postings.learn([word])
            counts = Counter(self._tokens[word] for word in words)
            tokens, times = list(counts), list(counts.values())
            rows.append((self.num_passages, np.asarray(tokens), np.asarray(times)))
            self.num_passages += 1
        self.postings.append(rows, self.num_passages)
        return self

    def scores(self, *words: str) -> list[float]:
        """BM25 of each passage for these words."""
        bm25, _ = self.postings.scores([frozenset((word,)) for word in words], self.num_passages)
        return [float(value) for value in bm25]


def idf(num_with: int, num_passages: int) -> float:
    return math.log(1 + (num_passages - num_with + 0.5) / (num_with + 0.5))


def test_score_is_bm25_as_a_share_of_the_most_that_it_could_be() -> None:
    passages = [["bread", "flour", "bread"], ["bread"], *[["boat"] * 2] * 18]
    found = Filled().add(*passages).scores("bread", "flour")
    mean = sum(map(len, passages)) / len(passages)
    of_bread, of_flour = idf(2, 20), idf(1, 20)

    def saturation(count: int, length: int) -> float:
        return count / (count + K1 * (1 - B + B * length / mean))

    first = (of_bread * saturation(2, 3) + of_flour * saturation(1, 3)) / (of_bread + of_flour)
    second = of_bread * saturation(1, 1) / (of_bread + of_flour)
    assert found[:3] == pytest.approx([first, second, 0.0], rel=1e-5)


def test_share_tells_how_much_of_the_question_s_weight_a_passage_has() -> None:
    filled = Filled().add(["bread", "flour"], ["bread"], *[["boat"]] * 18)
    _, share = filled.postings.scores([frozenset(("bread",)), frozenset(("flour",))], 20)
    assert share[0] == pytest.approx(1.0)
    assert share[1] == pytest.approx(idf(2, 20) / (idf(2, 20) + idf(1, 20)))
    assert share[2] == 0


def test_segments_that_become_one_keep_every_passage_once() -> None:
    words = [["rare"] if n == 11 else ["bread", f"w{n}"] for n in range(40)]
    one_by_one = Filled()
    for each in words:
        one_by_one.add(each)
    assert sorted(one_by_one.postings.passages_of("bread")) == [n for n in range(40) if n != 11]
    assert list(one_by_one.postings.passages_of("rare")) == [11]
    assert len(one_by_one.postings._segments) <= 7, "few stay, whatever comes in bit by bit"
    assert list(one_by_one.postings.passages_of("unknown")) == []


def test_forms_of_one_word_count_as_one_word() -> None:
    filled = Filled().add(["boat"], ["boats"], *[["bread"]] * 18)
    both, _ = filled.postings.scores([frozenset(("boat", "boats"))], 20)
    assert both[0] == pytest.approx(both[1]) and both[2] == 0


@pytest.mark.parametrize(("num_with", "counts"), [(60, True), (100, False)])
def test_word_that_very_many_passages_have_says_nothing(num_with: int, counts: bool) -> None:
    passages = [["milvus", f"w{n}"] if n < num_with else [f"w{n}"] for n in range(240)]
    assert bool(Filled().add(*passages).scores("milvus")[0]) is counts


def test_in_few_passages_no_word_is_common() -> None:
    assert Filled().add(*[["milvus"]] * 30).scores("milvus")[0] > 0


@pytest.mark.parametrize(
    ("term", "weight"),
    [("8.14.0", NAME_WEIGHT), ("e-101", NAME_WEIGHT), ("1887", EXACT_WEIGHT), ("lamp", 1.0)],
)
def test_number_counts_for_more_than_a_word_as_rare_and_a_name_for_most(term: str, weight: float) -> None:
    filled = Filled().add([term], ["bread"], *[["boat"]] * 18)
    _, share = filled.postings.scores([frozenset((term,)), frozenset(("bread",))], 20)
    assert share[0] == pytest.approx(weight / (weight + 1))


def test_name_that_no_passage_has_counts_only_where_it_has_one_form() -> None:
    filled = Filled().add(["bread"], *[["boat"]] * 19)
    _, one_form = filled.postings.scores([frozenset(("bread",)), frozenset(("8.14.0",))], 20)
    _, many_forms = filled.postings.scores([frozenset(("bread",)), frozenset(("28.05.2025",))], 20)
    assert one_form[0] < many_forms[0] < 1


def test_question_without_terms_scores_nothing() -> None:
    filled = Filled().add(["bread"])
    assert filled.scores() == [0.0]
    empty, _ = filled.postings.scores([frozenset()], 1)
    assert list(empty) == [0.0]
