"""One app and one browser for all journeys; a visitor, with a clean slate for problems, per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.app import Visitor, chromium_path, launch, running_app
from tests.openai_server import OpenAIServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="no Chromium is installed (on Debian: apt-get install chromium)")
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if chromium_path() is None:
                item.add_marker(skip)


# Not for the whole session: while it lives, Playwright has an event loop running in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def model_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded default, without a language model."""
    with running_app(tmp_path_factory.mktemp("app")) as address:
        yield address


@pytest.fixture(scope="module")
def address_with_model(tmp_path_factory: pytest.TempPathFactory, model_server: OpenAIServer) -> Iterator[str]:
    """The app with a language model."""
    settings = {"OPENAI_BASE_URL": model_server.base_url, "LLM_MODEL": "stand-in"}
    with running_app(tmp_path_factory.mktemp("app"), **settings) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    yield from visit(browser, address)


@pytest.fixture
def visitor_with_model(browser: Browser, address_with_model: str) -> Iterator[Visitor]:
    yield from visit(browser, address_with_model)


def visit(browser: Browser, address: str, *, harmless: tuple[str, ...] = ()) -> Iterator[Visitor]:
    """A visitor with a clean browser; it fails the test when a problem was seen that is not harmless."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    # The first visit imports the model's libraries, which takes a minute where others use the machine.
    page.set_default_timeout(180_000)
    visitor = Visitor(page, address)
    yield visitor
    context.close()
    assert [problem for problem in visitor.problems if problem not in harmless] == []
