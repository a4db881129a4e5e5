from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.answers.conversation import as_json, as_markdown
from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from pages.state.left_behind import browser_key, left_chats
from tests.openai_server import OpenAIServer
from tests.pages.asking import answer_of, answering, ask, chat_of, fill, finished
from tests.pages.conftest import OpenPage, texts

QUESTION = "How high is the lighthouse?"


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    left_chats.forget_visitor("")


def close(page: AppTest) -> None:
    """Its conversation is as that of a page which is not open any more."""
    left_chats.hold(browser_key(Settings.from_env()), chat_of(page), lambda: False)


def test_conversation_is_found_by_the_page_that_is_loaded_anew(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = ask(open_page("ask"), QUESTION)
    page.feedback(key="rate-0").set_value(1).run()
    close(page)
    again = open_page("ask")
    assert not again.exception
    assert "37 metres" in texts(again)
    assert again.feedback(key="rate-0").value == 1
    again = ask(again, "When was it built?")
    assert [turn.question for turn in chat_of(again).turns] == [QUESTION, "When was it built?"]
    assert len(chat_of(page).turns) == 1  # should that page come back after all


def test_conversation_of_another_open_page_is_not_taken(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    ask(open_page("ask"), QUESTION)
    assert "37 metres" not in texts(open_page("ask"))


def test_answer_goes_on_in_the_page_that_is_loaded_anew(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = answering(open_page("ask"), model_server, QUESTION)
    close(page)
    again = open_page("ask")
    assert again.chat_input[0].disabled
    again.button(key="answer_stop").click().run()
    assert "Stopped. What came is kept." in texts(again.run())
    assert not chat_of(page).is_busy


def test_conversation_that_was_begun_anew_stays_so_after_a_reload(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    older = ask(open_page("ask"), QUESTION)
    page = ask(open_page("ask"), QUESTION)
    close(older)
    page.button(key="new_chat").click().run()
    assert not page.chat_message
    close(page)
    assert not open_page("ask").chat_message


def test_answer_before_the_new_one_can_be_seen_and_is_in_the_exports(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.words = ["Thirty-seven metres [1]."]
    page = ask(open_page("ask"), QUESTION)
    page.feedback(key="rate-0").set_value(0).run()
    model_server.words = ["37 m [1]."]
    page.button(key="regenerate").click().run()
    page = finished(page)
    assert "37 m " in texts(page) and "Thirty-seven metres" not in texts(page)
    assert page.feedback(key="rate-0").value is None
    page.toggle(key="earlier-0").set_value(True).run()
    assert "Thirty-seven metres" in texts(page)
    turns = chat_of(page).turns
    (earlier,) = json.loads(as_json(turns))["turns"][0]["earlier"]
    assert (earlier["answer"], earlier["rating"]) == ("Thirty-seven metres [1].", "down")
    text = as_markdown(turns)
    assert text.index("37 m [1].") < text.index("### Answered before") < text.index("Thirty-seven metres")


def test_same_answer_once_more_is_no_earlier_one(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = ask(open_page("ask"), QUESTION)
    page.button(key="regenerate").click().run()
    page = finished(page)
    assert "earlier-0" not in [toggle.key for toggle in page.toggle]


def test_new_answer_that_fails_takes_no_other_ones_place(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = ask(ask(open_page("ask"), QUESTION), "When was it built?")
    before = list(chat_of(page).turns)
    model_server.behaviour = "429"
    page.text_area(key=f"edit-0-{QUESTION}").set_value("How tall is it?").run()
    page.button(key="resend-0").click().run()
    page = finished(page)
    assert chat_of(page).turns == before
    (said,) = page.warning
    assert "“How tall is it?” was not answered anew" in said.value and "slow down" in said.value
    assert "What was there before is kept" in said.value
    model_server.behaviour = "answer"
    page.button(key="regenerate").click().run()
    assert not finished(page).warning


def test_new_answer_that_is_stopped_before_its_first_word_takes_no_other_ones_place(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = ask(open_page("ask"), QUESTION)
    page = ask(page, "When was it built?")
    before = list(chat_of(page).turns)
    model_server.behaviour = "hang"
    page.button(key="regenerate").click().run()
    assert page.button(key="new_chat").disabled
    job = answer_of(page)
    page.button(key="answer_stop").click().run()
    job.wait()
    page.run()
    assert chat_of(page).turns == before and not page.warning
