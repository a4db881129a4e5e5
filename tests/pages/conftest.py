"""Pages under AppTest. Live parts tick only in a browser, so tests wait for the job and run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bench.records.codec import write_run
from core.bench.supervisor import STOP_CLICKED, runs, standby
from core.config.settings import Settings
from core.embedding.model import Embedder
from core.ingest.progress import IngestSnapshot
from core.knowledge_base import KnowledgeBase
from pages.state.ingests import ingest_job
from pages.state.opened import open_knowledge_base
from pages.state.talk import forget_talk
from tests.bench_runs import RUN_ID, make_run
from tests.conftest import release_lite
from tests.openai_server import OpenAIServer
from tests.pages.page_test import page_test
from tests.pages.run_pages import OTHER_ID

END_S = 60.0
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def open_page(embedder: Embedder) -> Iterator[OpenPage]:
    """Open a page as a visitor whose app has loaded its model; the data folder is the test's own."""
    settings = Settings.from_env()

    def opened(name: str) -> AppTest:
        page = page_test(name).run()
        open_knowledge_base(settings).exception()  # waits, whatever the outcome
        return page.run()

    yield opened
    release_lite(settings.target.uri)


@pytest.fixture
def kb(embedder: Embedder) -> KnowledgeBase:
    """The knowledge base that the app of this test has open."""
    return open_knowledge_base(Settings.from_env()).result()


def ingested(settings: Settings, name: str | None = None) -> IngestSnapshot:
    """How the running or last ingest has ended, once it has."""
    job = ingest_job(settings, name)
    assert job is not None
    job.wait(60)
    assert job.result is not None, repr(job)
    return job.result


def texts(page: AppTest) -> str:
    """All that stands on the page, in one text."""
    kinds = (
        page.title,
        page.markdown,
        page.caption,
        page.text,
        page.error,
        page.info,
        page.warning,
        page.success,
    )
    return "\n".join(element.value for kind in kinds for element in kind)


def html(page: AppTest) -> str:
    """All HTML of the page's own, such as the headline of a run."""
    return " ".join(element.proto.body for element in page.get("html"))


@pytest.fixture
def model_server(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> OpenAIServer:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    monkeypatch.setenv("LLM_MODEL", "stand-in")
    return openai_server


@pytest.fixture
def no_run_left() -> Iterator[None]:
    """Every test begins and ends without a run; one that goes on is stopped."""
    runs.forget()
    yield
    if runs.current is not None:
        runs.current.stop(STOP_CLICKED)
        runs.current.wait(END_S)
    runs.forget()


@pytest.fixture
def saved(settings: Settings) -> Path:
    """A folder with two runs."""
    write_run(make_run(), settings.runs_dir / f"{RUN_ID}.json")
    older = make_run(id=OTHER_ID, created_at="2026-11-20T00:00:00Z", target="http://milvus:19530")
    write_run(older, settings.runs_dir / f"{older.id}.json")
    return settings.runs_dir


@pytest.fixture
def shared_app(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> Iterator[Settings]:
    """The app is shared; no run goes on before or after the test."""
    monkeypatch.setenv("OVERLAP_SHARED", "1")
    settings = Settings.from_env()
    runs.forget()
    yield settings
    if runs.current is not None:
        runs.current.stop(STOP_CLICKED)
        runs.current.wait(END_S)
    runs.forget()
    release_lite(settings.target.uri)


@pytest.fixture
def no_talk_left(no_run_left: None) -> Iterator[None]:
    """Every test begins and ends without a talk, and without a run."""
    forget_talk("")
    yield
    forget_talk("")


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left() -> Iterator[None]:
    """The Benchmark page keeps a process waiting for the next run."""
    yield
    standby.close()
