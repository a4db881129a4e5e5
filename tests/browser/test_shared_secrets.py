"""The app with marker secrets, used as visitors use it; then everything it wrote and showed is searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Download, Page

from core.runtime.paths import REPOSITORY
from tests.browser.app import IDLE, Visitor, running_app
from tests.openai_server import OpenAIServer
from tests.openid_server import CLIENT_SECRET, OpenIDServer

MARKERS = [
    "marker-openai-key",
    "marker-milvus-token",
    "marker-cookie-secret",
    "marker-access-token",
    CLIENT_SECRET,
]
OTHERS = {path.stem for path in (REPOSITORY / "pages").glob("[a-z]*.py")} - {"ask"}
PAGES = ("", *sorted(OTHERS))  # the first one is at the app's own address


class Seen:
    """All that a visitor and the host's other users could see, as one text for each place."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def page(self, name: str, page: Page) -> None:
        page.wait_for_selector(IDLE)
        self.texts[f"page {name}"] = page.content()

    def children(self, app: psutil.Process) -> None:
        """Command lines, and what the processes that the app has started were given."""
        children = app.children(recursive=True)
        for process in [app, *children]:
            self.texts[f"command line of {process.pid}"] = " ".join(process.cmdline())
        for process in children:
            self.texts[f"environment of {process.pid}"] = str(process.environ())

    def folder(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file() and path.name != "secrets.toml":
                self.texts[f"file {path.name}"] = path.read_bytes().decode("latin-1")

    def found(self) -> list[tuple[str, str]]:
        return [(place, mark) for place, text in self.texts.items() for mark in MARKERS if mark in text]


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIDServer]:
    with OpenIDServer() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def secret_address(folder: Path, model_server: OpenAIServer, provider: OpenIDServer) -> Iterator[str]:
    secrets = folder / "secrets.toml"
    secrets.write_text(provider.secrets_toml())
    with running_app(
        folder,
        OVERLAP_SHARED="1",
        STREAMLIT_SECRETS_FILES=str(secrets),
        OPENAI_BASE_URL=model_server.base_url,
        OPENAI_API_KEY=MARKERS[0],
        LLM_MODEL="stand-in",
        MILVUS_TOKEN=f"root:{MARKERS[1]}",
    ) as address:
        yield address


def app_process(address: str) -> psutil.Process:
    port = str(urlsplit(address).port)
    # Those of other tests may be ending just now: they have no command line any more.
    running = psutil.process_iter(["cmdline"])
    return next(p for p in running if (p.info["cmdline"] or [])[-2:] == ["--server.port", port])


def test_secret_is_nowhere(
    browser: Browser, secret_address: str, model_server: OpenAIServer, folder: Path, tmp_path: Path
) -> None:
    seen = Seen()
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(180_000)
    visitor = Visitor(page, secret_address)
    page.goto(secret_address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Nothing here yet").wait_for()
    _use(visitor, seen, model_server, tmp_path)
    _measure(visitor, seen)
    for name in PAGES:
        page.goto(f"{secret_address}/{name}")
        page.get_by_test_id("stHeading").first.wait_for()
        seen.page(name, page)
    context.close()
    seen.folder(folder)
    assert model_server.keys and set(model_server.keys) == {MARKERS[0]}
    assert "file app.log" in seen.texts
    assert any(place.startswith("file 2") and place.endswith(".json") for place in seen.texts)
    assert seen.found() == []


def _use(visitor: Visitor, seen: Seen, model_server: OpenAIServer, folder: Path) -> None:
    """Add a document; ask, also a model whose server refuses the key and repeats it."""
    note = folder / "harbour.txt"
    note.write_text("The lighthouse in the harbour is 37 metres high.")
    visitor.click_link("Documents")
    visitor.add(note, "1 chunk")
    visitor.click_link("Ask")
    model_server.behaviour = "401"
    visitor.ask("How high is the lighthouse?")
    visitor.page.get_by_text("refused the API key").wait_for()
    seen.page("after a refusal", visitor.page)
    model_server.behaviour = "answer"
    visitor.ask("How high is the lighthouse in the harbour?")
    visitor.page.get_by_text("Async overlaps waiting").wait_for()
    seen.page("after an answer", visitor.page)


def _measure(visitor: Visitor, seen: Seen) -> None:
    """Run a benchmark, look at the processes meanwhile, take the record away."""
    page = visitor.page
    visitor.click_link("Benchmark")
    visitor.choose_preset("tutorial")
    page.get_by_label("Counts").fill("200")
    page.get_by_label("Counts").press("Enter")
    page.get_by_text("4 trials").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("You started this run.").wait_for()
    seen.children(app_process(visitor.address))
    # The run's process: one that waited for it, or one of its own.
    assert any(re.search(r" -m core(\.cli\.preloaded| bench) ?", text) for text in seen.texts.values())
    page.get_by_test_id("stPlotlyChart").first.wait_for()
    for label in ("JSON, the whole record", "HTML report, works offline"):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile(label)).click()
        seen.texts[f"download {label}"] = _text(download.value)
        page.keyboard.press("Escape")


def _text(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")
