"""How an ingest goes on and ends, and what can be done about its files."""

from __future__ import annotations

import re
import shutil
import threading
from typing import Any

import pytest

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.ingest.progress import FileProgress, Stage
from core.knowledge_base import KnowledgeBase
from core.store.chunks import chunks_between
from pages.components.ingest_progress import _language, _line, _seconds, _share, _stopped_line, outcome_words
from pages.state import ingests
from tests.documents import build_drawn_pdf
from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import ended, open_document, upload


def test_outcome_counts_its_files_and_begins_with_those_that_need_somebody(open_page: OpenPage) -> None:
    good = [(f"note-{number}.txt", f"Note {number}.".encode()) for number in range(5)]
    page = upload(open_page("documents"), *good, ("copy.txt", b"Note 0."), ("bad.pdf", b"no pdf"))
    summary = next(element.value for element in page.markdown if "**Finished**" in element.value)
    assert "5 of 7 files added · 1 already there · **1 not added**" in summary
    kinds = [element.type for element in page.main]
    boxes = [kind for kind in kinds if kind in {"error", "success", "info"}]
    assert boxes == ["error", "success", "success", "success", "info"]
    assert page.expander[0].label == "2 more documents added"
    assert "note\\-4\\.txt" in page.expander[0].markdown[0].value


def test_language_and_what_the_model_cannot_read_of_a_file_stand_on_its_line(open_page: OpenPage) -> None:
    chinese = "港口的灯塔建于一八九七年，高三十七米。守塔人每天晚上都要爬上楼梯，点亮灯火。"
    page = upload(open_page("documents"), ("zh.txt", chinese.encode()), ("en.txt", b"The crane is new."))
    lines = {name: line.value for line in page.success for name in ("zh", "en") if name in line.value}
    assert re.search(r"1 chunk added.* · Chinese · \d\d % of it unknown to the model · ", lines["zh"])
    assert "unknown to the model" not in lines["en"]
    assert any("of a document's text is unknown to it" in info.value for info in page.info)


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
    page = ended(page)
    assert "was stopped" in page.warning[0].value


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


def test_result_can_be_closed(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."))
    page.button(key="ingest_close").click().run()
    assert not page.success
    assert "1 document" in texts(page)


def progress(stage: Stage, **values: Any) -> FileProgress:
    return FileProgress(file="a_b.pdf", stage=stage, size_bytes=9, **values)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            progress(Stage.DONE, num_pages=3, chunks_added=1, elapsed_s=2.345, notes=("one chart",)),
            "3 pages, 1 chunk added, searchable after 2.35 s. one chart.",
        ),
        (progress(Stage.DONE, chunks_added=1200), "1,200 chunks added."),
        (progress(Stage.PRESENT, warning="Page 2 is damaged."), "was already there. Page 2 is damaged."),
        (progress(Stage.STOPPED, chunks_done=7), "was stopped after 7 chunks, which are kept."),
        (progress(Stage.FAILED, error="a_b.pdf is damaged."), "a_b.pdf is damaged."),
        (progress(Stage.FAILED), "failed"),
        (progress(Stage.EMBEDDING, num_chunks=9), ""),
    ],
)  # fmt: skip
def test_what_became_of_a_file_is_told_without_markup(file: FileProgress, said: str) -> None:
    assert outcome_words(file) == said


def test_line_of_a_file_at_work_says_what_is_known_of_it_so_far() -> None:
    reading = progress(Stage.READING, num_pages=1200, pages_done=30, pages_per_s=15.4)
    assert _line(reading) == "**a\\_b\\.pdf** · reading · page 30 of 1,200 · 15 pages/s"
    embedding = progress(Stage.EMBEDDING, num_chunks=100, chunks_done=25, chunks_per_s=12.5, eta_s=6.0)
    assert _line(embedding) == "**a\\_b\\.pdf** · embedding · 25 of 100 chunks · 12 chunks/s · about 6 s left"
    assert _line(progress(Stage.WAITING)) == "**a\\_b\\.pdf** · waiting"


def test_share_that_is_in_is_known_once_the_chunks_are() -> None:
    files = [progress(Stage.EMBEDDING, num_chunks=total, chunks_done=5) for total in (None, 0, 10, 4)]
    shares = [_share(file) for file in files]
    assert shares == [0.0, 0.0, 0.5, 1.0]


def test_stopped_file_says_whether_anything_of_it_is_kept() -> None:
    assert _stopped_line(progress(Stage.STOPPED)) == (
        "**a\\_b\\.pdf** was stopped before anything of it was in."
    )
    assert _stopped_line(progress(Stage.STOPPED, chunks_done=7, num_chunks=1000)) == (
        "**a\\_b\\.pdf** was stopped after 7 of 1,000 chunks, which are kept. Try again to go on from there."
    )


def test_language_is_told_where_it_is_worth_a_word() -> None:
    assert _language(progress(Stage.DONE, language="en")) == ""
    assert _language(progress(Stage.DONE, language="ru", unknown_share=0.4)) == (
        " · Russian · 40 % of it unknown to the model"
    )


@pytest.mark.parametrize(("time_s", "told"), [(0.004, "0.00 s"), (9.994, "9.99 s"), (1234.5, "1,234 s")])
def test_seconds_have_digits_where_they_are_few(time_s: float, told: str) -> None:
    assert _seconds(time_s) == told
