from __future__ import annotations

import random
from itertools import pairwise
from typing import Any, cast

import pytest

from core.documents.chunking import _fitting, chunk_document
from core.embedding import Embedder, EmbeddingModel
from core.records import Chunk, Document, Page


def _document(*texts: str, numbered: bool = True) -> Document:
    pages = tuple(Page(number=i if numbered else None, text=text) for i, text in enumerate(texts, start=1))
    return Document(id="d" * 32, file="file.txt", size_bytes=1, pages=pages)


WORDS = ["async", "calls", "overlap", "their", "waiting", "while", "one", "alone", "takes", "just", "longer"]


def _prose(num_sentences: int) -> str:
    chooser = random.Random(3)
    return " ".join(
        " ".join(chooser.choices(WORDS, k=chooser.randint(4, 30))).capitalize() + "."
        for _ in range(num_sentences)
    )


TEXTS = {
    "prose": _prose(120),
    "one long sentence": "word " * 2000,
    "no spaces": "x" * 30_000,
    "chinese": "异步不会让一次调用更快。" * 300,
    "emoji": "🙂🚀 " * 700,
    "numbers": ", ".join(f"{i}.{i * 7}" for i in range(1500)),
    "blank lines": "\n\n".join(["Short line"] * 400),
    "arabic": "التداخل لا يجعل النداء أسرع. " * 200,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_character_is_in_a_chunk_that_the_model_reads_whole(text: str, embedder: Embedder) -> None:
    chunks = chunk_document(_document(text), embedder)
    covered = [False] * len(text)
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert len(embedder.tokenizer.encode(chunk.text).ids) <= embedder.max_tokens
        covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    pairs = zip(text, covered, strict=True)
    missed = [char for char, is_covered in pairs if not is_covered and not char.isspace()]
    assert missed == []


def test_chunks_end_at_sentence_ends_and_overlap(embedder: Embedder) -> None:
    chunks = chunk_document(_document(TEXTS["prose"]), embedder)
    assert len(chunks) > 3
    assert all(chunk.text.endswith(".") and chunk.text[0].isupper() for chunk in chunks)
    overlaps = [before.end - after.start for before, after in pairwise(chunks)]
    assert any(overlap > 0 for overlap in overlaps)


def test_chunks_of_a_page_are_of_like_length(embedder: Embedder) -> None:
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), embedder)]
    assert min(lengths) > max(lengths) / 3


def test_chunks_keep_their_page_and_count_positions_through_the_document(embedder: Embedder) -> None:
    chunks = chunk_document(_document("First page.", "", "Third page."), embedder)
    assert [(chunk.page, chunk.position, chunk.text) for chunk in chunks] == [
        (1, 0, "First page."),
        (3, 1, "Third page."),
    ]


class LongReader:
    """A model that reads 8,192 tokens, on the tokenizer of another."""

    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model
        self.max_tokens = 8192

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def test_chunk_is_short_however_much_the_model_reads(embedder: Embedder) -> None:
    long_reader = Embedder(name="long", model=cast("EmbeddingModel", LongReader(embedder.model)))
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), long_reader)]
    assert len(lengths) > 1
    assert max(lengths) <= 512 < sum(lengths)


def test_chunk_ids_derive_from_content(embedder: Embedder) -> None:
    def ids(chunks: list[Chunk]) -> list[str]:
        return [chunk.id for chunk in chunks]

    first = ids(chunk_document(_document(_prose(40)), embedder))
    again = ids(chunk_document(_document(_prose(40)), embedder))
    other = ids(chunk_document(_document(_prose(41)), embedder))
    assert first == again
    assert len(set(first)) == len(first)
    assert first != other


def test_repeated_text_gives_chunks_of_different_ids(embedder: Embedder) -> None:
    chunks = chunk_document(_document("Same page.", "Same page."), embedder)
    assert chunks[0].text_hash == chunks[1].text_hash
    assert chunks[0].id != chunks[1].id


def test_span_over_the_budget_is_halved_until_it_fits_and_nothing_is_lost(embedder: Embedder) -> None:
    text = TEXTS["prose"]
    page = _document(text).pages[0]
    fitting = list(_fitting([(page, (0, len(text)))], embedder, 20))
    assert len(fitting) > 2
    assert max(num_tokens for _, _, num_tokens in fitting) <= 20
    pieces = [text[start:end] for _, (start, end), _ in fitting]
    assert "".join("".join(pieces).split()) == "".join(text.split())
