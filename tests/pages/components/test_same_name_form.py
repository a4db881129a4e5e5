"""A name that is taken: what a visitor is asked before a document is added, and what comes of the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.config.settings import Settings
from core.documents.sources.incoming import origin_of
from core.embedding.model import Embedder
from core.ingest.progress import Stage
from core.knowledge_base import KnowledgeBase
from pages.components.same_name_form import CHOICE_KEY, NameTakenError
from pages.state import ingests, opened
from pages.views.documents import upload
from pages.views.documents.document_sources import ARCHIVE, FILES, FOLDER, TEXT, Chosen, files_of_upload
from pages.views.documents.list import state_of
from pages.views.documents.upload import Waiting
from tests.conftest import release_lite
from tests.documents import build_zip
from tests.pages.asking import ask
from tests.pages.conftest import OpenPage, ingested, texts
from tests.pages.page_test import quick
from tests.pages.views.documents.test_upload import SCRIPT, TIMEOUT_S

OLD, NEW = b"The membership fee is 120 euros a year.", b"The membership fee is 150 euros a year."


@pytest.fixture
def page(embedder: Embedder) -> Iterator[AppTest]:
    settings = Settings.from_env()
    opened.open_knowledge_base(settings).result()
    yield quick(AppTest.from_string(SCRIPT, default_timeout=TIMEOUT_S)).run()
    release_lite(settings.target.uri)


def _choose(page: AppTest, *files: tuple[str, bytes], source: str = FILES) -> AppTest:
    page.segmented_control(key=upload.SOURCE_KEY).set_value(source).run()
    uploads = [(name, data, "application/octet-stream") for name, data in files]
    page.file_uploader[0].set_value(uploads if source != ARCHIVE else uploads[0]).run()
    assert not page.exception
    return page


def _add(page: AppTest) -> AppTest:
    page.button(key="add").click().run()
    ingested(Settings.from_env())
    page.run()
    assert not page.exception
    return page


def _is_asked(page: AppTest) -> bool:
    return bool([radio for radio in page.radio if str(radio.key).startswith(CHOICE_KEY)])


def _files(kb: KnowledgeBase) -> list[str]:
    return sorted(document.file for document in kb.store.documents())


def test_visitor_is_asked_and_the_old_one_is_replaced(page: AppTest, kb: KnowledgeBase) -> None:
    _add(_choose(page, ("fee.txt", OLD)))
    _choose(page, ("fee.txt", NEW))
    radio = page.radio(key=CHOICE_KEY)
    sentence = radio.label.replace("\\", "")
    assert sentence.startswith("A document of this name is here already, with other content: fee.txt, added")
    assert (radio.options, radio.value) == (["Replace it", "Keep both"], "keep")
    radio.set_value("replace").run()
    _add(page)
    assert "It replaced the version added" in page.success[0].value.replace("\\", "")
    assert "1 chunk" in page.success[0].value
    (document,) = kb.store.documents()
    assert document.size_bytes == len(NEW)
    assert not _is_asked(page)


def test_visitor_who_only_adds_keeps_both_and_the_older_one_is_marked(
    page: AppTest, kb: KnowledgeBase
) -> None:
    _add(_choose(page, ("fee.txt", OLD)))
    _add(_choose(page, ("fee.txt", NEW)))
    assert "Another document of this name" in page.success[0].value
    assert _files(kb) == ["fee.txt", "fee.txt"]
    older = kb.store.older_versions()
    states = [state_of(each, is_busy=False, is_older=each.id in older) for each in kb.store.documents()]
    assert sorted(states) == ["complete", "older version"]


def test_visitor_is_told_of_every_document_that_would_go(page: AppTest, kb: KnowledgeBase) -> None:
    for text in (OLD, NEW):
        _add(_choose(page, ("fee.txt", text)))
    _choose(page, ("fee.txt", b"The membership fee is 180 euros a year."))
    radio = page.radio(key=CHOICE_KEY)
    assert radio.label.replace("\\", "").startswith("2 documents of this name are here already")
    assert radio.options == ["Replace them", "Keep all"]
    radio.set_value("replace").run()
    _add(page)
    assert len(kb.store.documents()) == 1
    assert "It replaced 2 versions" in page.success[0].value


def test_same_content_and_other_names_ask_nothing(page: AppTest) -> None:
    _add(_choose(page, ("fee.txt", OLD)))
    assert not _is_asked(_choose(page, ("fee.txt", OLD), ("statutes.txt", b"Statutes.")))


def test_one_answer_holds_for_all_that_are_concerned_and_for_no_other(
    page: AppTest, kb: KnowledgeBase
) -> None:
    _add(_choose(page, ("fee.txt", OLD), ("tides.txt", b"High at noon."), ("same.txt", b"The same.")))
    _choose(
        page, ("fee.txt", NEW), ("tides.txt", b"High at one."), ("same.txt", b"The same."), ("a.txt", b"A.")
    )
    radio = page.radio(key=CHOICE_KEY)
    assert radio.label.replace("\\", "").endswith("with other content: fee.txt, tides.txt.")
    assert radio.options == ["Replace them", "Keep all"]
    radio.set_value("replace").run()
    _add(page)
    snapshot = ingests.current_ingest(Settings.from_env())
    assert snapshot is not None
    assert [len(file.replaced) for file in snapshot.files] == [1, 1, 0, 0]
    assert snapshot.files[2].stage is Stage.PRESENT
    assert _files(kb) == ["a.txt", "fee.txt", "same.txt", "tides.txt"]


def test_files_in_folders_and_archives_are_asked_about_by_their_place(
    page: AppTest, kb: KnowledgeBase
) -> None:
    club = (("club/a/index.md", b"# A"), ("club/b/index.md", b"# B"))
    _add(_choose(page, *club, source=FOLDER))
    assert not kb.store.older_versions(), "an index of another folder is no older version"
    data = build_zip({"a/index.md": b"# A, anew", "b/index.md": b"# B"})
    _choose(page, ("club.zip", data), source=ARCHIVE)
    page.radio(key=CHOICE_KEY).set_value("replace").run()
    _add(page)
    sizes = {document.origin: document.size_bytes for document in kb.store.documents()}
    assert sizes == {origin_of("a"): 9, origin_of("b"): 3}


def test_pasted_text_of_a_taken_title_is_asked_about(page: AppTest, kb: KnowledgeBase) -> None:
    _add(_choose(page, ("Fee.txt", OLD)))
    page.segmented_control(key=upload.SOURCE_KEY).set_value(TEXT).run()
    page.text_input[0].set_value("Fee").run()
    page.text_area[0].set_value(NEW.decode()).run()
    page.radio(key=CHOICE_KEY).set_value("replace").run()
    _add(page)
    assert [document.size_bytes for document in kb.store.documents()] == [len(NEW)]


def test_file_taken_before_anything_could_be_asked_waits_for_the_answer(
    page: AppTest, kb: KnowledgeBase
) -> None:
    _add(_choose(page, ("fee.txt", OLD)))
    _choose(page, ("fee.txt", NEW))
    (chosen,) = page.session_state["uploader-1"]
    waiting: Waiting = page.session_state[upload.WAITING_KEY]
    # As the click left it while the knowledge base was being opened.
    waiting.take(
        Chosen(
            label="Add",
            collect=lambda: files_of_upload(chosen, ""),
            uploads=(chosen,),
            taken=page.session_state["uploader_round"][1],
        )
    )
    page.run()
    assert "Not added yet: fee" in texts(page)
    assert len(kb.store.documents()) == 1, "nothing is added before it is answered"
    page.radio(key=f"{CHOICE_KEY}-0").set_value("replace").run()
    page.button(key="add_again").click().run()
    ingested(Settings.from_env())
    assert [document.size_bytes for document in kb.store.documents()] == [len(NEW)]


def test_text_that_somebody_must_be_asked_about_stands_in_its_field_only() -> None:
    def checked(chosen: Chosen) -> Chosen:
        raise NameTakenError("A document of this name is here already.")

    waiting = Waiting()
    waiting.take(Chosen(label="Add", collect=list))
    with pytest.raises(NameTakenError):
        waiting.hand_over(lambda _: True, checked)
    assert (waiting.is_wanted, waiting.chosen) == (False, [])


def test_answer_marks_the_source_that_is_older(open_page: OpenPage, kb: KnowledgeBase, page: AppTest) -> None:
    _add(_choose(page, ("fee.txt", OLD)))
    _add(_choose(page, ("fee.txt", NEW)))
    asked = ask(open_page("ask"), "What is the membership fee?")
    labels = [expander.label for expander in asked.expander]
    assert ["older version" in label for label in labels] == [False, True]
    assert "A newer document of this name is in the knowledge base." in texts(asked)
