from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from core.documents.chunking import Cutter
from core.documents.tokenization import (
    LONG_TOKEN_CHARS,
    PART_CHARS,
    covering_spans,
    token_spans,
    unknown_share,
)
from tests.core.documents.test_chunking import TEXTS


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_tokens_of_a_text_in_parts_are_those_of_the_whole_text(text: str, cutter: Cutter) -> None:
    whole = cutter.tokenizer.encode(text, add_special_tokens=False).offsets
    (spans,) = token_spans([text], cutter.tokenizer, part_chars=100)
    assert [tuple(span) for span in spans.tolist()] == whole


_CHOOSER = random.Random(5)
WITHOUT_SPACES = {
    "one word": "x" * 9_000,
    "a word behind others": "One, two, " + "x" * 9_000,
    "words and marks": "".join(_CHOOSER.choices("abcdef0123+/", k=9_000)),
    "marks": "." * 9_000,
    "chinese": "异步不会让一次调用更快" * 800,
    "emoji": "🙂🚀" * 4_500,
    "spaces at last": "a+b" * 3_000 + " and words" * 10,
}


@pytest.mark.parametrize("text", WITHOUT_SPACES.values(), ids=WITHOUT_SPACES.keys())
def test_text_without_spaces_is_covered_in_parts_as_in_one(text: str, cutter: Cutter) -> None:
    """In one go the tokenizer takes a GB for a million characters."""
    tokenizer = PartsTokenizer(cutter)
    (whole,) = token_spans([text], cutter.tokenizer)
    (in_parts,) = token_spans([text], tokenizer, part_chars=500, long_run_chars=2_000)
    assert covering_spans(text, in_parts).tolist() == covering_spans(text, whole).tolist()
    assert sum(tokenizer.lengths) == len(text)
    assert max(tokenizer.lengths) <= 2_600


def test_tokens_of_several_texts_are_those_of_each(cutter: Cutter) -> None:
    texts = ["One page.", "", *TEXTS.values()]
    together = token_spans(texts, cutter.tokenizer, part_chars=1000)
    alone = [token_spans([text], cutter.tokenizer)[0] for text in texts]
    assert [spans.tolist() for spans in together] == [spans.tolist() for spans in alone]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("The lighthouse is 37 m high.", 0.0),
        ("", 0.0),
        # Letters that BERT's vocabulary has, and six that it has not.
        ("abcdef 龘靐齉爩麤龗", 0.5),
        # Far more than is looked at: what lies at its end counts as what lies at its beginning.
        ("known " * 100_000 + "龘靐齉爩龗 " * 100_000, 0.5),
    ],
)
def test_share_that_the_model_does_not_know_is_of_characters(text: str, share: float, cutter: Cutter) -> None:
    assert unknown_share([text], cutter.tokenizer) == pytest.approx(share, abs=0.01)


def test_share_of_several_texts_is_that_of_all_together(cutter: Cutter) -> None:
    assert unknown_share(["known", "", "龘靐齉爩龗"], cutter.tokenizer) == pytest.approx(0.5)


class PartsTokenizer:
    """The real tokenizer, which keeps the lengths of the texts that it was given."""

    def __init__(self, cutter: Cutter) -> None:
        self._tokenizer = cutter.tokenizer
        self.lengths: list[int] = []

    def encode_batch(self, texts: list[str], *, add_special_tokens: bool) -> Any:
        self.lengths += [len(text) for text in texts]
        return self._tokenizer.encode_batch(texts, add_special_tokens=add_special_tokens)


def test_long_text_is_never_tokenized_in_one_go(cutter: Cutter) -> None:
    """The tokenizer's answer for 10 MB at once is a GB, and the app stands still meanwhile."""
    tokenizer, text = PartsTokenizer(cutter), TEXTS["prose"] * 40
    (spans,) = token_spans([text], tokenizer)
    assert len(spans) > 60_000
    assert sum(tokenizer.lengths) == len(text)
    assert max(tokenizer.lengths) < PART_CHARS + 20


def _covering(text: str, spans: list[tuple[int, int]]) -> list[str]:
    found = covering_spans(text, np.array(spans, dtype=np.int64).reshape(-1, 2))
    return [text[start:end] for start, end in found.tolist()]


@pytest.mark.parametrize(
    ("text", "spans", "covering"),
    [
        ("one two", [(0, 3), (4, 7)], ["one", "two"]),
        ("a\ufffdb c", [(2, 3), (4, 5)], ["a\ufffd", "b", "c"]),
        ("one \x01 ", [(0, 3)], ["one", " \x01 "]),
        ("🙂a", [(0, 1), (0, 1), (0, 1), (1, 2)], ["🙂", "a"]),
        ("abc", [(0, 2), (1, 3)], ["ab", "c"]),
        ("x" * 150 + " y", [(0, 150), (151, 152)], ["x" * LONG_TOKEN_CHARS] * 2 + ["x" * 22, "y"]),
        ("\x01" * 100, [], ["\x01" * LONG_TOKEN_CHARS, "\x01" * 36]),
        (" \n ", [], []),
        ("", [], []),
    ],
    ids=[
        "words",
        "gap",
        "end",
        "tokens of one character",
        "overlap",
        "long",
        "no token",
        "white space",
        "empty",
    ],
)
def test_covering_spans_hold_all_but_white_space_once(
    text: str, spans: list[tuple[int, int]], covering: list[str]
) -> None:
    assert _covering(text, spans) == covering
