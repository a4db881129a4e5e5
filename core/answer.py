"""A question in, an answer out: retrieved and synthesized by a LlamaIndex query engine, as a stream."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from core.citations import without_invented
from core.errors import LLMError
from core.extractive import extract
from core.llm import llm_errors
from core.prompts import RefusalFilter, answer_prompt, quoted, transcript
from core.records import Answer, AnswerMode, Exchange, Source
from core.retrieval import DEFAULT_RETRIEVAL, Retrieval, retrieve

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.core.schema import NodeWithScore, QueryBundle

    from core.embedding import Embedder
    from core.store import KnowledgeStore

NOTHING_FOUND = "I found nothing about this in your documents."


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesFound:
    """What the search found, before the first word of the answer."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The whole answer; always the last event. A failed model leaves its sentence in `answer.error`."""

    answer: Answer


AnswerEvent = SourcesFound | Token | Finished


def prepare_engine() -> None:
    """Import and load what the first question would otherwise wait for: seconds, on a busy machine."""
    import llama_index.core.chat_engine.condense_question
    import llama_index.core.query_engine
    import llama_index.core.response_synthesizers
    import llama_index.core.retrievers  # noqa: F401
    from llama_index.core.utils import get_tokenizer

    # The synthesizers count tokens with it; its vocabulary is read at the first use.
    get_tokenizer()("warm-up")


@dataclass
class _Question:
    """What one question gathers on its way."""

    text: str
    started_s: float
    clock: Callable[[], float]
    searched_for: str | None = None
    sources: tuple[Source, ...] = ()
    timings_s: dict[str, float] = field(default_factory=dict)
    answer: str = ""
    error: str | None = None
    filter: RefusalFilter = field(default_factory=RefusalFilter)

    @property
    def query(self) -> str:
        return self.searched_for or self.text

    def mark(self, name: str, since_s: float) -> float:
        now_s = self.clock()
        self.timings_s[name] = now_s - since_s
        return now_s

    def token(self, text: str) -> Token:
        if not self.answer:
            self.mark("first_token", self.started_s)
        self.answer += text
        return Token(text=text)


async def stream_answer(
    question: str,
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    llm: LLM | None,
    llm_label: str | None = None,
    conversation: Sequence[Exchange] = (),
    retrieval: Retrieval = DEFAULT_RETRIEVAL,
    clock: Callable[[], float] = time.perf_counter,
) -> AsyncGenerator[AnswerEvent, None]:
    """Answer `question` from the knowledge base.

    llm: None gives an extractive answer, made of the best-matching sentences.
    conversation: what was asked before, oldest first; a model completes a follow-up question from it.
    Yields SourcesFound, then Tokens, then Finished. A failing language model ends in a Finished
    whose answer has the sources, what came of the text, and the error's sentence.
    Raises StoreError or EmbeddingError when the search itself fails.
    """
    asked = _Question(text=question, started_s=clock(), clock=clock)
    engine = _engine(asked, store, embedder, llm, retrieval)
    # Without a model there is nothing to map, and its client takes a second to import.
    errors = nullcontext if llm is None else lambda: llm_errors(llm_label or "The language model")
    if llm is not None and conversation:
        try:
            with errors():
                await _condense(asked, llm, conversation)
        except LLMError as exc:
            asked.error = str(exc)
    # Retrieving and synthesizing are the two halves of `aquery`: the sources need not wait for the model.
    bundle = _bundle(asked.query)
    nodes = await engine.aretrieve(bundle)
    yield SourcesFound(sources=asked.sources)
    if asked.sources and asked.error is None:
        try:
            with errors():
                response: Any = await engine.asynthesize(bundle, nodes)
                async for piece in response.async_response_gen():
                    if shown := asked.filter.feed(piece or ""):
                        yield asked.token(shown)
        except LLMError as exc:
            asked.error = str(exc)
        if held := asked.filter.end():
            yield asked.token(held)
    if asked.error is None and not asked.answer.strip():
        if asked.sources and not asked.filter.is_refusal:
            asked.error = f"{llm_label or 'The language model'} sent an empty answer. Retry."
        else:
            yield asked.token(NOTHING_FOUND)
    asked.mark("total", asked.started_s)
    yield Finished(answer=_whole(asked, "extractive" if llm is None else "llm", llm_label))


def _whole(asked: _Question, mode: AnswerMode, llm_label: str | None) -> Answer:
    return Answer(
        text=without_invented(asked.answer, len(asked.sources)),
        mode=mode,
        sources=asked.sources,
        timings_s=asked.timings_s,
        model=llm_label if mode == "llm" else None,
        error=asked.error,
        is_partial=asked.error is not None,
        searched_for=asked.searched_for,
        is_refusal=asked.error is None and (asked.filter.is_refusal or not asked.sources),
    )


async def _condense(asked: _Question, llm: LLM, conversation: Sequence[Exchange]) -> None:
    """Complete a follow-up from the conversation: "and how high?" becomes a question of its own."""
    from llama_index.core.chat_engine.condense_question import DEFAULT_PROMPT

    condensed = await llm.apredict(DEFAULT_PROMPT, chat_history=transcript(conversation), question=asked.text)
    asked.mark("condense", asked.started_s)
    if condensed.strip() and condensed.strip() != asked.text:
        asked.searched_for = condensed.strip()


def _bundle(query: str) -> QueryBundle:
    from llama_index.core.schema import QueryBundle

    return QueryBundle(query)


def _engine(
    asked: _Question, store: KnowledgeStore, embedder: Embedder, llm: LLM | None, retrieval: Retrieval
) -> RetrieverQueryEngine:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.core.response_synthesizers import CompactAndRefine

    if llm is None:
        synthesizer: Any = _extractive_class()(asked, embedder)
    else:
        synthesizer = CompactAndRefine(llm=llm, text_qa_template=answer_prompt(), streaming=True)
    retriever = _retriever_class()(asked, store, embedder, retrieval)
    return RetrieverQueryEngine.from_args(
        retriever, llm=llm or MockLLM(), response_synthesizer=synthesizer, streaming=True
    )


# Made once: to make a class takes milliseconds, and each question's would be garbage.
@cache
def _retriever_class() -> Any:
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, TextNode

    class MeasuredRetriever(BaseRetriever):
        """Retrieves the passages, numbers and quotes them, takes the times."""

        def __init__(
            self, asked: _Question, store: KnowledgeStore, embedder: Embedder, retrieval: Retrieval
        ) -> None:
            self._asked, self._store, self._embedder = asked, store, embedder
            self._retrieval = retrieval
            super().__init__()

        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            raise NotImplementedError("questions are awaited")

        async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            asked = self._asked
            begun_s = embedded_s = asked.clock()

            def embedded() -> None:
                nonlocal embedded_s
                embedded_s = asked.mark("embed", begun_s)

            hits = await retrieve(
                query_bundle.query_str,
                store=self._store,
                embedder=self._embedder,
                settings=self._retrieval,
                on_embedded=embedded,
            )
            asked.mark("search", embedded_s)
            asked.sources = tuple(_source(number, hit) for number, hit in enumerate(hits, start=1))
            return [
                NodeWithScore(node=TextNode(id_=source.chunk_id, text=quoted(source)), score=source.score)
                for source in asked.sources
            ]

    return MeasuredRetriever


def _source(number: int, hit: NodeWithScore) -> Source:
    metadata = hit.node.metadata
    return Source(
        number=number,
        file=metadata["file"],
        page=metadata.get("page"),
        score=float(hit.score or 0.0),
        text=hit.node.get_content(),
        chunk_id=hit.node.node_id,
        document_id=hit.node.ref_doc_id or "",
        position=int(metadata["position"]),
        num_chunks=int(metadata["num_chunks"]),
        num_pages=metadata.get("num_pages"),
    )


@cache
def _extractive_class() -> Any:
    from llama_index.core.llms import MockLLM
    from llama_index.core.response_synthesizers import BaseSynthesizer

    class ExtractiveSynthesizer(BaseSynthesizer):
        """Answers with the sentences of the passages that are most similar to the question."""

        def __init__(self, asked: _Question, embedder: Embedder) -> None:
            super().__init__(llm=MockLLM(), streaming=True)
            self._asked, self._embedder = asked, embedder

        def _get_prompts(self) -> dict[str, Any]:
            return {}

        def _update_prompts(self, prompts: Any) -> None:
            return

        def get_response(self, query_str: str, text_chunks: Any, **kwargs: Any) -> Any:
            raise NotImplementedError("questions are awaited")

        async def aget_response(self, query_str: str, text_chunks: Any, **kwargs: Any) -> Any:
            return extract(query_str, self._asked.sources, self._embedder)

    return ExtractiveSynthesizer
