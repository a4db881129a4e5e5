"""A question that is being answered in the background, so that no click or rerun can kill it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from core.answers.citations import without_invented
from core.answers.llm import llm_label, opened_llm
from core.answers.models import Answer, Exchange, Source
from core.answers.retrieval import Retrieval
from core.config.settings import Settings
from core.runtime.jobs import Job
from pages.state.ingests import Filling

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from core.knowledge_base import KnowledgeBase

FIRST_CHUNKS_LOOK_S = 0.1
# Documents that are going in are waited for so long where those that are in do not hold the answer.
MORE_DOCUMENTS_S = 10.0


class AnswerJob(Job[Answer]):
    """One question on its way.

    Attributes:
        text: What there is of its answer so far.
        reasoning: What the model has thought so far.
        sources: Empty until they are found.
    """

    def __init__(
        self,
        question: str,
        knowledge_base: Future[KnowledgeBase],
        *,
        retrieval: Retrieval,
        llm_settings: Settings | None,
        knowledge_base_name: str,
        conversation: Sequence[Exchange] = (),
        filling: Callable[[], Filling] = lambda: Filling.NOT,
        is_sent_in: Callable[[], bool] = lambda: True,
    ) -> None:
        """Get ready to answer.

        Args:
            question: As it was typed.
            knowledge_base: May still be loading; the work waits for it.
            retrieval: How passages are searched for.
            llm_settings: Where the language model is; None for an extractive answer.
            knowledge_base_name: As the visitor had it open when the question was asked.
            conversation: What was asked before, oldest first.
            filling: Asked from the background loop. While the knowledge base is empty and documents are on
                their way into it, the question waits for the first of them.
            is_sent_in: Asked likewise; the question waits until the files that were sent with it are in.
        """
        super().__init__()
        self.question, self.retrieval = question, retrieval
        self.knowledge_base_name = knowledge_base_name
        self.text = self.reasoning = ""
        self.sources: tuple[Source, ...] = ()
        self._knowledge_base, self._llm_settings = knowledge_base, llm_settings
        self._conversation, self._filling, self._is_sent_in = conversation, filling, is_sent_in
        self.is_waiting_for_documents = False
        self.was_filling = False
        self._label = None if llm_settings is None else llm_label(llm_settings)

    async def work(self) -> Answer:
        """The answer, once the files that were sent with the question are in.

        Where nothing was found while documents were still going in, it searches once more when all are in.
        """
        # Who stops this answer does not stop the opening, which the whole app waits for.
        kb = await asyncio.shield(asyncio.wrap_future(self._knowledge_base))
        await self._sent_files()
        await self._first_chunks(kb)
        async with opened_llm(self._llm_settings) as llm:
            answer = await self._ask(kb, llm)
            if not self.sources and self.was_filling and await self._more_documents():
                answer = await self._ask(kb, llm)
        return answer

    def on_stop(self) -> None:
        """Break off at once; what has come of the answer is kept."""
        # The model's server is told by closing the connection. What came is kept.
        self.cancel()

    async def _ask(self, kb: KnowledgeBase, llm: LLM | None) -> Answer:
        from core.answers.engine import Finished, Reasoning, SourcesFound, Token, stream_answer

        self.was_filling = self._filling() is not Filling.NOT
        stream = stream_answer(
            self.question,
            store=kb.store,
            embedder=kb.embedder,
            llm=llm,
            llm_label=self._label,
            conversation=self._conversation,
            retrieval=self.retrieval,
        )
        async for event in stream:
            if isinstance(event, SourcesFound):
                self.sources = event.sources
            elif isinstance(event, Reasoning):
                self.reasoning = event.text
            elif isinstance(event, Token):
                self.text = event.text if event.is_restart else self.text + event.text
            elif isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    async def _more_documents(self) -> bool:
        """Wait for the documents that are going in; whether all are in within `MORE_DOCUMENTS_S`.

        What is in so far does not hold the answer. To say so at once would be wrong a second later.
        """
        self.text, self.is_waiting_for_documents = "", True
        with suppress(TimeoutError):
            async with asyncio.timeout(MORE_DOCUMENTS_S):
                while self._filling() is not Filling.NOT:  # noqa: ASYNC110 (as below)
                    await asyncio.sleep(FIRST_CHUNKS_LOOK_S)
        self.is_waiting_for_documents = False
        return self._filling() is Filling.NOT

    async def _sent_files(self) -> None:
        self.is_waiting_for_documents = True
        while not self._is_sent_in():  # noqa: ASYNC110 (as below)
            await asyncio.sleep(FIRST_CHUNKS_LOOK_S)
        self.is_waiting_for_documents = False

    async def _first_chunks(self, kb: KnowledgeBase) -> None:
        if self._filling() is not Filling.NOTHING_YET:
            return
        num_chunks = await asyncio.to_thread(kb.store.count)
        if num_chunks:
            return
        self.is_waiting_for_documents = True
        # An ingest tells how far it is, to threads too; it has no event to await.
        while self._filling() is Filling.NOTHING_YET:  # noqa: ASYNC110
            await asyncio.sleep(FIRST_CHUNKS_LOOK_S)
        self.is_waiting_for_documents = False

    @property
    def is_waiting_for_model(self) -> bool:
        """Whether the embedding model is still being loaded."""
        return not self._knowledge_base.done()

    @property
    def answer(self) -> Answer:
        """The answer, or what came of it when it was stopped or failed."""
        return self.result or self._partial()

    def _partial(self) -> Answer:
        is_extractive = self._label is None
        return Answer(
            text=self.text if is_extractive else without_invented(self.text, len(self.sources)),
            mode="extractive" if is_extractive else "llm",
            sources=self.sources,
            model=self._label,
            error=self.error,
            is_partial=True,
            reasoning=self.reasoning,
        )
