"""A model that was not made for a language of the documents says so."""

from __future__ import annotations

from core.knowledge_base import KnowledgeBase
from tests.pages.asking import fill, finished
from tests.pages.conftest import OpenPage, texts


def test_documents_that_the_model_was_not_made_for_are_said_with_a_way_to_another_model(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    text = "Маяк в гавани построен в 1897 году. Его высота тридцать семь метров."
    fill(kb, text, "mayak.txt")
    page = open_page("ask")
    assert "Documents in Russian are found by their words" in texts(page)
    page.chat_input[0].set_value("How high is the lighthouse in the harbour?").run()
    page = finished(page)
    assert "compare English with Russian" in texts(page)
    page.chat_input[0].set_value("Какой высоты маяк?").run()
    assert "тридцать семь метров" in texts(finished(page))
