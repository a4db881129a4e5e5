"""What is asked and what is answered. Seconds everywhere; unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.answers.citations import WORD_JOINER, cited_numbers, plainly_cited_numbers
from core.documents.models import OLDER


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A passage that an answer rests on.

    Attributes:
        number: As cited, from 1.
        score: Cosine similarity of question and passage, -1 to 1.
        position: Its place among the document's chunks, from 0.
        num_chunks: How many chunks the document has.
        num_pages: Of the document; None where its format has none.
        label: What its page is called where that is not "page 3".
        is_older: A document of the same name was added later: this one is of an older version.
        relevance: Of its words and meaning, 0 to 1; 0.5 is what an unrelated passage may have by chance.
        also_in: Where else the same passage was found, which is shown once.
    """

    number: int
    file: str
    page: int | None
    score: float
    text: str
    chunk_id: str
    document_id: str
    position: int = 0
    num_chunks: int = 1
    num_pages: int | None = None
    label: str = ""
    is_older: bool = False
    relevance: float = 0.0
    also_in: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and, where there is one, page: "report.pdf, page 3"."""
        return place_of(self.file, self.page, self.label)

    @property
    def description(self) -> str:
        """Its place, and what is to be known about it: "fee.txt, older version"."""
        older = f", {OLDER}" if self.is_older else ""
        also = f", the same in {'; '.join(self.also_in)}" if self.also_in else ""
        return f"{self.place}{older}{also}"


def place_of(file: str, page: int | None, label: str = "") -> str:
    """File and, where there is one, page: "report.pdf, page 3", "costs.xlsx, sheet Rent"."""
    place = label or ("" if page is None else f"page {page}")
    return f"{file}, {place}" if place else file


AnswerMode = Literal["llm", "extractive"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A question that was asked before, and what was answered.

    Attributes:
        searched_for: The question as it was searched for, where it was completed.
    """

    question: str
    answer: str
    searched_for: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered.

    Attributes:
        timings_s: Condense, embed and search each by itself, first_token and total from the question on;
            where measured.
        searched_for: The question as it was searched for, where a follow-up was completed from the
            conversation.
        is_refusal: The documents do not say it: no passage was relevant enough, or the model found none that
            answers.
        reasoning: What the model wrote while it thought; no part of the answer.
        can_retry: Whether the same question may be answered better when it is asked again after an error.
    """

    text: str
    mode: AnswerMode
    sources: tuple[Source, ...]
    timings_s: dict[str, float] = field(default_factory=dict)
    model: str | None = None
    error: str | None = None
    is_partial: bool = False
    searched_for: str | None = None
    is_refusal: bool = False
    reasoning: str = ""
    can_retry: bool = True

    @property
    def used(self) -> tuple[Source, ...]:
        """The sources that the text names, in its order; those of a refusal were not used."""
        if self.is_refusal:
            return ()
        cited = plainly_cited_numbers if self.mode == "extractive" else cited_numbers
        return tuple(self.sources[number - 1] for number in cited(self.text, len(self.sources)))

    @property
    def plain_text(self) -> str:
        """For terminals and programs: without what keeps a quotation's own [3] from being a link."""
        return self.text.replace(WORD_JOINER, "") if self.mode == "extractive" else self.text

    def to_dict(self) -> dict[str, Any]:
        """The form that ``python -m core ask --json`` prints."""
        return {
            "answer": self.plain_text,
            "cited": [source.number for source in self.used],
            "mode": self.mode,
            "sources": [
                {
                    "file": s.file,
                    "page": s.page,
                    "score": round(s.score, 4),
                    "text": s.text,
                    "is_older": s.is_older,
                    "also_in": list(s.also_in),
                }
                for s in self.sources
            ],
            "timings_s": {name: round(value, 4) for name, value in self.timings_s.items()},
            "error": self.error,
            "is_refusal": self.is_refusal,
            "used": [s.number for s in self.used],
        }
