"""A question that is being answered in the background, so that no click or rerun can kill it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING

from core import loop
from core.errors import OverlapError
from core.records import Answer, Source
from core.retrieval import Retrieval

if TYPE_CHECKING:
    from core.knowledge import KnowledgeBase


LAST_ASKED_KEY = "last_asked"  # (question, tuple of its Sources), for pages that show where the hits lie


class AnswerJob:
    """One question on its way. Read by the page's thread, written by the background loop."""

    def __init__(self, question: str, knowledge_base: Future[KnowledgeBase], *, retrieval: Retrieval) -> None:
        self.question = question
        self.text = ""
        self.sources: tuple[Source, ...] = ()
        self._knowledge_base, self._retrieval = knowledge_base, retrieval
        self._answer: Answer | None = None
        self.future: Future[None] = loop.submit(self._run())

    async def _run(self) -> None:
        from core.answer import Finished, SourcesFound, Token

        try:
            kb = await asyncio.wrap_future(self._knowledge_base)
            async for event in kb.stream(self.question, retrieval=self._retrieval):
                if isinstance(event, SourcesFound):
                    self.sources = event.sources
                elif isinstance(event, Token):
                    self.text += event.text
                elif isinstance(event, Finished):
                    self._answer = event.answer
        except OverlapError as exc:
            self._answer = self._partial(error=str(exc))

    def stop(self) -> None:
        """End it now; the model's server is told by closing the connection. What came is kept."""
        self.future.cancel()

    @property
    def is_running(self) -> bool:
        return not self.future.done()

    @property
    def is_waiting_for_model(self) -> bool:
        """Whether the embedding model is still being loaded."""
        return not self._knowledge_base.done()

    @property
    def answer(self) -> Answer:
        """The answer, or what came of it when it was stopped."""
        if self._answer is None and not self.future.cancelled() and self.future.done():
            self.future.result()
        return self._answer or self._partial(error=None)

    def _partial(self, *, error: str | None) -> Answer:
        return Answer(
            text=self.text,
            mode="extractive" if self._mode_is_extractive() else "llm",
            sources=self.sources,
            error=error,
            is_partial=True,
        )

    def _mode_is_extractive(self) -> bool:
        is_open = self._knowledge_base.done() and self._knowledge_base.exception() is None
        return not is_open or self._knowledge_base.result().llm is None
