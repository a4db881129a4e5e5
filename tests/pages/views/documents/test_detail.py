"""A document opened: its pages, its chunks and their borders."""

from __future__ import annotations

from core.knowledge_base import KnowledgeBase
from core.store.chunks import StoredChunk
from pages.views.documents.detail import _chosen
from tests.documents import build_pdf
from tests.pages.conftest import OpenPage, html, texts
from tests.pages.documenting import open_document, opened_text, upload


def test_opened_document_shows_its_chunks_borders_and_neighbours(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    text = " ".join(f"Sentence {number} about the harbour <b>and</b> its ships." for number in range(200))
    page = upload(open_page("documents"), ("long.txt", text.encode()))
    page = open_document(page, kb, "long.txt")
    assert not page.exception
    document = kb.store.documents()[0]
    shown = html(page)
    assert f"chunk {document.num_chunks} begins here" in shown
    assert "&lt;b&gt;and" in shown and "<b>and" not in shown
    for number in range(200):
        assert f"Sentence {number} about" in shown
    page.button(key="document_chunk_next").click().run()
    assert "After it: chunk 3" in texts(page)
    assert "Before it: chunk 1" in texts(page)
    assert page.number_input(key="document_chunk").value == 2
    assert {code.value for code in page.code} <= kb.store.chunk_ids(document.id)


def test_pdf_is_opened_page_by_page(open_page: OpenPage, kb: KnowledgeBase) -> None:
    pages = [f"This is page number {number} of the report." for number in range(1, 4)]
    page = upload(open_page("documents"), ("a.pdf", build_pdf(pages)))
    page = open_document(page, kb, "a.pdf")
    assert "number 1 of" in opened_text(page) and "number 2 of" not in opened_text(page)
    page.button(key="document_place_next").click().run()
    assert "number 2 of" in opened_text(page)
    page.number_input(key="document_place").set_value(3).run()
    assert "number 3 of" in opened_text(page)
    assert page.number_input(key="document_chunk").value == 3


def test_address_of_a_document_that_is_gone_says_so(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("documents")
    page.query_params["doc"] = "0" * 32
    page.run()
    assert "not in the knowledge base" in page.warning[0].value
    page.button(key="close_document").click().run()
    assert "empty" in page.info[0].value


def stored(position: int) -> StoredChunk:
    return StoredChunk(
        id=f"c{position}", document_id="d", file="a.txt", page=None, position=position, start=0, end=1,
        text="x", num_tokens=None,
    )  # fmt: skip


def test_chunk_that_is_asked_for_is_open_and_else_the_first() -> None:
    chunks = [stored(4), stored(5)]
    assert _chosen(chunks, 5) == chunks[1]
    assert _chosen(chunks, None) == _chosen(chunks, 9) == chunks[0]
    assert _chosen([], 5) is None
