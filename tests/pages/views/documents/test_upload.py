"""Adding documents from every source and trying again, each as a visitor does it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.config.settings import DEFAULT_KB, Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.ingest.journal import log_text
from core.ingest.progress import IngestSnapshot, Stage
from pages.components.markdown import escaped
from pages.state import ingests, opened
from pages.views.documents import upload
from pages.views.documents.document_sources import ARCHIVE, FILES, FOLDER, TEXT, WEB, Chosen
from pages.views.documents.upload import Waiting
from tests.conftest import release_lite
from tests.documents import build_docx, build_pdf, build_zip, protect_office
from tests.pages.conftest import ingested, texts
from tests.pages.page_test import quick

TIMEOUT_S = 60
SCRIPT = """
import streamlit as st

from pages.views.documents.upload import draw_import
from pages.components.ingest_progress import draw_ingest, is_ingesting
from pages.components.layout import setup_page
from pages.state.ingests import current_ingest, start_ingest

settings = setup_page("Documents")
snapshot = st.session_state.pop("seen_before", current_ingest(settings))
draw_import(settings, lambda files: start_ingest(settings, files), is_busy=is_ingesting(snapshot))
draw_ingest(settings, snapshot)
"""


@pytest.fixture
def page(embedder: Embedder) -> Iterator[AppTest]:
    settings = Settings.from_env()
    opened.open_knowledge_base(settings).result()
    yield quick(AppTest.from_string(SCRIPT, default_timeout=TIMEOUT_S)).run()
    release_lite(settings.target.uri)


def _choose(page: AppTest, source: str) -> AppTest:
    page.segmented_control(key=upload.SOURCE_KEY).set_value(source).run()
    assert not page.exception
    return page


def _ended(page: AppTest) -> IngestSnapshot:
    snapshot = ingests.current_ingest(Settings.from_env(), DEFAULT_KB)
    assert snapshot is not None
    assert snapshot.ingest.ended.wait(TIMEOUT_S)
    page.run()
    assert not page.exception
    ended = ingests.current_ingest(Settings.from_env(), DEFAULT_KB)
    assert ended is not None
    return ended


def _added(page: AppTest) -> IngestSnapshot:
    page.button(key="add").click().run()
    return _ended(page)


@pytest.mark.parametrize("source", [FILES, FOLDER])
def test_files_and_folders_are_added(source: str, page: AppTest) -> None:
    _choose(page, source).file_uploader[0].set_value([("a.txt", b"A text.", "text/plain")]).run()
    assert page.button(key="add").label == "Add 1 document"
    assert [file.stage for file in _added(page).files] == [Stage.DONE]
    assert len(page.success) == 1
    assert "first question possible after" in texts(page)


def test_archive_is_added_file_by_file(page: AppTest) -> None:
    data = build_zip({"a.txt": b"A text.", "sub/b.md": b"# B", "c.exe": b"MZ"})
    _choose(page, ARCHIVE).file_uploader[0].set_value(("all.zip", data, "application/zip")).run()
    snapshot = _added(page)
    assert [(file.file, file.stage) for file in snapshot.files] == [
        ("a.txt", Stage.DONE),
        ("b.md", Stage.DONE),
        ("c.exe", Stage.FAILED),
    ]
    assert "c\\.exe" in page.error[0].value


def test_archive_among_files_is_unpacked_and_a_damaged_one_costs_only_itself(page: AppTest) -> None:
    data = build_zip({"a.txt": b"A text.", "sub/b.md": b"# B"})
    uploads = [("all.zip", data, "application/zip"), ("bad.zip", b"no", "application/zip")]
    _choose(page, FILES).file_uploader[0].set_value([*uploads, ("c.txt", b"C.", "text/plain")]).run()
    assert {file.file: file.stage for file in _added(page).files} == {
        "a.txt": Stage.DONE,
        "b.md": Stage.DONE,
        "bad.zip": Stage.FAILED,
        "c.txt": Stage.DONE,
    }


def test_damaged_archive_is_a_sentence_and_nothing_is_added(page: AppTest) -> None:
    _choose(page, ARCHIVE).file_uploader[0].set_value(("all.zip", b"no", "application/zip")).run()
    page.button(key="add").click().run()
    assert not page.exception
    assert "damaged or not a ZIP archive" in page.error[0].value
    assert ingests.current_ingest(Settings.from_env(), DEFAULT_KB) is None


def test_private_address_is_refused_on_the_page(page: AppTest) -> None:
    _choose(page, WEB).text_area[0].set_value("http://127.0.0.1:1/secret.txt").run()
    assert page.button(key="add").label == "Fetch and add 1 document"
    assert [file.stage for file in _added(page).files] == [Stage.FAILED]
    assert "private network" in page.error[0].value


def test_text_that_comes_with_the_click_is_the_one_that_is_added(page: AppTest) -> None:
    _choose(page, TEXT).text_area[0].set_value("The first version.").run()
    page.text_area[0].set_value("The pier is made of oak.")
    assert [file.file for file in _added(page).files] == ["The pier is made of oak.txt"]


def test_pasted_text_is_added_under_its_title(page: AppTest) -> None:
    _choose(page, TEXT).text_input[0].set_value("Harbour notes").run()
    page.text_area[0].set_value("The pier is made of oak.").run()
    assert [file.file for file in _added(page).files] == ["Harbour notes.txt"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("vault.pdf", build_pdf(["The vault is blue."], password="open sesame")),
        ("vault.docx", protect_office(build_docx(["The vault is blue."]), "open sesame")),
    ],
    ids=["pdf", "docx"],
)
def test_protected_file_asks_for_its_password_and_is_added_with_it(
    page: AppTest, name: str, data: bytes
) -> None:
    page.file_uploader[0].set_value([(name, data, "application/octet-stream")]).run()
    _added(page)
    assert escaped(name) + " is protected by a password" in page.error[0].value
    page.text_input(key="password-of-0").set_value("open sesame")
    next(button for button in page.button if button.label == "Try again").click().run()
    snapshot = _ended(page)
    assert [file.stage for file in snapshot.files] == [Stage.DONE]
    assert "sesame" not in texts(page) + log_text(snapshot.log) + repr(snapshot)
    assert len(page.success) == 1


def test_file_that_is_not_what_it_is_called_is_refused_for_good(page: AppTest) -> None:
    page.file_uploader[0].set_value([("bad.pdf", b"no pdf", "application/pdf")]).run()
    _added(page)
    assert page.error
    assert "retry-0" not in {button.key for button in page.button}


def test_file_taken_while_another_is_added_is_added_next() -> None:
    waiting = Waiting()
    first, second = (Chosen(label="Add", collect=partial(named, name)) for name in ("1.txt", "2.txt"))
    had: list[list[str]] = []

    def on_files(files: list[IncomingFile]) -> bool:
        if not had:
            # Another run of the page, on a click that came while this one waits for the model.
            waiting.take(second)
        had.append([file.name for file in files])
        return True

    waiting.take(first)
    assert waiting.hand_over(on_files)
    assert waiting.is_wanted
    assert waiting.hand_over(on_files)
    assert had == [["1.txt"], ["2.txt"]]
    assert waiting.chosen == []


def named(name: str) -> list[IncomingFile]:
    return [IncomingFile(name=name, size_bytes=1, read=lambda: b"x")]


def test_second_click_takes_nothing_twice() -> None:
    record = UploadedFileRec(file_id="one", name="1.txt", type="text/plain", data=b"x")
    chosen = Chosen(label="Add", collect=list, uploads=(UploadedFile(record, FileURLs()),))
    waiting = Waiting()
    waiting.take(chosen)
    waiting.take(chosen)
    assert waiting.names == ["1.txt"]


def test_what_could_not_be_added_waits_on() -> None:
    waiting = Waiting()
    waiting.take(Chosen(label="Add", collect=partial(named, "a.txt")))
    assert not waiting.hand_over(lambda _: False), "another tab has begun an ingest"
    assert (len(waiting.chosen), waiting.is_wanted, waiting.is_at_work) == (1, True, False)


def test_ingest_that_ends_while_the_page_is_drawn_leaves_nothing_closed(page: AppTest) -> None:
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(TIMEOUT_S)
        return b"A text."

    settings = Settings.from_env()
    assert ingests.start_ingest(settings, [IncomingFile(name="a.txt", size_bytes=7, read=read)])
    running = ingests.current_ingest(settings, DEFAULT_KB)
    _choose(page, TEXT).text_area[0].set_value("Another text.").run()
    assert page.button(key="add").disabled
    go_on.set()
    ingested(settings, DEFAULT_KB)
    page.session_state["seen_before"] = running
    page.run()
    assert not page.button(key="add").disabled
