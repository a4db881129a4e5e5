from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from core.documents.chunking import Cutter, _fitting, chunk_document
from core.embedding import Embedder
from core.records import Document, Page
from tests.chunk_ids import in_short


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
def test_every_character_is_in_a_chunk_that_the_model_reads_whole(
    text: str, cutter: Cutter, embedder: Embedder
) -> None:
    chunks = list(chunk_document(_document(text), cutter))
    covered = [False] * len(text)
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert len(cutter.tokenizer.encode(chunk.text).ids) <= embedder.max_tokens
        covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    pairs = zip(text, covered, strict=True)
    missed = [char for char, is_covered in pairs if not is_covered and not char.isspace()]
    assert missed == []


def test_chunks_end_at_sentence_ends_and_overlap(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document(TEXTS["prose"]), cutter))
    assert len(chunks) > 3
    assert all(chunk.text.endswith(".") and chunk.text[0].isupper() for chunk in chunks)
    overlaps = [before.end - after.start for before, after in pairwise(chunks)]
    assert any(overlap > 0 for overlap in overlaps)


def test_chunks_of_a_page_are_of_like_length(cutter: Cutter) -> None:
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), cutter)]
    assert min(lengths) > max(lengths) / 3


def test_chunks_keep_their_page_and_count_positions_through_the_document(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document("First page.", "", "Third page."), cutter))
    assert [(chunk.page, chunk.position, chunk.text) for chunk in chunks] == [
        (1, 0, "First page."),
        (3, 1, "Third page."),
    ]


def test_chunk_is_short_however_much_the_model_reads(embedder: Embedder) -> None:
    long_reader = Cutter.of(replace(embedder.tokenization, max_tokens=8192))
    lengths = [chunk.num_tokens for chunk in chunk_document(_document(TEXTS["prose"]), long_reader)]
    assert len(lengths) > 1
    assert max(lengths) <= 512 < sum(lengths)


def test_chunk_ids_derive_from_content(cutter: Cutter) -> None:
    def ids(num_sentences: int) -> list[str]:
        return [chunk.id for chunk in chunk_document(_document(_prose(num_sentences)), cutter)]

    first, again, other = ids(40), ids(40), ids(41)
    assert first == again
    assert len(set(first)) == len(first)
    assert first != other


# As they were when first written down: a file that is in a knowledge base must find its chunks there.
KNOWN = {
    "prose": (12, "23fa0a69acc8a15a"),
    "one long sentence": (9, "5152a1a8b2ab7660"),
    "no spaces": (2, "e9099aa162f65fa9"),
    "chinese": (17, "6dec5df17c8dfe2b"),
    "emoji": (3, "a01c940d553ad1dd"),
    "numbers": (40, "ee976730d25e94ce"),
    "blank lines": (4, "6def6a8dfa96456b"),
    "arabic": (23, "9422352183b0a8ab"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_chunk_ids_are_those_of_knowledge_bases_that_exist(name: str, cutter: Cutter) -> None:
    assert in_short(chunk_document(_document(TEXTS[name]), cutter)) == KNOWN[name]


def test_repeated_text_gives_chunks_of_different_ids(cutter: Cutter) -> None:
    chunks = list(chunk_document(_document("Same page.", "Same page."), cutter))
    assert chunks[0].text_hash == chunks[1].text_hash
    assert chunks[0].id != chunks[1].id


def test_span_over_the_budget_is_halved_until_it_fits_and_nothing_is_lost(cutter: Cutter) -> None:
    text = TEXTS["prose"]
    page = _document(text).pages[0]
    fitting = list(_fitting([(page, (0, len(text)))], replace(cutter, budget=20)))
    assert len(fitting) > 2
    assert max(num_tokens for _, _, num_tokens in fitting) <= 20
    pieces = [text[start:end] for _, (start, end), _ in fitting]
    assert "".join("".join(pieces).split()) == "".join(text.split())
