"""A measurement of search quality in the background, so that a rerun does not end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.answers.retrieval import Retrieval
from core.config.settings import Target
from core.evaluation.evaluate import Result, evaluate
from core.evaluation.questions import Question
from core.runtime.jobs import Job

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase


def evaluation_key(target: Target, collection: str) -> str:
    """Under which the app keeps the measurement of a knowledge base, given by its collection."""
    return f"{target.key}|{collection}"


class EvaluationJob(Job[None]):
    """Some ways of searching, one after the other.

    Attributes:
        done: How many of `total` searches are done.
        results: Of the ways that are finished; one that was stopped in the middle is left out.
    """

    def __init__(
        self, questions: Sequence[Question], kb: KnowledgeBase, ways: Mapping[str, Retrieval]
    ) -> None:
        super().__init__()
        self.kb_name = kb.store.info.name
        self.results: dict[str, Result] = {}
        self.done, self.total = 0, len(questions) * len(ways)
        self._questions, self._kb, self._ways = questions, kb, ways

    async def work(self) -> None:
        """Measure one way after the other into `results`, in the order in which they were given."""
        for label, retrieval in self._ways.items():
            result = await evaluate(
                self._questions,
                store=self._kb.store,
                embedder=self._kb.embedder,
                retrieval=retrieval,
                on_progress=lambda done, total: self._count(),
                stop=self.stopping,
            )
            self.check_stop()
            self.results[label] = result

    def _count(self) -> None:
        self.done += 1
