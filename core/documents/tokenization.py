"""Where the tokens of texts are, as the embedding model's own tokenizer cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

# A run of characters without a space counts as one token per this many characters: tokenizers turn
# it into a single "unknown" however long it is, and Milvus stores at most 65,535 bytes of text.
LONG_TOKEN_CHARS = 64
# How many characters are made tokens at a time, on several cores: all of a 10 MB file would take a GB, and
# ten where no space is between them.
PART_CHARS = 50_000
CHARS_AT_ONCE = 16 * PART_CHARS
# A longer text without a space is taken part by part too.
LONG_RUN_CHARS = 10 * PART_CHARS
SPANS_AT_ONCE = 100_000
# At most this many parts of a text, each of as many characters, stand for all of it.
MAX_SAMPLES = 64
SAMPLE_CHARS = 1_000
# What tokenizers call a piece of text that they have no entry for.
_UNKNOWN = ("[UNK]", "<unk>")
_SPACE = re.compile(r"[ \t\r\n]")
_PUNCTUATION = r"!-/:-@\[-`{-~"
_WORD_END = re.compile(rf"[^\W_](?=[{_PUNCTUATION}])")
_UP_TO_LAST_WORD = re.compile(rf".*[\s{_PUNCTUATION}]", re.DOTALL)

# Index of a text, start and end in it.
Part = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokenization:
    """How an embedding model takes a text, as far as cutting texts for it needs to know.

    Attributes:
        tokenizer_json: Its tokenizer, as the `tokenizers` library writes it.
        max_tokens: What it reads of a text, special tokens included; what lies behind is ignored.
        text_prompt: What it wants before every text; most want nothing.
    """

    tokenizer_json: str
    max_tokens: int
    text_prompt: str = ""


def make_tokenizer(tokenizer_json: str) -> Tokenizer:
    """A tokenizer that neither truncates nor pads, whatever the model that wrote it does."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_spans(
    texts: Sequence[str],
    tokenizer: Any,
    *,
    part_chars: int = PART_CHARS,
    long_run_chars: int = LONG_RUN_CHARS,
) -> list[np.ndarray]:
    """Start and end of each token of each text, shape (tokens, 2), in characters, as the tokenizer says.

    Texts may be of any length: they are taken part by part.
    """
    import numpy as np

    spans = [[np.empty((0, 2), dtype=np.int64)] for _ in texts]
    parts = (
        (index, *part)
        for index, text in enumerate(texts)
        for part in _parts(text, part_chars, long_run_chars)
    )
    for batch in _batches(parts):
        # Unlike `encode`, this lets the other threads run: one ends the process when its parent has ended.
        encodings = tokenizer.encode_batch(
            [texts[index][start:end] for index, start, end in batch], add_special_tokens=False
        )
        for (index, start, _), encoding in zip(batch, encodings, strict=True):
            numbers = np.fromiter(chain.from_iterable(encoding.offsets), np.int64)
            spans[index].append(numbers.reshape(-1, 2) + start)
    return [np.concatenate(own) for own in spans]


def unknown_share(texts: Sequence[str], tokenizer: Tokenizer) -> float:
    """The share of the characters of `texts` that are in tokens the tokenizer has no entry for, 0 to 1.

    Such a word is as good as not there: the model sees that something stands there, and not what. Long
    texts are judged by parts that lie evenly over all of them.
    """
    unknown = {tokenizer.token_to_id(name) for name in _UNKNOWN}
    parts = [(text, start) for text in texts for start in range(0, len(text), SAMPLE_CHARS)]
    # Every n-th part, with n rounded up.
    samples = parts[:: -(-len(parts) // MAX_SAMPLES) or 1]
    lengths = {True: 0, False: 0}
    for encoding in tokenizer.encode_batch(
        [text[start : start + SAMPLE_CHARS] for text, start in samples], add_special_tokens=False
    ):
        for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            lengths[token in unknown] += end - start
    return lengths[True] / max(1, sum(lengths.values()))


def _parts(text: str, part_chars: int, long_run_chars: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        wanted = start + part_chars
        # Only before a space, where tokenizers cut too: the tokens are those of the whole text.
        space = _SPACE.search(text, wanted, wanted + long_run_chars)
        if space:
            end = space.start()
        elif wanted + long_run_chars < len(text):
            end = _end_in_long_run(text, start, wanted)
        else:
            end = len(text)
        yield start, end
        start = end


def _end_in_long_run(text: str, start: int, wanted: int) -> int:
    """Where a part may end that starts at `start`, when no space comes for long after `wanted`.

    Before a punctuation mark, where most tokenizers cut; else where a word of that length, which they
    do not know, is cut by `covering_spans`.
    """
    word_end = _WORD_END.search(text, wanted, wanted + wanted - start)
    if word_end:
        return word_end.end()
    before = _UP_TO_LAST_WORD.match(text, start, wanted)
    word = before.end() if before else start
    return word - (word - wanted) // LONG_TOKEN_CHARS * LONG_TOKEN_CHARS


def _batches(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts together, until they have `CHARS_AT_ONCE` characters."""
    batch: list[Part] = []
    num_chars = 0
    for part in parts:
        batch.append(part)
        num_chars += part[2] - part[1]
        if num_chars >= CHARS_AT_ONCE:
            yield batch
            batch, num_chars = [], 0
    if batch:
        yield batch


def covering_spans(text: str, spans: np.ndarray) -> np.ndarray:
    """The tokens' spans, made to hold every character of `text` that is not white space exactly once.

    Long ones are cut, gaps are filled, and of several tokens for one character the first is kept.
    """
    import numpy as np

    starts, ends = spans[:, 0], spans[:, 1]
    # Up to where the tokens before each one reach.
    reached = np.maximum.accumulate(np.concatenate([[0], ends]))
    is_new = ends > reached[:-1]
    starts, ends = np.maximum(starts, reached[:-1])[is_new], ends[is_new]
    gaps = np.stack([np.concatenate([[0], ends]), np.concatenate([starts, [len(text)]])], axis=1)
    gaps = gaps[gaps[:, 0] < gaps[:, 1]]
    is_long = ends - starts > LONG_TOKEN_CHARS
    long_ones = zip(starts[is_long].tolist(), ends[is_long].tolist(), strict=True)
    pieces = [piece for span in chain(_with_text(text, gaps), long_ones) for piece in _pieces(*span)]
    kept = np.stack([starts, ends], axis=1)[~is_long]
    whole = np.concatenate([kept, np.array(pieces, dtype=np.int64).reshape(-1, 2)])
    return whole[np.argsort(whole[:, 0])] if pieces else whole


def _with_text(text: str, spans: np.ndarray) -> Iterator[tuple[int, int]]:
    """Those of `spans` that are not white space alone."""
    # A 10 MB file has a million gaps, one behind each word: all as Python's own numbers take 200 MB.
    for first in range(0, len(spans), SPANS_AT_ONCE):
        for start, end in spans[first : first + SPANS_AT_ONCE].tolist():
            if not text[start:end].isspace():
                yield start, end


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    for first in range(start, end, LONG_TOKEN_CHARS):
        yield first, min(first + LONG_TOKEN_CHARS, end)
