"""One app and one browser for all journeys; a visitor, with a clean slate for problems, per test."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.app import NO_BROWSER, Visitor, a_browser, browsing, chromium_path, running_app
from tests.openai_server import OpenAIServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason=NO_BROWSER)
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if chromium_path() is None:
                item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What stood on the page when a test failed: a locator that waited in vain does not tell."""
    report = yield
    if report.when == "call" and report.failed:
        for visitor in getattr(item, "funcargs", {}).values():
            if isinstance(visitor, Visitor):
                report.sections.append((f"The page {visitor.page.url}", visitor.text()))
    return report


# Not for the whole session: while it lives, Playwright has an event loop running in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


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
    with browsing(browser, address) as visitor:
        yield visitor


@pytest.fixture
def visitor_with_model(browser: Browser, address_with_model: str) -> Iterator[Visitor]:
    with browsing(browser, address_with_model) as visitor:
        yield visitor
