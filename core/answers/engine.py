"""A question in, an answer out: passages from Milvus, words from LlamaIndex's synthesizer, as a stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.answers.citations import without_invented
from core.answers.extractive import extract
from core.answers.follow_ups import completed
from core.answers.llm import window_of
from core.answers.llm_errors import llm_errors
from core.answers.models import Answer, AnswerMode, Exchange, Source, place_of
from core.answers.packing import needed_tokens, packed, token_counter
from core.answers.prompts import answer_prompt, refine_prompt, split_refusal, transcript
from core.answers.reasoning import split_reasoning
from core.answers.refusals import EMPTY, NARROWED, can_not_tell, nothing_found
from core.answers.retrieval import ALSO_IN, DEFAULT_RETRIEVAL, IS_OLDER, RELEVANCE, Found, Retrieval, retrieve
from core.documents.models import OLDER
from core.errors import LLMError
from core.runtime.surrogates import as_unicode

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from llama_index.core.schema import NodeWithScore

    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

# More than any window, so that LlamaIndex cuts nothing.
UNCUT_TOKENS = 10**9


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesFound:
    """What the search found, before the first word of the answer."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reasoning:
    """All that the model has written so far while it thought; no part of the answer."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """The next piece of the answer's text.

    Attributes:
        is_restart: What came before was no answer after all, but reasoning; the answer begins with this.
    """

    text: str
    is_restart: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The whole answer; always the last event. A failed model leaves its sentence in `answer.error`."""

    answer: Answer


AnswerEvent = SourcesFound | Reasoning | Token | Finished


@dataclass
class _Question:
    """What one question gathers on its way."""

    text: str
    started_s: float
    searched_for: str | None = None
    sources: tuple[Source, ...] = ()
    refusal: str = ""
    timings_s: dict[str, float] = field(default_factory=dict)
    written: str = ""
    answer: str = ""
    reasoning: str = ""
    is_refusal: bool = False
    error: str | None = None
    can_retry: bool = True

    @property
    def query(self) -> str:
        return self.searched_for or self.text

    def mark(self, name: str, since_s: float) -> float:
        now_s = time.perf_counter()
        self.timings_s[name] = now_s - since_s
        return now_s

    def fail(self, exc: LLMError) -> None:
        self.error, self.can_retry = str(exc), exc.can_retry

    def token(self, text: str, *, is_restart: bool = False) -> Token:
        if is_restart:
            self.answer = ""
        if not self.answer:
            self.mark("first_token", self.started_s)
        self.answer += text
        return Token(text=text, is_restart=is_restart)

    def read(self, piece: str, *, is_whole: bool = False) -> Iterator[Reasoning | Token]:
        """Take the model's next piece: what of it is reasoning, and what is to be shown."""
        self.written += piece
        # The other half of a letter may come with the next piece.
        is_half = not is_whole and "\ud800" <= self.written[-1:] <= "\udbff"
        text = self.written[:-1] if is_half else self.written
        reasoning, answer = split_reasoning(as_unicode(text), is_whole=is_whole)
        self.is_refusal, shown = split_refusal(answer, is_whole=is_whole)
        if reasoning != self.reasoning:
            self.reasoning = reasoning
            yield Reasoning(text=reasoning)
        if not shown.startswith(self.answer):
            yield self.token(shown, is_restart=True)
        elif more := shown.removeprefix(self.answer):
            yield self.token(more)


async def stream_answer(
    question: str,
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    llm: LLM | None,
    llm_label: str | None = None,
    conversation: Sequence[Exchange] = (),
    retrieval: Retrieval = DEFAULT_RETRIEVAL,
) -> AsyncGenerator[AnswerEvent, None]:
    """Answer `question` from the knowledge base.

    Yields SourcesFound, then Tokens and what the model thinks, then Finished. A failing language model ends
    in a Finished whose answer has the sources, what came of the text, and the error's sentence.

    Args:
        question: What is asked, in any words.
        store: The knowledge base that is searched.
        embedder: The model that the knowledge base was made with.
        llm: Writes the answer; None gives an extractive one, made of the best-matching sentences.
        llm_label: What the model is called, in the answer and in its errors; None for "The language model" in
            errors and no name in the answer.
        conversation: What was asked before, oldest first; a follow-up question is completed from it.
        retrieval: How passages are searched for, and how many are given to the model.

    Raises:
        StoreError: When Milvus refuses or fails the search.
        EmbeddingError: When the embedding model can't embed the question.
    """
    asked = _Question(text=as_unicode(question), started_s=time.perf_counter())
    label = llm_label or "The language model"
    if llm is None:
        asked.searched_for = completed(asked.text, conversation)
    elif conversation:
        await _complete(asked, llm, label, conversation)
    found = await _search(asked, store, embedder, retrieval)
    asked.refusal = _refusal(found, embedder, retrieval)
    if llm is not None or found.verdict != "not_found":
        # A language model reads the passages and decides itself.
        asked.sources = tuple(_source(number, hit) for number, hit in enumerate(found.hits, start=1))
    # The sources need not wait for the model.
    yield SourcesFound(sources=asked.sources)
    if asked.sources and asked.error is None:
        answered = (
            _written_by_model(asked, llm, label) if llm is not None else _extracted(asked, found, embedder)
        )
        async with aclosing(answered) as events:
            async for event in events:
                yield event
    if asked.error is None and not asked.answer.strip():
        for event in _said_instead(asked, label):
            yield event
    asked.mark("total", asked.started_s)
    yield Finished(answer=_answer_of(asked, "extractive" if llm is None else "llm", llm_label))


async def _complete(asked: _Question, llm: LLM, label: str, conversation: Sequence[Exchange]) -> None:
    """Complete a follow-up from the conversation; the model's failure is noted."""
    try:
        with llm_errors(label):
            await _condense(asked, llm, conversation)
    except LLMError as exc:
        asked.fail(exc)


async def _extracted(
    asked: _Question, found: Found, embedder: Embedder
) -> AsyncGenerator[Reasoning | Token, None]:
    """The best sentences; none where it is unclear whether the passages have to do with the question."""
    if found.verdict == "unclear":
        asked.is_refusal = True
        return
    async with aclosing(extract(asked.query, asked.sources, embedder)) as sentences:
        async for sentence in sentences:
            yield asked.token(sentence)


def _said_instead(asked: _Question, label: str) -> Iterator[Token]:
    """What is said where nothing was: that nothing answers, or that the model sent nothing, as an error."""
    if asked.sources and not asked.is_refusal:
        sent = "only reasoning and no" if asked.reasoning else "an empty"
        asked.error = f"{label} sent {sent} answer. Retry."
        return
    yield asked.token(asked.refusal)


async def _written_by_model(
    asked: _Question, llm: LLM, label: str
) -> AsyncGenerator[Reasoning | Token, None]:
    """What the model writes, as it comes; its failure is noted."""
    try:
        with llm_errors(label):
            async with aclosing(_synthesized(asked, llm)) as pieces:
                async for piece in pieces:
                    for event in asked.read(piece):
                        yield event
    except LLMError as exc:
        asked.fail(exc)
    for event in asked.read("", is_whole=True):
        yield event


def _answer_of(asked: _Question, mode: AnswerMode, llm_label: str | None) -> Answer:
    return Answer(
        text=asked.answer if mode == "extractive" else without_invented(asked.answer, len(asked.sources)),
        mode=mode,
        sources=asked.sources,
        timings_s=asked.timings_s,
        model=llm_label if mode == "llm" else None,
        error=asked.error,
        is_partial=asked.error is not None,
        searched_for=asked.searched_for,
        is_refusal=asked.error is None and (asked.is_refusal or not asked.sources),
        reasoning=asked.reasoning,
        can_retry=asked.can_retry,
    )


async def _condense(asked: _Question, llm: LLM, conversation: Sequence[Exchange]) -> None:
    """Complete a follow-up from the conversation: "and how high?" becomes a question of its own."""
    from llama_index.core.chat_engine.condense_question import DEFAULT_PROMPT

    condensed = await llm.apredict(DEFAULT_PROMPT, chat_history=transcript(conversation), question=asked.text)
    asked.mark("condense", asked.started_s)
    searched_for = split_reasoning(as_unicode(condensed))[1].strip()
    if searched_for and searched_for != asked.text:
        asked.searched_for = searched_for


def _refusal(found: Found, embedder: Embedder, retrieval: Retrieval) -> str:
    """What is said when nothing answers."""
    # The search leaves out no passage for being unlike the question.
    if not found.hits:
        return NARROWED if retrieval.document_ids else EMPTY
    if found.verdict == "unclear":
        return can_not_tell(found, embedder.name)
    return nothing_found(found.question_language)


async def _search(asked: _Question, store: KnowledgeStore, embedder: Embedder, retrieval: Retrieval) -> Found:
    """Find the passages, take the times."""
    begun_s = embedded_s = time.perf_counter()

    def embedded() -> None:
        nonlocal embedded_s
        embedded_s = asked.mark("embed", begun_s)

    found = await retrieve(
        asked.query, store=store, embedder=embedder, settings=retrieval, on_embedded=embedded
    )
    asked.mark("search", embedded_s)
    return found


def _source(number: int, hit: NodeWithScore) -> Source:
    metadata = hit.node.metadata
    # A passage that occurs twice in a document without pages has one place.
    own, others = _place_and_age(metadata), map(_place_and_age, metadata[ALSO_IN])
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
        label=metadata.get("label") or "",
        is_older=metadata[IS_OLDER],
        relevance=metadata[RELEVANCE],
        also_in=tuple(dict.fromkeys(place for place in others if place != own)),
    )


def _place_and_age(metadata: dict[str, Any]) -> str:
    place = place_of(metadata["file"], metadata.get("page"), metadata.get("label") or "")
    return f"{place} ({OLDER})" if metadata[IS_OLDER] else place


async def _synthesized(asked: _Question, llm: LLM) -> AsyncGenerator[str, None]:
    """The model's answer from the quoted passages, as LlamaIndex synthesizes it.

    In one request where the model reads so much; else the answer to the first passages is refined with the
    next ones, under the same rules.
    """
    from llama_index.core import PromptHelper
    from llama_index.core.response_synthesizers import Refine
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

    count = await asyncio.to_thread(token_counter)
    window = await window_of(llm, needed_tokens(asked.sources, asked.query, count))
    texts = packed(asked.sources, asked.query, window, count)
    # LlamaIndex would cut passages in two, outside of their quotation.
    uncut = PromptHelper(context_window=UNCUT_TOKENS, num_output=0)
    synthesizer = Refine(
        llm=llm,
        prompt_helper=uncut,
        text_qa_template=answer_prompt(),
        refine_template=refine_prompt(),
        streaming=True,
    )
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in texts]
    response: Any = await synthesizer.asynthesize(QueryBundle(asked.query), nodes)
    async for piece in response.async_response_gen():
        yield piece or ""
