"""Two visitors of a shared app."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.bench.supervisor import BenchProcess, runs
from core.config.settings import Settings
from core.hosting.identity import visitor_of_browser
from pages.components.visitor import SECRET_KEY
from pages.state.opened import open_knowledge_base
from tests.pages.benchmarking import BUSY, PLAN
from tests.pages.conftest import ingested, texts
from tests.pages.page_test import page_test

ANN, BEN = "a" * 32, "b" * 32
NOTE = ("harbour.txt", b"The lighthouse in the harbour is 37 metres high.", "text/plain")


def settings_of(secret: str) -> Settings:
    """The settings of the visitor whose browser has `secret`."""
    return Settings.from_env().for_visitor(visitor_of_browser(secret))


def visit(secret: str, name: str, **parameters: str) -> AppTest:
    """A page as the visitor whose browser has `secret` sees it, once all is loaded."""
    page = page_test(name)
    page.session_state[SECRET_KEY] = secret
    for parameter, value in parameters.items():
        page.query_params[parameter] = value
    page.run()
    open_knowledge_base(settings_of(secret)).exception()
    page.run()
    assert not page.exception
    return page


def add_note(secret: str) -> AppTest:
    """The Documents page of that visitor, who has added `NOTE`."""
    page = visit(secret, "documents")
    page.file_uploader(key="uploader-0").set_value([NOTE]).run()
    page.button(key="add").click().run()
    ingested(settings_of(secret), "default")
    return page.run()


def start_run_of(secret: str, run_path: Path) -> BenchProcess:
    """A benchmark of that visitor, which goes on until it is stopped."""
    argv = [sys.executable, "-c", BUSY]
    owner = settings_of(secret).visitor
    process = runs.start(
        lambda: BenchProcess(argv, env=os.environ, run_path=run_path, plan=PLAN, owner=owner)
    )
    while process.snapshot().state == "starting":
        process.wait(0.01)
    return process


def everything(page: AppTest) -> str:
    """All words of a page, those of its tables and choices too."""
    tables = "".join(str(table.value) for table in [*page.table, *page.dataframe])
    labels = "".join(button.label for button in page.button)
    choices = "".join(str(box.options) for box in [*page.selectbox, *page.multiselect])
    return texts(page).replace("\\", "") + tables + labels + choices


def pieces_of_html(page: AppTest) -> str:
    """All HTML of the page's own."""
    return "".join(html.proto.body for html in page.get("html"))
