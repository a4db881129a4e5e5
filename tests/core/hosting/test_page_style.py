"""core.hosting.page_style before an app that serves files as Streamlit does."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from core.hosting.page_style import DRAWN_HERE, PageStyle

RULES = "h1{padding:0}"
PAGE = '<html><head></head><body><p>No script?</p><div id="root">' + "text " * 2_000 + "</div></body></html>"
STYLED = PAGE.replace('<div id="root">', f'<style>{RULES}</style><div id="root">')
A_PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    (tmp_path / "script.js").write_text("'<div id=\"root\">' // " + "text " * 2_000, "utf-8")
    app = Starlette(
        routes=[Mount("/", StaticFiles(directory=tmp_path, html=True))],
        middleware=[Middleware(PageStyle, style=RULES), Middleware(GZipMiddleware)],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app")


async def test_page_comes_whole_with_the_style_before_what_is_drawn(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers=A_PAGE)
    assert answer.text == STYLED
    assert answer.headers["content-length"] == str(len(STYLED.encode()))


@pytest.mark.parametrize(
    "asked", [{"accept-encoding": "gzip"}, {"range": "bytes=0-99"}, {"if-modified-since": "now"}]
)
async def test_page_comes_whole_whatever_is_asked_for(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    answer = await client.get("/", headers=A_PAGE | asked)
    assert (answer.status_code, answer.text) == (200, STYLED)


async def test_page_is_not_taken_for_one_that_a_browser_kept_without_the_style(
    client: httpx.AsyncClient,
) -> None:
    of_the_file = (await client.get("/index.html")).headers["etag"]
    answer = await client.get("/", headers=A_PAGE | {"if-none-match": of_the_file})
    assert (answer.status_code, answer.text) == (200, STYLED)
    assert not {"etag", "last-modified"} & set(answer.headers)


async def test_whatever_is_no_page_stays_as_it_is(client: httpx.AsyncClient) -> None:
    script = await client.get("/script.js", headers={"accept": "*/*"})
    assert RULES not in script.text
    assert script.headers["content-encoding"] == "gzip"
    opened = await client.get("/script.js", headers=A_PAGE)
    assert opened.text == script.text
    missing = await client.get("/nothing", headers=A_PAGE)
    assert (missing.status_code, RULES in missing.text) == (404, False)


def test_page_of_streamlit_says_where_it_draws() -> None:
    index = Path(streamlit.__file__).with_name("static") / "index.html"
    assert index.read_bytes().count(DRAWN_HERE) == 1
