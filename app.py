"""Overlap: ask your documents, and see why async wins. `streamlit run app.py`.

The server loads this file once, for the guard that each request passes; then it runs it for every visit,
for the navigation.
"""

import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from streamlit.navigation.page import Page
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.charts.plotly_js import plotly_js_path
from core.config.settings import Settings
from core.errors import ConfigError
from core.hosting.descriptors import raise_limit
from core.hosting.middleware import Guard
from core.hosting.page_style import PageStyle
from core.runtime import logs
from core.runtime.requirements import MissingPackageError, requirements_met
from pages.components.frame_style import FRAME_STYLE
from pages.components.steady_chart import SCRIPT_PATH
from pages.components.uploads import held_bytes
from pages.state.kept_answers import keep_answers
from pages.state.session_end import end_sessions

# How long a thread works before another may have its turn.
SWITCH_S = 0.0005


def read_settings() -> Settings | None:
    """The settings, or None where they are wrong, which every page says."""
    try:
        return Settings.from_env()
    except ConfigError:
        return None


@asynccontextmanager
async def life(app: object) -> AsyncIterator[dict[str, Any]]:
    """The server's life, around all visits: it gets ready while the first visitor's browser loads."""
    _log_start(raise_limit())
    # Pages are served beside the loading: at Python's 5 ms each of their steps would wait that long.
    sys.setswitchinterval(SWITCH_S)
    # In a thread: even the small part of the imports would hold up the first answer.
    threading.Thread(target=get_ready, daemon=True, name="overlap-start").start()
    yield {}


def _log_start(num_descriptors: int | None) -> None:
    """Say with which settings the app starts; no secret is among them."""
    log = logging.getLogger("overlap")
    try:
        settings = Settings.from_env()
    except ConfigError as exc:
        logs.begin("info")
        log.error("Overlap can't work: %s", exc)
        return
    logs.begin(settings.log_level)
    log.info(
        "Overlap starts: %s, Milvus %s, data in %s, embedding model %s, language model %s, %s descriptors",
        "shared" if settings.is_shared else "for one's own use",
        settings.target.label,
        settings.data_dir.absolute(),
        settings.embed_model or "bundled",
        "set" if settings.openai_api_key.value or settings.openai_base_url else "none",
        num_descriptors,
    )
    if settings.is_shared:
        log.info(
            "Limits: %s", ", ".join(f"{name}={value}" for name, value in asdict(settings.limits).items())
        )


def get_ready() -> None:
    """Begin to load what the first question needs."""
    settings = read_settings()
    # What is not installed every page says.
    with suppress(MissingPackageError), requirements_met():
        from pages.state.opened import warm_up

        if settings is not None:
            warm_up(settings)


async def plotly_script(request: Request) -> Response:
    """Plotly's script, for charts that change where they are; its address names its version."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(plotly_js_path(), media_type="text/javascript", headers=headers)


def _pages() -> dict[str, list[Page]]:
    """The pages by group: for asking, for measuring, and for both."""
    return {
        "Ask": [
            st.Page("pages/ask.py", title="Ask", default=True),
            st.Page("pages/documents.py", title="Documents"),
            st.Page("pages/knowledge_bases.py", title="Knowledge bases"),
            st.Page("pages/evaluate.py", title="Evaluate"),
        ],
        "Measure": [
            st.Page("pages/tour.py", title="Tour"),
            st.Page("pages/benchmark.py", title="Benchmark"),
            st.Page("pages/runs.py", title="Runs"),
        ],
        "Overlap": [st.Page("pages/system.py", title="System")],
    }


def draw() -> None:
    """The navigation and the page that the visitor is on, once all that pages need is installed."""
    page = st.navigation(_pages(), expanded=True)
    try:
        with requirements_met():
            page.run()
    except MissingPackageError as exc:
        st.error(str(exc), icon=":material/deployed_code_alert:")


if get_script_run_ctx(suppress_warning=True) is None:
    keep_answers()
    end_sessions()
    settings = read_settings()
    guard = Middleware(
        Guard,
        allowed_hosts=lambda: st.get_option("server.allowedHosts"),
        limits=settings.limits if settings is not None and settings.is_shared else None,
        held_bytes=held_bytes,
    )
    style = Middleware(PageStyle, style=FRAME_STYLE)
    app = st.App(
        __file__, routes=[Route(SCRIPT_PATH, plotly_script)], middleware=[guard, style], lifespan=life
    )
else:
    draw()
