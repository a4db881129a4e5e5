"""How well a knowledge base is searched: questions whose answers are known, and how often they are found.

A question counts as found at rank r when the r-th passage returned is the first from the right file that
has the wanted text (or, for a question that draws on several places, one of the texts; whether all of them
are among the passages is counted apart). Case, white space and how accents
are encoded make no difference. A passage that several files have is returned once, and is from each of them.
"""

from __future__ import annotations

import asyncio
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from core.answers.retrieval import ALSO_IN, Retrieval, retrieve
from core.evaluation.questions import KINDS, Question

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

CUTOFFS = (1, 3, 5)
# More questions at once than this only make the queue in front of the model longer.
CONCURRENCY = 4
EXCERPT_CHARS = 300
# Two-sided 95 percent of the normal distribution.
Z95 = 1.959964


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        rank: The place of the first passage that has the text, from 1; None when none has.
        is_complete: Whether all wanted pieces are among the passages.
        score: Cosine similarity of the best passage, None when nothing was returned.
        language: Of the question, as two letters; None where that is not clear.
    """

    question: Question
    rank: int | None
    is_complete: bool
    num_passages: int
    score: float | None
    top_file: str | None
    top_passage: str
    language: str | None = None

    @property
    def is_rejected(self) -> bool:
        """Whether nothing relevant enough was found: "not in your documents"."""
        return self.num_passages == 0

    @property
    def verdict(self) -> str:
        """In words, for a table."""
        if not self.question.is_answerable:
            return "rightly rejected" if self.is_rejected else "not rejected"
        if self.rank is not None:
            return f"found at rank {self.rank}"
        return "wrongly rejected" if self.is_rejected else "not found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A share of `total` questions with its 95 % Wilson interval, all 0 to 1; None for no questions."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """`hits` over `total`."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval, lower one first."""
        return wilson(self.hits, self.total) if self.total else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON: "value", "ci95", "hits" and "of"; the first two are None for no questions."""
        return {"value": self.value, "ci95": self.interval, "hits": self.hits, "of": self.total}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcome of every question for one way of searching."""

    retrieval: Retrieval
    outcomes: tuple[Outcome, ...]

    def of_kind(self, kind: str) -> Result:
        """The same for the questions of one kind."""
        return replace(self, outcomes=tuple(each for each in self.outcomes if each.question.kind == kind))

    def of_language(self, language: str | None) -> Result:
        """The same for the questions in one language; None for those whose language is not clear."""
        return replace(self, outcomes=tuple(each for each in self.outcomes if each.language == language))

    @property
    def languages(self) -> tuple[str | None, ...]:
        """The languages of the questions, the most frequent first."""
        return tuple(
            language for language, _ in Counter(each.language for each in self.outcomes).most_common()
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that occur, in their usual order."""
        found = {each.question.kind for each in self.outcomes}
        return tuple(kind for kind in KINDS if kind in found)

    @property
    def _answerable(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.question.is_answerable]

    @property
    def _others(self) -> list[Outcome]:
        return [each for each in self.outcomes if not each.question.is_answerable]

    def hit_rate(self, k: int) -> Rate:
        """The share of answerable questions found among the first `k` passages."""
        hits = sum(each.rank is not None and each.rank <= k for each in self._answerable)
        return Rate(hits=hits, total=len(self._answerable))

    @property
    def mrr(self) -> float | None:
        """The mean of 1 / rank over the answerable questions, 0 for one that was not found."""
        each = [0.0 if outcome.rank is None else 1 / outcome.rank for outcome in self._answerable]
        return sum(each) / len(each) if each else None

    @property
    def complete(self) -> Rate:
        """The share of answerable questions all of whose pieces are among the passages."""
        return Rate(hits=sum(each.is_complete for each in self._answerable), total=len(self._answerable))

    @property
    def rejection(self) -> Rate:
        """The share of not answerable questions for which nothing was returned."""
        return Rate(hits=sum(each.is_rejected for each in self._others), total=len(self._others))

    @property
    def wrongly_rejected(self) -> Rate:
        """The share of answerable questions for which nothing was returned."""
        return Rate(hits=sum(each.is_rejected for each in self._answerable), total=len(self._answerable))

    def summary(self) -> dict[str, Any]:
        """All figures, as JSON has them."""
        return {
            "questions": len(self.outcomes),
            **{f"hit_rate_at_{k}": self.hit_rate(k).to_dict() for k in CUTOFFS},
            "mrr": self.mrr,
            "complete": self.complete.to_dict(),
            "rejection": self.rejection.to_dict(),
            "wrongly_rejected": self.wrongly_rejected.to_dict(),
        }

    def to_dict(self) -> dict[str, Any]:
        """Settings, figures in total and by kind, and every question, as JSON has them."""
        return {
            "retrieval": asdict(self.retrieval),
            "total": self.summary(),
            "kinds": {kind: self.of_kind(kind).summary() for kind in self.kinds},
            "languages": {each or "unclear": self.of_language(each).summary() for each in self.languages},
            "outcomes": [outcome_row(each) for each in self.outcomes],
        }


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; it stays inside 0 to 1 also for few or extreme cases."""
    share, z2 = hits / total, Z95**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z95 / (1 + z2 / total) * (share * (1 - share) / total + z2 / (4 * total**2)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """One question as a row of a table."""
    return {
        "question": outcome.question.text,
        "kind": outcome.question.kind,
        "language": outcome.language,
        "file": outcome.question.file,
        "verdict": outcome.verdict,
        "rank": outcome.rank,
        "score": None if outcome.score is None else round(outcome.score, 4),
        "top_file": outcome.top_file,
        "top_passage": outcome.top_passage,
    }


def judge(question: Question, hits: Sequence[NodeWithScore]) -> Outcome:
    """Compare what was returned, best first, with what was to be found."""
    texts = [_folded(hit.node.get_content()) if question.file in (None, *_files(hit)) else "" for hit in hits]
    pieces = [_folded(piece) for piece in question.contains]
    ranks = (rank for rank, text in enumerate(texts, start=1) if any(piece in text for piece in pieces))
    best = max((float(hit.score or 0.0) for hit in hits), default=None)
    return Outcome(
        question=question,
        rank=next(ranks, None),
        is_complete=bool(pieces) and all(any(piece in text for text in texts) for piece in pieces),
        num_passages=len(hits),
        score=best,
        top_file=hits[0].node.metadata["file"] if hits else None,
        top_passage=" ".join(hits[0].node.get_content().split())[:EXCERPT_CHARS] if hits else "",
    )


def _files(hit: NodeWithScore) -> list[str]:
    """The files that have the passage: it is shown once for all of them."""
    metadata = hit.node.metadata
    return [each["file"] for each in (metadata, *metadata.get(ALSO_IN, ()))]


def _folded(text: str) -> str:
    # Macs write accents apart from their letters.
    return unicodedata.normalize("NFC", " ".join(text.split()).casefold())


async def evaluate(
    questions: Sequence[Question],
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    retrieval: Retrieval,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
    stop: threading.Event | None = None,
) -> Result:
    """Search for every question, several at once.

    Args:
        questions: With their known answers.
        store: The knowledge base that is searched.
        embedder: The model that the knowledge base was made with.
        retrieval: How passages are searched for.
        on_progress: Called with how many are done, and how many there are.
        stop: When set, no further question is begun; the result has those that were done.

    Raises:
        StoreError: Milvus refused or failed a call.
        EmbeddingError: The embedding model could not do its work.
    """
    waiting = iter(enumerate(questions))
    outcomes: dict[int, Outcome] = {}

    async def work() -> None:
        for number, question in waiting:
            if stop is not None and stop.is_set():
                return
            found = await retrieve(question.text, store=store, embedder=embedder, settings=retrieval)
            outcome = judge(question, () if found.verdict == "not_found" else found.hits)
            outcomes[number] = replace(outcome, language=found.question_language)
            on_progress(len(outcomes), len(questions))

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(_unwrapped(work())) for _ in range(CONCURRENCY)]
    for worker in workers:
        if error := worker.result():
            raise error
    return Result(retrieval=retrieval, outcomes=tuple(outcomes[number] for number in sorted(outcomes)))


async def _unwrapped(work: Any) -> Exception | None:
    """Its error as a value: a task group would wrap it in a group that nobody shows."""
    try:
        await work
    except Exception as exc:
        return exc
    return None
