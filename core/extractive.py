"""Answers without a language model: the sentences of the passages that match the question best."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

from core.citations import as_quotation
from core.records import Source
from core.sentences import split_sentences

if TYPE_CHECKING:
    from core.embedding import Embedder

NUM_SENTENCES = 3
# Shorter ones are headings, page numbers and crumbs of tables.
MIN_SENTENCE_CHARS = 25
SENTENCE_ENDS = tuple(".!?…。！？:;\"'”’»)]")


async def extract(question: str, sources: Sequence[Source], embedder: Embedder) -> AsyncGenerator[str, None]:
    """The best-matching sentences, best first, each as a paragraph that names its source."""
    for number, sentence in await _best_sentences(question, sources, embedder):
        yield f"{as_quotation(sentence)} [{number}]\n\n"


async def _best_sentences(
    question: str, sources: Sequence[Source], embedder: Embedder
) -> list[tuple[int, str]]:
    """Source number and sentence, best first, at most `NUM_SENTENCES`, none twice."""
    numbered = {
        sentence: source.number for source in reversed(sources) for sentence in _candidates(source.text)
    }
    if not numbered:
        return [(source.number, " ".join(source.text.split())) for source in sources[:1]]
    sentences = list(numbered)
    query = await embedder.aembed_query(question)
    scores = (await embedder.aembed(sentences)) @ query
    best = sorted(range(len(sentences)), key=lambda index: -scores[index])[:NUM_SENTENCES]
    return [(numbered[sentences[index]], sentences[index]) for index in best]


def _candidates(text: str) -> list[str]:
    """What can stand as an answer: whole sentences, or in tables and lists, which have none, lines."""
    parts = [part for part in split_sentences(text) if len(part) >= MIN_SENTENCE_CHARS]
    return [part for part in parts if part.endswith(SENTENCE_ENDS)] or [
        " ".join(line.split()) for line in text.splitlines() if len(line) >= MIN_SENTENCE_CHARS
    ]
