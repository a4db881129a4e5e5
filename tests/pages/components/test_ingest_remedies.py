"""What can be done about files that were not read, or not as they should be."""

from __future__ import annotations

import shutil

import pytest

from core.knowledge_base import KnowledgeBase
from core.store.chunks import chunks_between
from tests.documents import build_drawn_pdf
from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import ended, open_document, upload


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_pdf_whose_letters_mean_nothing_is_offered_to_be_recognised(open_page: OpenPage) -> None:
    data = build_drawn_pdf([(72, 700, "\x01\x02\x03\x04 \x05\x06"), (72, 680, "\x01\x02\x03 in")])
    page = upload(open_page("documents"), ("plain.txt", b"Plain."), ("odd.pdf", data))
    assert page.button(key="retry-1").label == r"Recognise the text of odd\.pdf (OCR)"
    assert "retry-0" not in {button.key for button in page.button}


def test_guessed_encoding_can_be_changed_where_the_text_is_in(open_page: OpenPage, kb: KnowledgeBase) -> None:
    text = "Größe und Maß, schön für die Übersicht."
    page = upload(open_page("documents"), ("plain.txt", b"Plain."), ("a.txt", text.encode("windows-1252")))
    assert "read as windows\\-1252, which is a guess" in page.success[1].value
    label = "a.txt was read as windows-1252. Where its letters are wrong, read it as"
    assert [(box.key, box.label) for box in page.selectbox if "encoding" in (box.key or "")] == [
        ("encoding-1", label)
    ]
    page.selectbox(key="encoding-1").set_value("windows-1251").run()
    assert page.button(key="read-as-1").label == "Read it as windows-1251"
    page.button(key="read-as-1").click().run()
    page = ended(page)
    assert not page.exception
    assert "read as windows\\-1251" in page.success[1].value
    (document,) = [each for each in kb.store.documents() if each.file == "a.txt"]
    (chunk,) = chunks_between(kb.store, document.id, 0, 9)
    assert chunk.text == text.encode("windows-1252").decode("windows-1251")
    page = open_document(open_page("documents"), kb, "a.txt")
    assert "then choose another encoding" in texts(page)
