from __future__ import annotations

import threading

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.hosting.ingest_admission import Admission, IngestJob
from core.knowledge_base import KnowledgeBase
from pages.state.app_state import jobs
from pages.state.ingests import _begin, forget_jobs, ingest_job, start_ingest
from tests.pages.conftest import OpenPage, ingested


def test_ingest_under_way_again_keeps_another_from_starting(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("documents")
    go_on = threading.Event()
    is_broken = True

    def read() -> bytes:
        if is_broken:
            raise OSError("the disk is away")
        assert go_on.wait(30)
        return b"Late text."

    settings = Settings.from_env()
    assert start_ingest(settings, [IncomingFile(name="late.txt", size_bytes=9, read=read)])
    ingested(settings)
    is_broken = False
    page.run()
    page.button(key="retry-0").click().run()
    other = IncomingFile(name="other.txt", size_bytes=5, read=lambda: b"Other")
    assert not start_ingest(settings, [other])
    go_on.set()
    assert ingested(settings).files[0].chunks_added == 1


def test_ingest_that_was_slower_to_begin_gives_its_leave_back_and_says_no(kb: KnowledgeBase) -> None:
    given_back: list[bool] = []

    class Leave(Admission):
        def give_back(self) -> None:
            given_back.append(True)

    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(60)
        return b"A text."

    first = kb.new_ingest([IncomingFile(name="a.txt", size_bytes=7, read=read)])
    second = kb.new_ingest([IncomingFile(name="b.txt", size_bytes=7, read=lambda: b"Another.")])
    assert _begin("key", first, Admission())
    assert not _begin("key", second, Leave())
    assert given_back == [True]
    go_on.set()
    job = jobs.get(IngestJob, "key")
    assert job is not None
    job.wait(60)
    assert job.ingest is first


def test_ingest_of_a_knowledge_base_that_is_gone_is_stopped_and_not_found_by_the_next_of_its_name(
    kb: KnowledgeBase,
) -> None:
    settings = Settings.from_env()
    is_read, go_on = threading.Event(), threading.Event()

    def read() -> bytes:
        is_read.set()
        assert go_on.wait(60)
        return b"Late text."

    start_ingest(settings, [IncomingFile(name="late.txt", size_bytes=9, read=read)])
    job = ingest_job(settings)
    assert job is not None and is_read.wait(30)
    forget_jobs(settings, "DEFAULT")
    go_on.set()
    job.wait(60)
    assert ingest_job(settings) is None
    assert kb.store.count() == 0
