from __future__ import annotations

import pytest

from core.config import Settings
from core.errors import LLMAuthError, LLMError, LLMUnavailableError
from core.llm import list_models
from tests.openai_server import MODELS, OpenAIServer


def settings(base_url: str) -> Settings:
    return Settings.from_env({"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "sk-secret"})


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
