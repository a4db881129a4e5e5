"""A visitor's conversation: turns, what was thought of them, and its export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from core.answers.models import Answer, Exchange
from core.answers.retrieval import DEFAULT_RETRIEVAL, Retrieval

Rating = Literal["up", "down"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file that was sent with a question.

    Attributes:
        outcome: What became of it, in words; "" while nobody knows.
    """

    name: str
    is_in: bool
    outcome: str

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the JSON export."""
        return {"name": self.name, "is_in": self.is_in, "outcome": self.outcome}


@dataclass(kw_only=True, slots=True)
class Turn:
    """A question and what was answered.

    Attributes:
        question: "" where only files were sent; nothing was answered then.
        extractive: The answer without a model beside the model's, where both were wanted.
        while_filling: Documents were still going in, so that it searched a part of them.
        files: Sent with the question, and searched for its answer where they could be read.
        files_refusal: Why none of the files was taken.
        rating: What the visitor thought of the answer; kept here and in exports only.
        reason: Why, in the visitor's words; kept likewise.
    """

    question: str
    answer: Answer
    extractive: Answer | None = None
    knowledge_base: str = ""
    retrieval: Retrieval = DEFAULT_RETRIEVAL
    while_filling: bool = False
    files: tuple[SentFile, ...] = ()
    files_refusal: str = ""
    rating: Rating | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the JSON export."""
        return {
            "question": self.question,
            "knowledge_base": self.knowledge_base,
            "searched_for": self.answer.searched_for,
            "top_k": self.retrieval.top_k,
            "min_relevance": self.retrieval.min_relevance,
            "while_filling": self.while_filling,
            "files": [file.to_dict() for file in self.files],
            "refusal": self.files_refusal,
            "model": self.answer.model,
            "is_partial": self.answer.is_partial,
            "reasoning": self.answer.reasoning,
            **self.answer.to_dict(),
            "extractive": None if self.extractive is None else self.extractive.to_dict(),
            "rating": self.rating,
            "reason": self.reason,
        }


def exchanges(turns: Sequence[Turn]) -> list[Exchange]:
    """What a follow-up question may refer to: all turns that were answered."""
    return [
        Exchange(question=turn.question, answer=turn.answer.text)
        for turn in turns
        if turn.answer.text and not turn.answer.error
    ]


def as_json(turns: Sequence[Turn]) -> str:
    """The conversation as a JSON document."""
    value = {"exported_at": _now(), "turns": [turn.to_dict() for turn in turns]}
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_markdown(turns: Sequence[Turn]) -> str:
    """The conversation as Markdown, each answer with its sources."""
    return "\n\n".join(["# Conversation", f"Exported {_now()} from Overlap.", *map(_section, turns)]) + "\n"


def _section(turn: Turn) -> str:
    answer = turn.answer
    parts = [f"## {' '.join(turn.question.split()) or 'Files'}"]
    if turn.files:
        parts.append("\n".join(f"- File {file.name}: {file.outcome or 'not added'}" for file in turn.files))
    if turn.files_refusal:
        parts.append(turn.files_refusal)
    if not turn.question:
        return "\n\n".join(parts)
    if answer.searched_for:
        parts.append(f"Searched for: {answer.searched_for}")
    parts.append(answer.text.strip() or "(no answer)")
    parts.append(f"({answer.model or 'extractive answer, no language model'})")
    if answer.error:
        parts.append(f"Error: {answer.error}")
    elif answer.is_partial:
        parts.append("(stopped before its end)")
    if answer.sources:
        used = {source.number for source in answer.used}
        parts.append(
            "\n".join(
                f"- [{source.number}] {source.description}, cosine similarity {source.score:.2f}"
                + ("" if source.number in used else " (found, not named by the answer)")
                for source in answer.sources
            )
        )
    if turn.rating:
        reason = f": {' '.join(turn.reason.split())}" if turn.reason.strip() else ""
        parts.append(f"Rated {turn.rating}{reason}")
    return "\n\n".join(parts)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
