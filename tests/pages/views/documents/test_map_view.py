"""The map of chunks on its page."""

from __future__ import annotations

from core.answers.models import Source
from core.knowledge_base import KnowledgeBase
from core.projection import MapJob
from core.runtime.jobs import JobState
from pages.state import app_state
from pages.state.last_question import QUESTION_KEY
from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import upload


def test_map_is_drawn_in_the_background(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."), ("b.txt", b"Other text."))
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
