from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.llm_form import CHOSEN_KEY
from tests.openai_server import MODELS, OpenAIServer
from tests.pages.conftest import OpenPage, texts

KEY = "sk-own-key"


def filled_in(open_page: OpenPage, server: OpenAIServer) -> AppTest:
    page = open_page("system")
    page.selectbox(key="llm_server").set_value("Another server").run()
    page.text_input(key="llm_url_Another server").set_value(server.base_url).run()
    return page.text_input(key="llm_key").set_value(KEY).run()


def test_models_are_read_from_the_server_and_one_is_used(
    open_page: OpenPage, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_CONTEXT_WINDOW", "2048")
    page = filled_in(open_page, openai_server)
    page.button(key="llm_list").click().run()
    assert page.selectbox(key="llm_model").options == sorted(MODELS)
    page.button(key="llm_use").click().run()
    assert not page.exception
    assert "In use: **another\\-model" in texts(page)
    assert page.session_state[CHOSEN_KEY].llm_model == "another-model"
    assert page.session_state[CHOSEN_KEY].llm_context_tokens is None, "that was another model's"


def test_key_is_nowhere_on_the_page(open_page: OpenPage, openai_server: OpenAIServer) -> None:
    page = filled_in(open_page, openai_server)
    page.button(key="llm_list").click().run()
    page.button(key="llm_use").click().run()
    assert KEY not in texts(page) + str([table.value for table in page.table])
    assert KEY not in repr(page.session_state[CHOSEN_KEY])


def test_server_that_refuses_the_key_is_one_sentence(
    open_page: OpenPage, openai_server: OpenAIServer
) -> None:
    openai_server.behaviour = "401"
    page = filled_in(open_page, openai_server)
    page.button(key="llm_list").click().run()
    assert "refused the API key" in page.error[0].value
    assert not page.exception


def test_settings_of_the_app_can_be_had_back(open_page: OpenPage, openai_server: OpenAIServer) -> None:
    page = filled_in(open_page, openai_server)
    page.button(key="llm_list").click().run()
    page.button(key="llm_use").click().run()
    page.button(key="llm_reset").click().run()
    assert "In use: **none: extractive answers**" in texts(page).replace("\\", "")


def test_nothing_can_be_used_before_a_model_is_named(open_page: OpenPage) -> None:
    page = open_page("system")
    assert page.button(key="llm_use").disabled
