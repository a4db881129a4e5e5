"""The language model's server slow, busy, endless or sending nonsense: sources and what came are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.answers.engine import Finished, stream_answer
from core.answers.llm import LLMLimits, build_llm
from core.answers.models import Answer, Exchange
from core.config.settings import Settings
from core.embedding.model import Embedder
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore
from tests.faults import SMALL_TEXT, text_file
from tests.openai_server import OpenAIServer

LABEL = "The model"
BEFORE = [Exchange(question="What was built in 1897?", answer="The lighthouse [1].")]


@pytest.fixture
async def filled(store: KnowledgeStore, embedder: Embedder) -> KnowledgeStore:
    await Ingest([text_file(SMALL_TEXT)], store=store, embedder=embedder).run()
    return store


async def _answer(
    store: KnowledgeStore,
    embedder: Embedder,
    server: OpenAIServer,
    limits: LLMLimits,
    conversation: Sequence[Exchange] = (),
) -> Answer:
    settings = Settings.from_env({"OPENAI_BASE_URL": server.base_url, "LLM_MODEL": "m"})
    stream = stream_answer(
        "How high is the lighthouse?",
        store=store,
        embedder=embedder,
        llm=build_llm(settings, limits),
        llm_label=LABEL,
        conversation=conversation,
    )
    async for event in stream:
        if isinstance(event, Finished):
            assert event.answer.sources[0].file == "long.txt", "the sources stand, whatever the model does"
            return event.answer
    raise AssertionError("an answer ends in Finished")


async def test_silent_server_ends_in_a_sentence(
    filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "hang"
    answer = await _answer(filled, embedder, openai_server, LLMLimits(silence_s=0.5))
    assert answer.error == "The model did not answer in time. Retry, or check its server."
    assert len(openai_server.requests) == 1


async def test_endless_answer_ends_at_its_length_and_is_kept_and_marked(
    filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "endless"
    answer = await _answer(filled, embedder, openai_server, LLMLimits(chars=60))
    assert answer.error == (
        "The answer did not end within 60 characters and was cut; what came is kept. Retry."
    )
    assert answer.is_partial
    assert answer.text.startswith("Async overlaps waiting [1].more more")
    assert 60 < len(answer.text) < 80
    assert await asyncio.to_thread(openai_server.disconnected.wait, 10), "the model is told to stop"


async def test_endless_answer_ends_at_its_time_and_is_kept_and_marked(
    filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "endless"
    answer = await _answer(filled, embedder, openai_server, LLMLimits(total_s=2.0))
    assert answer.error == "The answer did not end within 2 s and was cut; what came is kept. Retry."
    assert (answer.is_partial, "more" in answer.text) == (True, True)
    assert await asyncio.to_thread(openai_server.disconnected.wait, 10)


async def test_stream_that_is_never_silent_but_says_nothing_ends(
    filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "trickle"
    answer = await _answer(filled, embedder, openai_server, LLMLimits(total_s=1.0))
    assert answer.error is not None and "within 1 s" in answer.error


async def test_follow_up_that_is_completed_for_ever_ends(
    filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "trickle"
    answer = await _answer(filled, embedder, openai_server, LLMLimits(total_s=1.0), BEFORE)
    assert answer.error == "The model did not answer in time. Retry, or check its server."
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", "Wait 7 s"), ("0", "a moment"), ("9999999", "a moment"), ("soon", "a moment"), (None, "a moment")],
)
async def test_busy_server_is_not_asked_again_by_itself_and_its_wait_is_told(
    header: str | None,
    wait: str,
    filled: KnowledgeStore,
    embedder: Embedder,
    openai_server: OpenAIServer,
) -> None:
    openai_server.behaviour, openai_server.retry_after = "429", header
    answer = await _answer(filled, embedder, openai_server, LLMLimits())
    assert answer.error is not None and wait in answer.error
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    "events",
    [
        ["{this is no json}"],
        ["[]"],
        ["null"],
        ['"text"'],
        ["42"],
        ["{}"],
        ['{"choices": null}'],
        ['{"choices": [null]}'],
        ['{"choices": [{}]}'],
        ['{"choices": [{"delta": null}]}'],
        ['{"choices": [{"delta": {"content": 5}}]}'],
        ['{"choices": [{"delta": {"content": {"a": []}}}]}'],
        ['{"choices": [{"delta": {"tool_calls": "x"}}]}'],
        ['{"choices": {"a": 1}}'],
        ['{"error": {"message": "out of memory"}}'],
        ["\x00\x01\ufffd"],
        ["[DONE]"],
    ],
)
async def test_nonsense_is_a_sentence(
    events: list[str], filled: KnowledgeStore, embedder: Embedder, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour, openai_server.events = "garbage", events
    answer = await _answer(filled, embedder, openai_server, LLMLimits())
    assert answer.error is not None and "\n" not in answer.error
    assert answer.is_partial
