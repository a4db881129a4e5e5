"""The list of documents: what it says of each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.documents.models import READER_VERSION, DocumentSummary
from core.knowledge_base import KnowledgeBase
from pages.views.documents.list import state_of
from tests.pages.conftest import OpenPage
from tests.pages.documenting import listed, upload

WHOLE = DocumentSummary(
    id="a",
    file="handbook.pdf",
    size_bytes=1_000,
    num_pages=3,
    num_chunks=1_200,
    chunks_present=1_200,
    ingested_at="2026-11-27T20:00:00+00:00",
)


@pytest.mark.parametrize(
    ("document", "is_busy", "said"),
    [
        (WHOLE, False, "complete"),
        (WHOLE, True, "complete"),
        (
            replace(WHOLE, reader_version=READER_VERSION - 1),
            False,
            "add it again: an earlier version has read it",
        ),
        (replace(WHOLE, chunks_present=7), True, "being added, of 1,200 chunks"),
        (replace(WHOLE, chunks_present=7), False, "add it again: cut short at 7 of 1,200 chunks"),
    ],
)
def test_state_of_a_document_says_what_to_do_first(
    document: DocumentSummary, is_busy: bool, said: str
) -> None:
    assert state_of(document, is_busy=is_busy, is_older=False) == said


def _page(chunks_present: int) -> None:
    from dataclasses import replace
    from types import SimpleNamespace

    from core.config.settings import Settings
    from pages.views.documents.list import draw_documents
    from tests.pages.views.documents.test_list import WHOLE

    documents = [WHOLE, replace(WHOLE, id="b", chunks_present=chunks_present)]
    draw_documents(Settings.from_env({}), SimpleNamespace(), documents, is_busy=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(("chunks_present", "second"), [(1_200, "Pages"), (7, "State")])
def test_state_stands_beside_the_name_where_a_document_wants_something(
    chunks_present: int, second: str
) -> None:
    page = AppTest.from_function(_page, args=(chunks_present,)).run()
    assert not page.exception
    order = page.dataframe[0].proto.column_order
    assert (order[0], order[1]) == ("Document", second)


def test_list_is_searched_sorted_and_filtered(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = upload(open_page("documents"), ("Beta.txt", b"b"), ("alpha.md", b"# a"), ("gamma.txt", b"g"))
    page.selectbox(key="documents_sort").set_value("Name").run()
    assert listed(page) == ["alpha.md", "Beta.txt", "gamma.txt"]
    page.selectbox(key="documents_type").set_value("txt").run()
    assert listed(page) == ["Beta.txt", "gamma.txt"]
    page.selectbox(key="documents_since").set_value("Last 24 hours").run()
    page.text_input(key="documents_search").set_value("BET").run()
    assert listed(page) == ["Beta.txt"]
    page.text_input(key="documents_search").set_value("nothing like it").run()
    assert "No document matches" in page.info[0].value
