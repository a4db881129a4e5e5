"""Pages to chunks that the embedding model reads whole."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.documents.borders import cell_starts, header_at, is_in_row, page_breaks, row_key
from core.documents.models import Chunk, Document, Page
from core.documents.row_numbers import rows_label
from core.documents.tokenization import Tokenization, covering_spans, make_tokenizer, token_spans

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

# A model that reads a whole article would make one chunk of it: too much to find a fact by, or to quote.
MAX_CHUNK_TOKENS = 512
# Neighbours share an eighth of what the model reads, so that no fact falls between two chunks.
OVERLAP_DIVISOR = 8
# How many texts are checked at a time: what the tokenizer says of each takes some kB.
CHECKED_AT_ONCE = 256

# Start and end in a page's text.
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutter:
    """What cuts texts for one embedding model.

    Attributes:
        budget: A chunk's tokens, special ones and prompt aside.
    """

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
    before, never cross a page, and together hold every character that is not white space. A table is cut
    between its rows, and its columns' names are repeated; a row that is longer than a chunk is cut between
    its cells, and its first cell is repeated.
    """
    headers = _Headers(cutter)
    found = token_spans([page.text for page in document.pages], cutter.tokenizer)
    spans = [
        (page, span)
        for page, tokens in zip(document.pages, found, strict=True)
        for span in _page_spans(page, covering_spans(page.text, tokens), headers)
    ]
    places = _Places()
    for position, (page, span, num_tokens) in enumerate(_fitting(spans, cutter, headers)):
        chunk = _chunk(document, page, span, position, num_tokens, headers.of(page, span[0]))
        yield replace(chunk, label=places.of(page, span)) if page.rows else chunk


class _Places:
    """What the places of chunks of a sheet are called; these are asked for in their order."""

    def __init__(self) -> None:
        self._page: Page | None = None
        self._at = self._line = 0

    def of(self, page: Page, span: Span) -> str:
        """The page's label and the rows, as far as there are any."""
        if page is not self._page:
            self._page, self._at, self._line = page, 0, 0
        # From one chunk to the next: from the page's start each time would take minutes for a large sheet.
        self._line += page.text.count("\n", self._at, span[0])
        self._at = span[0]
        rows = rows_label(page.rows, self._line, self._line + page.text.count("\n", *span))
        return ", ".join(filter(None, (page.label, rows)))


class _Headers:
    """What chunks of a table repeat, as far as it leaves room: names of columns, a long row's first cell."""

    def __init__(self, cutter: Cutter) -> None:
        self.budget = cutter.budget
        self._tokenizer = cutter.tokenizer
        self._num_tokens: dict[str, int] = {"": 0}

    def of(self, page: Page, position: int) -> str:
        """What a chunk repeats that begins at `position`, with the sign that stands behind it."""
        header, key = header_at(page, position), row_key(page, position)
        lines = f"{header}\n" if header else ""
        found = (
            repeated for repeated in (lines + key, lines, key) if self.num_tokens(repeated) * 2 <= self.budget
        )
        return next(found, "")

    def num_tokens(self, header: str) -> int:
        """How many tokens a header takes of a chunk."""
        if header not in self._num_tokens:
            self._num_tokens[header] = len(self._tokenizer.encode(header, add_special_tokens=False).ids)
        return self._num_tokens[header]

    def text(self, page: Page, span: Span) -> str:
        """A chunk as the model reads it."""
        return self.of(page, span[0]) + page.text[span[0] : span[1]]


def _page_spans(page: Page, tokens: np.ndarray, headers: _Headers) -> list[Span]:
    """The chunks of one page, as stretches of its text.

    Args:
        page: Its text, with what is known of tables in it.
        tokens: Start and end of each token in the text, shape (tokens, 2).
        headers: The lines that chunks of a table repeat, and the room that each chunk has.
    """
    if not len(tokens):
        return []
    text = page.text
    # Token index at which each sentence starts.
    sentence_starts = sorted(set(tokens[:, 0].searchsorted(page_breaks(page)).tolist()))
    spans = []
    first = 0
    while first < len(tokens):
        budget = headers.budget - headers.num_tokens(headers.of(page, int(tokens[first, 0])))
        last = _cut(first, len(tokens), sentence_starts, tokens, budget)
        is_in_table = last < len(tokens) and is_in_row(page, int(tokens[last, 0]))
        if is_in_table:
            last = _row_start(first, last, sentence_starts)
        is_border = _is_among(last, sentence_starts)
        if is_in_table and not is_border:
            cell = _cell_start(page, tokens, first, last)
            last, is_border = (cell, True) if cell else (last, False)
        end = int(tokens[last, 0]) if last < len(tokens) else len(text)
        spans.append(_stripped(text, int(tokens[first, 0]), end))
        if last == len(tokens):
            break
        if is_in_table and is_border:
            # A row is whole in its chunk, or a cell of a longer row: no fact lies between two.
            first = last
        else:
            first = _overlap_start(first, last, sentence_starts, tokens, budget // OVERLAP_DIVISOR)
    return spans


def _row_start(first: int, last: int, starts: list[int]) -> int:
    """`last`, or where the row begins that it would cut, if that is behind `first`."""
    start = starts[bisect_right(starts, last) - 1] if starts and starts[0] <= last else first
    return start if start > first else last


def _cell_start(page: Page, tokens: np.ndarray, first: int, last: int) -> int:
    """Where the last cell begins that begins up to `last`, in the second half of the chunk; 0 for none."""
    middle, position = int(tokens[first + (last - first) // 2, 0]), int(tokens[last, 0])
    row = page.text.rfind("\n", 0, position) + 1
    starts = cell_starts(page, max(middle, row), position)
    return int(tokens[:, 0].searchsorted(starts[-1])) if starts else 0


def _is_among(number: int, ascending: list[int]) -> bool:
    at = bisect_left(ascending, number)
    return at < len(ascending) and ascending[at] == number


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


def _fitting(
    spans: list[tuple[Page, Span]], cutter: Cutter, headers: _Headers | None = None
) -> Iterator[tuple[Page, Span, int]]:
    """Check each span as the model will see it, and halve those that are over.

    A text's tokens are not always the tokens it had inside its page: a cut in mid-word adds some.
    """
    headers = headers or _Headers(cutter)
    for begin in range(0, len(spans), CHECKED_AT_ONCE):
        some = spans[begin : begin + CHECKED_AT_ONCE]
        texts = [headers.text(page, span) for page, span in some]
        encodings = cutter.tokenizer.encode_batch(texts, add_special_tokens=False)
        for (page, (start, end)), encoding in zip(some, encodings, strict=True):
            if len(encoding) <= cutter.budget or end - start < 2:
                yield page, (start, end), len(encoding)
            else:
                middle = (start + end) // 2
                halves = [_stripped(page.text, start, middle), _stripped(page.text, middle, end)]
                yield from _fitting([(page, half) for half in halves if half[0] < half[1]], cutter, headers)


def refit(chunks: Sequence[Chunk], cutter: Cutter) -> Iterator[Chunk]:
    """A document's chunks for another model: as they are, where it reads them whole, else cut again.

    Args:
        chunks: All of one document, in order. Positions, ids and tokens are counted anew.
        cutter: The other model's tokenizer, and how many tokens it reads.
    """
    position = 0
    for begin in range(0, len(chunks), CHECKED_AT_ONCE):
        some = chunks[begin : begin + CHECKED_AT_ONCE]
        encodings = cutter.tokenizer.encode_batch([chunk.text for chunk in some], add_special_tokens=False)
        for chunk, encoding in zip(some, encodings, strict=True):
            is_whole = len(encoding) <= cutter.budget
            for part in [replace(chunk, num_tokens=len(encoding))] if is_whole else _parts(chunk, cutter):
                yield replace(
                    part, position=position, id=_chunk_id(part.document_id, position, part.text_hash)
                )
                position += 1


def _parts(chunk: Chunk, cutter: Cutter) -> Iterator[Chunk]:
    """A chunk cut again. Where it repeats a table's header, the first part alone has it."""
    page = Page(number=chunk.page, text=chunk.text)
    alone = Document(id=chunk.document_id, file=chunk.file, size_bytes=0, pages=(page,))
    num_repeated = len(chunk.text) - (chunk.end - chunk.start)
    for part in chunk_document(alone, cutter):
        start, end = (chunk.start + max(0, at - num_repeated) for at in (part.start, part.end))
        yield replace(part, start=start, end=end, label=chunk.label)


def text_hash(text: str) -> str:
    """What tells texts of passages apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _chunk_id(document_id: str, position: int, hashed: str) -> str:
    return hashlib.sha256(f"{document_id}|{position}|{hashed}".encode()).hexdigest()[:32]


def _chunk(document: Document, page: Page, span: Span, position: int, num_tokens: int, header: str) -> Chunk:
    text = header + page.text[span[0] : span[1]]
    hashed = text_hash(text)
    return Chunk(
        id=_chunk_id(document.id, position, hashed),
        document_id=document.id,
        file=document.file,
        page=page.number,
        position=position,
        start=span[0],
        end=span[1],
        text=text,
        text_hash=hashed,
        num_tokens=num_tokens,
        label=page.label,
    )
