from __future__ import annotations

import re
import shutil
import threading

import pytest
from streamlit.testing.v1 import AppTest

from core.answers.models import Source
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from core.projection import MapJob
from core.runtime.jobs import JobState
from core.store.chunks import chunks_between
from pages.state import app_state, ingests
from pages.state.last_question import QUESTION_KEY
from pages.views.documents.list import table_key
from tests.documents import build_drawn_pdf, build_pdf
from tests.pages.conftest import OpenPage, ingested, texts


def _upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploads = [(name, data, "application/octet-stream") for name, data in files]
    page.file_uploader[0].set_value(uploads).run()
    page.button(key="add").click().run()
    return _ended(page)


def _ended(page: AppTest) -> AppTest:
    ingested(Settings.from_env())
    return page.run()


def test_empty_knowledge_base_says_so(open_page: OpenPage) -> None:
    page = open_page("documents")
    assert not page.exception
    assert "The knowledge base is empty" in page.info[0].value


def test_uploaded_files_are_added_and_listed(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."), ("b.md", b"# More\n\nMore text."))
    assert not page.exception
    assert [success.value.split(":")[0] for success in page.success] == ["**a\\.txt**", "**b\\.md**"]
    assert "2 documents · 2 chunks" in texts(page)
    assert set(page.dataframe[0].value["Document"]) == {"a.txt", "b.md"}


def test_bad_file_gets_its_sentence_and_the_good_one_is_added(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("bad.pdf", b"no pdf"), ("good.txt", b"Good text."))
    assert "bad\\.pdf" in page.error[0].value
    assert len(page.success) == 1


def test_outcome_counts_its_files_and_begins_with_those_that_need_somebody(open_page: OpenPage) -> None:
    good = [(f"note-{number}.txt", f"Note {number}.".encode()) for number in range(5)]
    page = _upload(open_page("documents"), *good, ("copy.txt", b"Note 0."), ("bad.pdf", b"no pdf"))
    summary = next(element.value for element in page.markdown if "**Finished**" in element.value)
    assert "5 of 7 files added · 1 already there · **1 not added**" in summary
    kinds = [element.type for element in page.main]
    boxes = [kind for kind in kinds if kind in {"error", "success", "info"}]
    assert boxes == ["error", "success", "success", "success", "info"]
    assert page.expander[0].label == "2 more documents added"
    assert "note\\-4\\.txt" in page.expander[0].markdown[0].value


def test_language_and_what_the_model_cannot_read_of_a_file_stand_on_its_line(open_page: OpenPage) -> None:
    chinese = "港口的灯塔建于一八九七年，高三十七米。守塔人每天晚上都要爬上楼梯，点亮灯火。"
    page = _upload(open_page("documents"), ("zh.txt", chinese.encode()), ("en.txt", b"The crane is new."))
    lines = {name: line.value for line in page.success for name in ("zh", "en") if name in line.value}
    assert re.search(r"1 chunk added.* · Chinese · \d\d % of it unknown to the model · ", lines["zh"])
    assert "unknown to the model" not in lines["en"]
    assert any("of a document's text is unknown to it" in info.value for info in page.info)


def test_file_that_is_there_already_is_not_added_twice(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page = _upload(page, ("other-name.txt", b"Some text."))
    assert "already there" in page.info[0].value
    assert "1 document · 1 chunk" in texts(page)


def test_name_with_a_path_becomes_a_plain_name(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("../../etc/passwd.txt", b"Some text."))
    assert list(page.dataframe[0].value["Document"]) == ["passwd.txt"]


def _table(page: AppTest) -> list[str]:
    return [str(name) for name in page.dataframe[0].value["Document"]]


def _open_document(page: AppTest, kb: KnowledgeBase, file: str) -> AppTest:
    page.query_params["doc"] = next(found.id for found in kb.store.documents() if found.file == file)
    return page.run()


def _html(page: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def _text(page: AppTest) -> str:
    """The text of the opened page, without the chunk beside it."""
    return next(element.proto.body for element in page.get("html") if "begins here" in element.proto.body)


def test_selected_documents_are_deleted_after_a_look_at_what_goes(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    page = _upload(open_page("documents"), *[(f"{name}.txt", name.encode()) for name in "abc"])
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
    assert _table(page) == ["b.txt"]


def test_nothing_is_deleted_when_the_visitor_thinks_again(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page = _open_document(page, kb, "a.txt")
    page.button(key="delete_opened").click().run()
    page.button(key="delete_cancelled").click().run()
    assert len(kb.store.documents()) == 1


def test_last_document_deleted_leaves_an_empty_knowledge_base(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page = _open_document(page, kb, "a.txt")
    page.button(key="delete_opened").click().run()
    page.button(key="delete_confirmed").click().run()
    assert not page.exception
    assert "Deleted a\\.txt: 1 chunk." in page.success[-1].value
    assert "empty" in page.info[-1].value


def test_list_is_searched_sorted_and_filtered(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _upload(open_page("documents"), ("Beta.txt", b"b"), ("alpha.md", b"# a"), ("gamma.txt", b"g"))
    page.selectbox(key="documents_sort").set_value("Name").run()
    assert _table(page) == ["alpha.md", "Beta.txt", "gamma.txt"]
    page.selectbox(key="documents_type").set_value("txt").run()
    assert _table(page) == ["Beta.txt", "gamma.txt"]
    page.selectbox(key="documents_since").set_value("Last 24 hours").run()
    page.text_input(key="documents_search").set_value("BET").run()
    assert _table(page) == ["Beta.txt"]
    page.text_input(key="documents_search").set_value("nothing like it").run()
    assert "No document matches" in page.info[0].value


def test_opened_document_shows_its_chunks_borders_and_neighbours(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    text = " ".join(f"Sentence {number} about the harbour <b>and</b> its ships." for number in range(200))
    page = _upload(open_page("documents"), ("long.txt", text.encode()))
    page = _open_document(page, kb, "long.txt")
    assert not page.exception
    document = kb.store.documents()[0]
    shown = _html(page)
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
    page = _upload(open_page("documents"), ("a.pdf", build_pdf(pages)))
    page = _open_document(page, kb, "a.pdf")
    assert "number 1 of" in _text(page) and "number 2 of" not in _text(page)
    page.button(key="document_place_next").click().run()
    assert "number 2 of" in _text(page)
    page.number_input(key="document_place").set_value(3).run()
    assert "number 3 of" in _text(page)
    assert page.number_input(key="document_chunk").value == 3


def test_address_of_a_document_that_is_gone_says_so(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("documents")
    page.query_params["doc"] = "0" * 32
    page.run()
    assert "not in the knowledge base" in page.warning[0].value
    page.button(key="close_document").click().run()
    assert "empty" in page.info[0].value


def test_map_is_drawn_in_the_background(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."), ("b.txt", b"Other text."))
    page.segmented_control(key="documents_view").set_value("Map").run()
    assert not page.exception
    for job in app_state.jobs.of_kind(MapJob):
        assert job.wait() is JobState.DONE
    page.run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == 1
    source = Source(
        number=1, file="a.txt", page=None, score=0.5, text="Some text.", document_id="",
        chunk_id=next(iter(kb.store.chunk_ids(kb.store.documents()[0].id))),
    )  # fmt: skip
    page.session_state[QUESTION_KEY] = ("What *text*?", (source,))
    page.run()
    assert "“What \\*text\\*?”; 1 hit ringed" in texts(page)


def test_running_ingest_is_shown_and_can_be_stopped(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("documents")
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        return b"Late text."

    settings = Settings.from_env()
    files = [IncomingFile(name=f"{i}.txt", size_bytes=9, read=read) for i in range(2)]
    assert ingests.start_ingest(settings, files)
    assert not ingests.start_ingest(settings, files), "one ingest at a time"
    page.run()
    assert "Adding documents" in texts(page)
    page.button(key="ingest_stop").click().run()
    go_on.set()
    page = _ended(page)
    assert "was stopped" in page.warning[0].value


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_pdf_whose_letters_mean_nothing_is_offered_to_be_recognised(open_page: OpenPage) -> None:
    data = build_drawn_pdf([(72, 700, "\x01\x02\x03\x04 \x05\x06"), (72, 680, "\x01\x02\x03 in")])
    page = _upload(open_page("documents"), ("plain.txt", b"Plain."), ("odd.pdf", data))
    assert page.button(key="retry-1").label == r"Recognise the text of odd\.pdf (OCR)"
    assert "retry-0" not in {button.key for button in page.button}


def test_guessed_encoding_can_be_changed_where_the_text_is_in(open_page: OpenPage, kb: KnowledgeBase) -> None:
    text = "Größe und Maß, schön für die Übersicht."
    page = _upload(open_page("documents"), ("plain.txt", b"Plain."), ("a.txt", text.encode("windows-1252")))
    assert "read as windows\\-1252, which is a guess" in page.success[1].value
    label = "a.txt was read as windows-1252. Where its letters are wrong, read it as"
    assert [(box.key, box.label) for box in page.selectbox if "encoding" in (box.key or "")] == [
        ("encoding-1", label)
    ]
    page.selectbox(key="encoding-1").set_value("windows-1251").run()
    assert page.button(key="read-as-1").label == "Read it as windows-1251"
    page.button(key="read-as-1").click().run()
    page = _ended(page)
    assert not page.exception
    assert "read as windows\\-1251" in page.success[1].value
    (document,) = [each for each in kb.store.documents() if each.file == "a.txt"]
    (chunk,) = chunks_between(kb.store, document.id, 0, 9)
    assert chunk.text == text.encode("windows-1252").decode("windows-1251")
    page = _open_document(open_page("documents"), kb, "a.txt")
    assert "then choose another encoding" in texts(page)


def test_result_can_be_closed(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page.button(key="ingest_close").click().run()
    assert not page.success
    assert "1 document" in texts(page)
