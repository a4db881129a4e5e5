from __future__ import annotations

import threading

from streamlit.testing.v1 import AppTest

from core.config import Settings
from core.documents.pipeline import IncomingFile
from core.knowledge import KnowledgeBase
from pages.shared import resources
from tests.pages.conftest import OpenPage, texts


def _upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploads = [(name, data, "application/octet-stream") for name, data in files]
    page.file_uploader[0].set_value(uploads).run()
    page.button(key="add").click().run()
    return _ended(page)


def _ended(page: AppTest) -> AppTest:
    resources.ingest_future(Settings.from_env()).result()
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


def test_file_that_is_there_already_is_not_added_twice(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page = _upload(page, ("other-name.txt", b"Some text."))
    assert "already there" in page.info[0].value
    assert "1 document · 1 chunk" in texts(page)


def test_name_with_a_path_becomes_a_plain_name(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("../../etc/passwd.txt", b"Some text."))
    assert list(page.dataframe[0].value["Document"]) == ["passwd.txt"]


def test_deleted_document_is_gone(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page.button(key="delete").click().run()
    assert not page.exception
    assert "empty" in page.info[-1].value


def test_running_ingest_is_shown_and_can_be_stopped(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("documents")
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        return b"Late text."

    settings = Settings.from_env()
    files = [IncomingFile(name=f"{i}.txt", size_bytes=9, read=read) for i in range(2)]
    assert resources.start_ingest(settings, files)
    assert not resources.start_ingest(settings, files), "one ingest at a time"
    page.run()
    assert "Adding documents" in texts(page)
    page.button(key="ingest_stop").click().run()
    go_on.set()
    page = _ended(page)
    assert "was stopped" in page.warning[0].value


def test_result_can_be_closed(open_page: OpenPage) -> None:
    page = _upload(open_page("documents"), ("a.txt", b"Some text."))
    page.button(key="ingest_close").click().run()
    assert not page.success
    assert "1 document" in texts(page)
