"""A visitor's conversation: turns, what was thought of them, and its export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
        earlier: What the same question was answered before, oldest first.
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
    earlier: tuple[Turn, ...] = ()

    def take_place_of(self, old: Turn) -> None:
        """Stand where `old` stood: with its files, and with its answer where the question is the same."""
        self.files, self.files_refusal = old.files, old.files_refusal
        if self.question == old.question:
            is_new = bool(old.answer.text) and old.answer.text != self.answer.text
            self.earlier = (*old.earlier, replace(old, earlier=())) if is_new else old.earlier

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
            "earlier": [turn.to_dict() for turn in self.earlier],
        }


def exchanges(turns: Sequence[Turn]) -> list[Exchange]:
    """What a follow-up question may refer to: all turns that were answered."""
    return [
        Exchange(question=turn.question, answer=turn.answer.text, searched_for=turn.answer.searched_for)
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
    parts = [f"## {_on_a_line(turn.question) or 'Files'}"]
    if turn.files:
        parts.append("\n".join(f"- File {file.name}: {file.outcome or 'not added'}" for file in turn.files))
    if turn.files_refusal:
        parts.append(turn.files_refusal)
    if turn.question:
        parts += _answered(turn)
        for earlier in turn.earlier:
            parts += ["### Answered before", *_answered(earlier)]
    return "\n\n".join(parts)


def _answered(turn: Turn) -> list[str]:
    parts = [f"Asked of the knowledge base {_on_a_line(turn.knowledge_base)}"] if turn.knowledge_base else []
    parts += _answer_parts(turn.answer)
    if turn.extractive is not None:
        parts += ["### Extractive answer beside it", *_answer_parts(turn.extractive)]
    if turn.rating:
        parts.append(f"Rated {turn.rating}" + (f": {reason}" if (reason := _on_a_line(turn.reason)) else ""))
    return parts


def _answer_parts(answer: Answer) -> list[str]:
    parts = [f"Searched for: {answer.searched_for}"] if answer.searched_for else []
    parts.append(answer.plain_text.strip() or "(no answer)")
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
    return parts


def _on_a_line(text: str) -> str:
    return " ".join(text.split())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
