from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.config.settings import Settings
from pages.components.llm_form import CHOSEN_KEY, visitor_llm
from tests.core.answers.test_local_models import free_port, port_of
from tests.openai_server import MODELS, OpenAIServer
from tests.pages.conftest import OpenPage, texts
from tests.pages.page_test import quick


def draw(ports: dict[str, int]) -> None:
    from core.config.settings import Settings
    from pages.components.local_model_form import draw_local_models

    draw_local_models(Settings.from_env(), key="here", ports=ports)


def drawn(**ports: int) -> AppTest:
    return quick(AppTest.from_function(draw, args=(ports,))).run()


def test_model_that_is_found_is_used_with_one_click(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-app")
    monkeypatch.setenv("LLM_CONTEXT_WINDOW", "2048")
    page = drawn(Ollama=port_of(openai_server))
    page.button(key="here-find").click().run()
    assert "**Ollama**" in texts(page)
    labels = [button.label.replace("\\", "") for button in page.button[1:]]
    assert labels == [f"Use {name}" for name in sorted(MODELS)]
    page.button(key="here-Ollama-stand-in").click().run()
    chosen = page.session_state[CHOSEN_KEY]
    assert (chosen.openai_base_url, chosen.llm_model) == (openai_server.base_url, "stand-in")
    assert chosen.llm_context_tokens is None, "that was another model's"
    assert not chosen.openai_api_key, "the key of another server is no business of this one"


def test_nothing_is_asked_before_the_click(openai_server: OpenAIServer) -> None:
    openai_server.told["/v1/models"] = {"data": [{"id": "seen"}]}
    page = drawn(Ollama=port_of(openai_server))
    assert "seen" not in texts(page) and [button.label for button in page.button] == [
        "Find models on this machine"
    ]


def test_many_models_are_a_list(openai_server: OpenAIServer) -> None:
    openai_server.told["/v1/models"] = {"data": [{"id": f"model-{number}"} for number in range(9)]}
    page = drawn(Ollama=port_of(openai_server))
    page.button(key="here-find").click().run()
    page.selectbox(key="here-Ollama-model").set_value("model-7").run()
    page.button(key="here-Ollama-use").click().run()
    assert page.session_state[CHOSEN_KEY].llm_model == "model-7"


def test_where_none_answers_it_says_what_to_start() -> None:
    page = drawn(Ollama=free_port())
    page.button(key="here-find").click().run()
    assert "Start Ollama" in page.info[0].value


def test_shared_app_looks_at_no_port_of_its_host(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERLAP_SHARED", "1")
    page = drawn(Ollama=port_of(openai_server))
    assert not page.button


def test_found_model_answers_the_chat(open_page: OpenPage, openai_server: OpenAIServer) -> None:
    page = open_page("ask")
    settings = Settings.from_env()
    assert visitor_llm(settings) is None
    page.session_state[CHOSEN_KEY] = replace(
        settings, openai_base_url=openai_server.base_url, llm_model="stand-in"
    )
    assert "answers by stand\\-in" in texts(page.run())
