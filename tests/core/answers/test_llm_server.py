"""What a language model's server tells of itself: where its API is, and how much its model reads."""

from __future__ import annotations

import asyncio

import pytest

from core.answers.llm import CONTEXT_TOKENS, build_llm, list_models, opened_llm, window_of
from core.answers.llm_errors import llm_errors
from core.answers.llm_server import window_in, window_urls
from core.config.settings import Settings
from core.errors import LLMError
from tests.openai_server import MODELS, OpenAIServer


def settings(base_url: str) -> Settings:
    return Settings.from_env({"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-secret", "LLM_MODEL": "m"})


# What LM Studio, and a web server, send from an address that is not their API's, and what is said of it.
ELSEWHERE = {
    '{"error": "Unexpected endpoint or method. (POST /chat/completions)"}': "Unexpected endpoint",
    "<!doctype html><p>Hi</p>": "a web page",
}


@pytest.mark.parametrize("elsewhere", list(ELSEWHERE))
async def test_address_without_the_api_s_path_is_completed(
    elsewhere: str, openai_server: OpenAIServer
) -> None:
    openai_server.elsewhere = elsewhere
    typed = settings(openai_server.base_url.removesuffix("/v1"))
    assert await asyncio.to_thread(list_models, typed) == sorted(MODELS)
    async with opened_llm(typed) as llm:
        assert llm is not None
        assert str(await llm.acomplete("How high?")) == openai_server.completion


@pytest.mark.parametrize(("elsewhere", "said"), list(ELSEWHERE.items()))
@pytest.mark.parametrize("is_stream", [False, True])
async def test_address_of_something_else_is_told(
    elsewhere: str, said: str, is_stream: bool, openai_server: OpenAIServer
) -> None:
    openai_server.elsewhere = elsewhere
    async with opened_llm(settings(f"{openai_server.base_url.removesuffix('/v1')}/ui")) as llm:
        assert llm is not None
        with (
            pytest.raises(LLMError, match=f"something else answers: .*{said}.* ends in /v1"),
            llm_errors("It"),
        ):
            if is_stream:
                async for _ in await llm.astream_complete("How high?"):
                    pass
            else:
                await llm.acomplete("How high?")


TOLD: list[tuple[str, object]] = [
    ("/v1/models", {"data": [{"id": "other", "max_model_len": 1}, {"id": "m", "max_model_len": 32_768}]}),
    ("/v1/models", {"data": [{"id": "m", "context_length": 32_768}]}),
    ("/props", {"default_generation_settings": {"n_ctx": 32_768}}),
    ("/api/ps", {"models": [{"name": "m", "context_length": 32_768}]}),
    (
        "/api/v0/models",
        {"data": [{"id": "m", "max_context_length": 9, "loaded_context_length": 32_768}]},
    ),
]


@pytest.mark.parametrize(("path", "value"), TOLD)
async def test_window_is_asked_from_the_server_only_where_it_matters(
    path: str, value: object, openai_server: OpenAIServer
) -> None:
    openai_server.told[path] = value
    llm = build_llm(settings(openai_server.base_url))
    assert llm is not None
    assert await window_of(llm, CONTEXT_TOKENS) == CONTEXT_TOKENS
    assert await window_of(llm, CONTEXT_TOKENS + 1) == 32_768


@pytest.mark.parametrize(
    ("told", "window"),
    [
        ({"data": [{"id": "m", "n_ctx": 8}, {"id": "other", "n_ctx": 9}]}, 8),
        ({"data": [{"id": "other", "n_ctx": 9}]}, 9),
        ({"data": [{"id": "a", "n_ctx": 8}, {"id": "b", "n_ctx": 9}]}, None),
        ({"models": [{"model": "m", "context_length": 8}]}, 8),
        ({"data": [{"id": "m", "max_model_len": 0, "context_window": 8}]}, 8),
        ({"data": [{"id": "m", "n_ctx": "8"}]}, None),
        ({"data": "m"}, None),
        ([{"id": "m", "n_ctx": 8}], None),
        ("8", None),
    ],
)
def test_window_is_that_of_the_model_or_of_the_only_one(told: object, window: int | None) -> None:
    assert window_in(told, "m") == window


def test_server_is_asked_where_its_kind_tells_it() -> None:
    assert window_urls("http://host:1/v1/") == (
        "http://host:1/v1/models",
        "http://host:1/props",
        "http://host:1/api/ps",
        "http://host:1/api/v0/models",
    )
