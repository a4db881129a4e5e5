"""A measurement of search quality in the background, so that a rerun does not end it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from core.answers.retrieval import Retrieval
from core.errors import OverlapError
from core.evaluation.evaluate import Result, evaluate
from core.evaluation.questions import Question
from core.runtime import event_loop

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase


class EvaluationJob:
    """Some ways of searching, one after the other. Read by the page, written by the background loop."""

    def __init__(
        self, questions: Sequence[Question], kb: KnowledgeBase, ways: Mapping[str, Retrieval]
    ) -> None:
        self.kb_name = kb.store.info.name
        self.results: dict[str, Result] = {}
        self.error: str | None = None
        self.total = len(questions) * len(ways)
        self._done = 0
        self._stop = threading.Event()
        self._questions, self._kb, self._ways = questions, kb, ways
        self.future: Future[None] = event_loop.submit(self._run())

    async def _run(self) -> None:
        try:
            for label, retrieval in self._ways.items():
                result = await evaluate(
                    self._questions,
                    store=self._kb.store,
                    embedder=self._kb.embedder,
                    retrieval=retrieval,
                    on_progress=lambda done, total: self._count(),
                    stop=self._stop,
                )
                if self._stop.is_set():
                    return
                self.results[label] = result
        except OverlapError as exc:
            self.error = str(exc)

    def _count(self) -> None:
        self._done += 1

    def stop(self) -> None:
        """End soon. A way of searching that was not finished is left out."""
        self._stop.set()

    @property
    def done(self) -> int:
        """How many searches are done, of `total`."""
        return self._done

    @property
    def is_running(self) -> bool:
        return not self.future.done()

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()
