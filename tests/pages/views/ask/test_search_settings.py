"""What is set beside the chat holds for the next question."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.knowledge_base import KnowledgeBase
from pages.views.ask.search_settings import DOCUMENTS_KEY
from tests.pages.asking import answered, ask, chat_of, fill, finished
from tests.pages.conftest import OpenPage


def test_answer_is_generated_again_with_new_settings(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    page.slider(key="set_min_relevance").set_value(0.99).run()
    page.button(key="regenerate").click().run()
    page = finished(page)
    (turn,) = chat_of(page).turns
    assert turn.answer.is_refusal
    assert turn.retrieval.min_relevance == 0.99


def test_question_is_asked_of_chosen_documents_only(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    fill(kb, "The lighthouse keeper cooked soup for the lighthouse guests.", name="soup.txt")
    page = open_page("ask")
    soup = next(each.id for each in kb.store.documents() if each.file == "soup.txt")
    page.multiselect(key="set_documents-default").set_value([soup]).run()
    page = ask(page, "How high is the lighthouse?")
    (turn,) = chat_of(page).turns
    assert {source.file for source in turn.answer.sources} == {"soup.txt"}
    assert chosen_in(page) == {"default": (soup,)}


def chosen_in(page: AppTest) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = page.session_state[DOCUMENTS_KEY]
    return chosen
