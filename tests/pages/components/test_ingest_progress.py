"""How an ingest goes on and ends."""

from __future__ import annotations

import re
import threading

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from pages.state import ingests
from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import ended, upload


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


def test_result_can_be_closed(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."))
    page.button(key="ingest_close").click().run()
    assert not page.success
    assert "1 document" in texts(page)
