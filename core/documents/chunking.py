"""Pages to chunks that the embedding model reads whole."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.records import Chunk, Document, Page
from core.sentences import sentence_breaks

if TYPE_CHECKING:
    from core.embedding import Embedder

# Neighbours share an eighth of what the model reads, so that no fact falls between two chunks.
OVERLAP_DIVISOR = 8
# A run of characters without a space counts as one token per this many characters: tokenizers turn
# it into a single "unknown" however long it is, and Milvus stores at most 65,535 bytes of text.
LONG_TOKEN_CHARS = 64
# Tokens of so many characters at a time: all of a 10 MB file's at once would take a GB.
PART_CHARS = 50_000
_SPACE = re.compile(r"[ \t\r\n]")

# Start and end in a page's text.
Span = tuple[int, int]


def chunk_document(document: Document, embedder: Embedder) -> list[Chunk]:
    """Split every page into chunks of at most `embedder.max_tokens` tokens.

    Chunks end at sentence ends where they can, share up to an eighth of that with the one
    before, never cross a page, and together hold every character that is not white space.
    """
    budget = embedder.max_tokens - len(embedder.tokenizer.encode(embedder.text_prompt).ids)
    spans = [
        (page, span) for page in document.pages for span in _page_spans(page.text, embedder.tokenizer, budget)
    ]
    return [
        _chunk(document, page, span, position, num_tokens)
        for position, (page, span, num_tokens) in enumerate(_fitting(spans, embedder, budget))
    ]


def _page_spans(text: str, tokenizer: Any, budget: int) -> list[Span]:
    offsets = _token_offsets(text, tokenizer)
    if not offsets:
        return []
    starts = [start for start, _ in offsets]
    # Token index at which each sentence starts.
    sentence_starts = sorted({bisect_left(starts, position) for position in sentence_breaks(text)})
    spans = []
    first = 0
    while first < len(offsets):
        last = _cut(first, len(offsets), sentence_starts, offsets, budget)
        end = starts[last] if last < len(offsets) else len(text)
        spans.append(_stripped(text, starts[first], end))
        if last == len(offsets):
            break
        first = _overlap_start(first, last, sentence_starts, offsets, budget // OVERLAP_DIVISOR)
    return spans


def _token_offsets(text: str, tokenizer: Any) -> list[Span]:
    """Character range of each token; long ones are cut, and gaps other than white space are filled."""
    offsets: list[Span] = []
    covered = 0
    for start, end in token_spans(text, tokenizer):
        if end <= covered:
            continue  # byte-level tokenizers give several tokens for one character
        if text[covered:start].strip():
            offsets.extend(_pieces(covered, start))
        offsets.extend(_pieces(max(start, covered), end))
        covered = end
    if text[covered:].strip():
        offsets.extend(_pieces(covered, len(text)))
    return offsets


def token_spans(text: str, tokenizer: Any, *, part_chars: int = PART_CHARS) -> Iterator[Span]:
    """Character range of each token of a text of any length, which is taken part by part."""
    start = 0
    while start < len(text):
        # Only before a space, where tokenizers cut too: the tokens are those of the whole text.
        space = _SPACE.search(text, start + part_chars)
        end = space.start() if space else len(text)
        # Unlike `encode`, this lets the other threads run: 10 MB would hold up every visitor for seconds.
        (encoding,) = tokenizer.encode_batch([text[start:end]], add_special_tokens=False)
        for first, last in encoding.offsets:
            yield start + first, start + last
        start = end


def _pieces(start: int, end: int) -> list[Span]:
    borders = [*range(start, end, LONG_TOKEN_CHARS), end]
    return list(pairwise(borders))


def _cut(first: int, num_tokens: int, sentence_starts: list[int], offsets: list[Span], budget: int) -> int:
    """The token index at which the chunk that starts at `first` ends (exclusive)."""
    remaining = num_tokens - first
    if remaining <= budget:
        return num_tokens
    # Equal shares: a full chunk followed by a crumb would make the crumb hard to find.
    num_chunks = -(-remaining // (budget - budget // OVERLAP_DIVISOR))
    share = min(budget, -(-remaining // num_chunks) + budget // OVERLAP_DIVISOR)
    low, high = first + share // 2, first + budget
    candidates = sentence_starts[bisect_left(sentence_starts, low) : bisect_right(sentence_starts, high)]
    if candidates:
        return min(candidates, key=lambda index: abs(index - first - share))
    return _word_start(high, low, offsets)


def _word_start(index: int, lowest: int, offsets: list[Span]) -> int:
    """The nearest token at or before `index` that does not continue a word."""
    for candidate in range(index, lowest, -1):
        if offsets[candidate][0] > offsets[candidate - 1][1]:
            return candidate
    return index


def _overlap_start(
    first: int, last: int, sentence_starts: list[int], offsets: list[Span], overlap: int
) -> int:
    earliest = max(first + 1, last - overlap)
    sentence = bisect_left(sentence_starts, earliest)
    if sentence < len(sentence_starts) and sentence_starts[sentence] < last:
        return sentence_starts[sentence]
    is_sentence_end = last in sentence_starts[sentence : sentence + 1]
    return last if is_sentence_end else _word_start(earliest, first, offsets)


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _fitting(
    spans: list[tuple[Page, Span]], embedder: Embedder, budget: int
) -> Iterator[tuple[Page, Span, int]]:
    """Check each span as the model will see it, and halve those that are over.

    A text's tokens are not always the tokens it had inside its page: a cut in mid-word adds some.
    """
    encodings = embedder.tokenizer.encode_batch(
        [page.text[start:end] for page, (start, end) in spans], add_special_tokens=False
    )
    for (page, (start, end)), encoding in zip(spans, encodings, strict=True):
        num_tokens = len(encoding.ids)
        if num_tokens <= budget or end - start < 2:
            yield page, (start, end), num_tokens
        else:
            middle = (start + end) // 2
            halves = [_stripped(page.text, start, middle), _stripped(page.text, middle, end)]
            yield from _fitting([(page, half) for half in halves if half[0] < half[1]], embedder, budget)


def _chunk(document: Document, page: Page, span: Span, position: int, num_tokens: int) -> Chunk:
    text = page.text[span[0] : span[1]]
    text_hash = hashlib.sha256(text.encode()).hexdigest()[:32]
    identity = f"{document.id}|{position}|{text_hash}"
    return Chunk(
        id=hashlib.sha256(identity.encode()).hexdigest()[:32],
        document_id=document.id,
        file=document.file,
        page=page.number,
        position=position,
        start=span[0],
        end=span[1],
        text=text,
        text_hash=text_hash,
        num_tokens=num_tokens,
    )
