"""The language model that the settings name, what its server has, and the connections to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.answers.llm import build_llm, list_models, llm_label, opened_llm, window_of
from core.config.settings import Settings
from core.errors import ConfigError, LLMAuthError, LLMError, LLMUnavailableError
from tests.openai_server import MODELS, OpenAIServer


def settings(base_url: str) -> Settings:
    return Settings.from_env({"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-secret", "LLM_MODEL": "m"})


def test_models_are_read_from_the_server(openai_server: OpenAIServer) -> None:
    assert list_models(settings(openai_server.base_url)) == sorted(MODELS)


def test_wrong_key_is_one_sentence_without_the_key(openai_server: OpenAIServer) -> None:
    openai_server.behaviour = "401"
    with pytest.raises(LLMAuthError, match="refused the API key") as caught:
        list_models(settings(openai_server.base_url))
    assert "sk-secret" not in str(caught.value)


def test_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(LLMUnavailableError, match="can't be reached"):
        list_models(settings("http://127.0.0.1:1/v1"))


def test_server_without_such_a_list_is_one_sentence(openai_server: OpenAIServer) -> None:
    openai_server.behaviour = "404"
    with pytest.raises(LLMError):
        list_models(settings(openai_server.base_url))


def test_no_language_model_without_key_and_server() -> None:
    assert build_llm(Settings.from_env({})) is None


def test_server_without_a_model_name_says_what_to_set() -> None:
    with pytest.raises(ConfigError, match="LLM_MODEL"):
        build_llm(Settings.from_env({"OPENAI_BASE_URL": "http://localhost:11434/v1"}))


@pytest.mark.parametrize("model", [None, "gpt-4o-mini", "a-model-nobody-knows"])
def test_openai_is_used_with_a_key_whatever_the_model_is_called(model: str | None) -> None:
    environ = {"OPENAI_API_KEY": "sk-secret", **({"LLM_MODEL": model} if model else {})}
    llm = build_llm(Settings.from_env(environ))
    assert llm is not None
    assert llm.metadata.model_name == (model or "gpt-4o-mini")
    assert "sk-secret" not in str(llm_label(Settings.from_env(environ)))


async def test_window_of_a_server_that_does_not_tell_is_the_setting_or_a_small_one(
    openai_server: OpenAIServer,
) -> None:
    typed = settings(openai_server.base_url)
    for tokens, window in ((None, 4096), (16_384, 16_384)):
        llm = build_llm(replace(typed, llm_context_tokens=tokens))
        assert llm is not None
        assert await window_of(llm, 100_000) == window


@pytest.mark.parametrize(("model", "window"), [("gpt-4o-mini", 128_000), ("a-model-nobody-knows", 4096)])
async def test_window_of_openai_s_models_is_known_without_asking(model: str, window: int) -> None:
    llm = build_llm(Settings.from_env({"OPENAI_API_KEY": "sk-secret", "LLM_MODEL": model}))
    assert llm is not None
    assert await window_of(llm, 1_000_000) == window


async def test_connection_of_an_answer_ends_with_it(openai_server: OpenAIServer) -> None:
    openai_server.behaviour = "endless"
    async with opened_llm(settings(openai_server.base_url)) as llm:
        assert llm is not None
        answer: Any = await llm.astream_complete("How high is the lighthouse?")
        await anext(answer)
    assert await asyncio.to_thread(openai_server.disconnected.wait, 10)


async def test_opened_model_is_none_where_answers_are_extractive() -> None:
    for without in (None, Settings.from_env({})):
        async with opened_llm(without) as llm:
            assert llm is None
