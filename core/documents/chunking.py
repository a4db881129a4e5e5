"""Pages to chunks that the embedding model reads whole."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.documents.models import Chunk, Document, Page, Tokenization
from core.documents.sentences import sentence_breaks
from core.documents.tokenization import covering_spans, make_tokenizer, token_spans

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

# A model that reads a whole article would make one chunk of it: too much to find a fact by, or to quote.
MAX_CHUNK_TOKENS = 512
# Neighbours share an eighth of what the model reads, so that no fact falls between two chunks.
OVERLAP_DIVISOR = 8
# So many texts are checked at a time: what the tokenizer says of each takes some kB.
CHECKED_AT_ONCE = 256

# Start and end in a page's text.
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutter:
    """What cuts texts for one embedding model. budget: a chunk's tokens, special ones and prompt aside."""

    tokenizer: Tokenizer
    budget: int

    @classmethod
    def of(cls, tokenization: Tokenization) -> Cutter:
        """For chunks of what the model reads, at most `MAX_CHUNK_TOKENS` tokens."""
        tokenizer = make_tokenizer(tokenization.tokenizer_json)
        reads = min(tokenization.max_tokens, MAX_CHUNK_TOKENS)
        return cls(tokenizer=tokenizer, budget=reads - len(tokenizer.encode(tokenization.text_prompt).ids))


def chunk_document(document: Document, cutter: Cutter) -> Iterator[Chunk]:
    """Split every page into chunks that the model reads whole.

    Chunks end at sentence ends where they can, share up to an eighth of the budget with the one
    before, never cross a page, and together hold every character that is not white space.
    """
    found = token_spans([page.text for page in document.pages], cutter.tokenizer)
    spans = [
        (page, span)
        for page, tokens in zip(document.pages, found, strict=True)
        for span in _page_spans(page.text, covering_spans(page.text, tokens), cutter.budget)
    ]
    for position, (page, span, num_tokens) in enumerate(_fitting(spans, cutter)):
        yield _chunk(document, page, span, position, num_tokens)


def _page_spans(text: str, tokens: np.ndarray, budget: int) -> list[Span]:
    """tokens: start and end of each, shape (tokens, 2)."""
    if not len(tokens):
        return []
    # Token index at which each sentence starts.
    sentence_starts = sorted(set(tokens[:, 0].searchsorted(sentence_breaks(text)).tolist()))
    spans = []
    first = 0
    while first < len(tokens):
        last = _cut(first, len(tokens), sentence_starts, tokens, budget)
        end = int(tokens[last, 0]) if last < len(tokens) else len(text)
        spans.append(_stripped(text, int(tokens[first, 0]), end))
        if last == len(tokens):
            break
        first = _overlap_start(first, last, sentence_starts, tokens, budget // OVERLAP_DIVISOR)
    return spans


def _cut(first: int, num_tokens: int, sentence_starts: list[int], tokens: np.ndarray, budget: int) -> int:
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
    return _word_start(high, low, tokens)


def _word_start(index: int, lowest: int, tokens: np.ndarray) -> int:
    """The nearest token at or before `index`, behind `lowest`, that does not continue a word."""
    starts, ends_before = tokens[lowest + 1 : index + 1, 0], tokens[lowest:index, 1]
    word_starts = (starts > ends_before).nonzero()[0]
    return lowest + 1 + int(word_starts[-1]) if len(word_starts) else index


def _overlap_start(
    first: int, last: int, sentence_starts: list[int], tokens: np.ndarray, overlap: int
) -> int:
    earliest = max(first + 1, last - overlap)
    sentence = bisect_left(sentence_starts, earliest)
    if sentence < len(sentence_starts) and sentence_starts[sentence] < last:
        return sentence_starts[sentence]
    is_sentence_end = last in sentence_starts[sentence : sentence + 1]
    return last if is_sentence_end else _word_start(earliest, first, tokens)


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _fitting(spans: list[tuple[Page, Span]], cutter: Cutter) -> Iterator[tuple[Page, Span, int]]:
    """Check each span as the model will see it, and halve those that are over.

    A text's tokens are not always the tokens it had inside its page: a cut in mid-word adds some.
    """
    for begin in range(0, len(spans), CHECKED_AT_ONCE):
        some = spans[begin : begin + CHECKED_AT_ONCE]
        texts = [page.text[start:end] for page, (start, end) in some]
        encodings = cutter.tokenizer.encode_batch(texts, add_special_tokens=False)
        for (page, (start, end)), encoding in zip(some, encodings, strict=True):
            if len(encoding) <= cutter.budget or end - start < 2:
                yield page, (start, end), len(encoding)
            else:
                middle = (start + end) // 2
                halves = [_stripped(page.text, start, middle), _stripped(page.text, middle, end)]
                yield from _fitting([(page, half) for half in halves if half[0] < half[1]], cutter)


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
