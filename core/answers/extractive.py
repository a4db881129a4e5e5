"""Answers without a language model: the sentences of the passages that match the question best."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.answers.citations import as_quotation
from core.answers.models import Source
from core.documents.models import OLDER
from core.documents.sentences import split_sentences

if TYPE_CHECKING:
    from core.embedding.model import Embedder

NUM_SENTENCES = 3
# Shorter ones are headings, page numbers and crumbs of tables.
MIN_SENTENCE_CHARS = 25
SENTENCE_ENDS = tuple(".!?…。！？:;\"'”’»)]")
MARKDOWN_SUFFIXES = {".md", ".markdown"}
_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_LINE_START = re.compile(r"^(?:>\s*|#{1,6}\s+|[-*+]\s+|\d{1,3}[.)]\s+)+")
# Stars or underscores at the edge of a word: those with space or letters on both sides mean themselves.
_EMPHASIS = re.compile(r"(?<![\w*_])(?:\*{1,3}|_{1,3})(?=[^\s*_])|(?<=[^\s*_])(?:\*{1,3}|_{1,3})(?![\w*_])")


async def extract(question: str, sources: Sequence[Source], embedder: Embedder) -> AsyncGenerator[str, None]:
    """The best-matching sentences, best first, each as a paragraph that names its source.

    Those of older versions come last, and say so.
    """
    by_number = {source.number: source for source in sources}
    best = await _best_sentences(question, sources, embedder)
    for number, sentence in sorted(best, key=lambda each: by_number[each[0]].is_older):
        source = by_number[number]
        is_markdown = PurePath(source.file).suffix.lower() in MARKDOWN_SUFFIXES
        shown = without_marks(sentence) if is_markdown else sentence
        older = f" ({OLDER})" if source.is_older else ""
        yield f"{as_quotation(shown)} [{number}]{older}\n\n"


def without_marks(sentence: str) -> str:
    """A sentence of a Markdown file as it is read: without marks of emphasis, code, links and lists."""
    codes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        codes.append(match[2].strip() or match[0])
        return f"\x00{len(codes) - 1}\x00"

    text = _CODE.sub(keep, _LINE_START.sub("", sentence).replace("\x00", ""))
    text = _LINK.sub(r"\1", text)
    marks = _EMPHASIS.findall(text)
    # One that has no partner, in **kwargs say, is no mark.
    if len(marks) % 2 == 0:
        text = _EMPHASIS.sub("", text)
    return re.sub("\x00(\\d+)\x00", lambda match: codes[int(match[1])], text)


async def _best_sentences(
    question: str, sources: Sequence[Source], embedder: Embedder
) -> list[tuple[int, str]]:
    """Source number and sentence, best first, at most `NUM_SENTENCES`, none twice."""
    # The last one keeps the sentence: the first of those that are not older.
    last_first = sorted(sources, key=lambda source: (not source.is_older, -source.number))
    numbered = {sentence: source.number for source in last_first for sentence in _candidates(source.text)}
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
