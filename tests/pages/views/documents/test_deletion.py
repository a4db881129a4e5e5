"""Documents are deleted once somebody has seen what goes."""

from __future__ import annotations

from core.knowledge_base import KnowledgeBase
from pages.views.documents.list import table_key
from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import listed, open_document, upload


def test_selected_documents_are_deleted_after_a_look_at_what_goes(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    page = upload(open_page("documents"), *[(f"{name}.txt", name.encode()) for name in "abc"])
    page.selectbox(key="documents_sort").set_value("Name").run()
    by_name = sorted(kb.store.documents(), key=lambda document: document.file)
    page.session_state[table_key(by_name)] = {"selection": {"rows": [0, 2], "columns": [], "cells": []}}
    page.run()
    page.button(key="delete").click().run()
    assert "Delete 2 documents" in texts(page)
    assert "c\\.txt: 1 chunk" in texts(page)
    assert len(kb.store.documents()) == 3, "nothing is gone before it is confirmed"
    page.button(key="delete_confirmed").click().run()
    assert not page.exception
    assert "Deleted a\\.txt: 1 chunk." in page.success[-1].value
    assert listed(page) == ["b.txt"]


def test_nothing_is_deleted_when_the_visitor_thinks_again(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."))
    page = open_document(page, kb, "a.txt")
    page.button(key="delete_opened").click().run()
    page.button(key="delete_cancelled").click().run()
    assert len(kb.store.documents()) == 1


def test_last_document_deleted_leaves_an_empty_knowledge_base(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."))
    page = open_document(page, kb, "a.txt")
    page.button(key="delete_opened").click().run()
    page.button(key="delete_confirmed").click().run()
    assert not page.exception
    assert "Deleted a\\.txt: 1 chunk." in page.success[-1].value
    assert "empty" in page.info[-1].value
