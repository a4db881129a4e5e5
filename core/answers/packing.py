"""Passages packed into as few requests as the language model's window allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.answers.models import Source
from core.answers.prompts import QUESTION, REFINE_QUESTION, RULES, quoted

# Left for the answer; a draft that is refined takes as much once more.
ANSWER_TOKENS = 512
MIN_ROOM_TOKENS = 256
# Tokens are counted as OpenAI's models do; others cut words into more.
TOKENS_MARGIN = 1.15
_SEPARATOR = "\n\n"

CountTokens = Callable[[str], int]


def token_counter() -> CountTokens:
    """Counts the tokens of a text, on the safe side."""
    from llama_index.core.utils import get_tokenizer

    tokenize = get_tokenizer()
    return lambda text: int(len(tokenize(text)) * TOKENS_MARGIN) + 1


def needed_tokens(sources: Sequence[Source], question: str, count: CountTokens) -> int:
    """How much a model must read to answer from all passages in one request."""
    passages = sum(count(quoted(source) + _SEPARATOR) for source in sources)
    return passages + count(RULES + QUESTION + question) + ANSWER_TOKENS


def packed(sources: Sequence[Source], question: str, window: int, count: CountTokens) -> list[str]:
    """The quoted passages, in one text for each request.

    Each passage is whole, and inside of its own quotation; one that fits in no request is shortened there.
    """
    if needed_tokens(sources, question, count) <= window:
        return [_SEPARATOR.join(map(quoted, sources))]
    room = max(MIN_ROOM_TOKENS, window - count(RULES + REFINE_QUESTION + question) - 2 * ANSWER_TOKENS)
    groups: list[list[str]] = []
    left = 0
    for source in sources:
        passage = _shortened(source, room, count)
        num_tokens = count(passage + _SEPARATOR)
        if not groups or num_tokens > left:
            groups.append([])
            left = room
        groups[-1].append(passage)
        left -= num_tokens
    return [_SEPARATOR.join(group) for group in groups]


def _shortened(source: Source, room: int, count: CountTokens) -> str:
    num_chars = len(source.text)
    while (num_tokens := count(quoted(source, num_chars) + _SEPARATOR)) > room and num_chars > 1:
        num_chars = min(num_chars - 1, num_chars * room // num_tokens)
    return quoted(source, num_chars)
