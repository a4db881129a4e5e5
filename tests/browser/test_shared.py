"""Strangers in a shared app, in real browsers: by cookie, and signed in at a real OpenID provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Dialog, expect

from tests.browser.app import IDLE, Visitor, browsing, running_app
from tests.openid_server import OpenIDServer

# The way over the provider is what signing in is.
PROVIDER = r".*/authorize\?.*"
NOTE = "The lighthouse in the harbour is 37 metres high. It was built in 1897."


@pytest.fixture(scope="module")
def shared_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app"), OVERLAP_SHARED="1") as address:
        yield address


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIDServer]:
    with OpenIDServer() as server:
        yield server


@pytest.fixture(scope="module")
def sign_in_address(tmp_path_factory: pytest.TempPathFactory, provider: OpenIDServer) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    secrets = folder / "secrets.toml"
    secrets.write_text(provider.secrets_toml())
    with running_app(folder, OVERLAP_SHARED="1", STREAMLIT_SECRETS_FILES=str(secrets)) as address:
        yield address


def add_note(visitor: Visitor, folder: Path, name: str = "harbour.txt") -> None:
    path = folder / name
    path.write_text(NOTE)
    visitor.click_link("Documents")
    visitor.page.get_by_text("Only you see what you add.").wait_for()
    visitor.add(path, "1 chunk")


def test_visitor_is_known_after_a_reload_and_another_sees_nothing(
    browser: Browser, shared_address: str, tmp_path: Path
) -> None:
    with browsing(browser, shared_address) as ann, browsing(browser, shared_address) as ben:
        ann.open()
        add_note(ann, tmp_path)
        ann.page.reload()
        ann.page.get_by_text("1 document · 1 chunk").wait_for()
        link = ann.page.url
        ben.open(link.removeprefix(f"{shared_address}/"))
        ben.page.get_by_text("The knowledge base is empty.").wait_for()
        assert "harbour" not in ben.page.content()
        ben.page.goto(f"{shared_address}/")
        ben.page.get_by_text("Nothing here yet").wait_for()


def test_two_tabs_of_a_browser_are_one_visitor(browser: Browser, shared_address: str, tmp_path: Path) -> None:
    with browsing(browser, shared_address) as ann:
        ann.open()
        add_note(ann, tmp_path)
        second = ann.page.context.new_page()
        second.goto(f"{shared_address}/documents")
        second.get_by_text("1 document · 1 chunk").wait_for()


def test_benchmark_waits_in_line_and_a_closed_tab_gives_its_place_up(
    browser: Browser, shared_address: str
) -> None:
    with browsing(browser, shared_address) as ann, browsing(browser, shared_address) as ben:
        # One that still goes on when the others have their pages, on a slow machine too.
        ann.open("benchmark?preset=tutorial")
        ann.page.get_by_role("button", name="Start").click()
        ann.page.get_by_text("You started this run.").wait_for()
        ben.open("benchmark")
        ben.page.get_by_text("Somebody's benchmark is running.").wait_for()
        ben.page.get_by_role("button", name="Start").click()
        ben.page.get_by_text("In line for the benchmark: you are next.").wait_for()
        with browsing(browser, shared_address) as cem:
            cem.open("benchmark")
            cem.page.get_by_role("button", name="Start").click()
            cem.page.get_by_text("you are number 2").wait_for()
            cem.page.reload()
            cem.page.get_by_text("you are number 2").wait_for()
            ben.page.goto("about:blank")
            cem.page.get_by_text("you are next").wait_for()
            ann.page.get_by_role("button", name="Stop").click()
            cem.page.get_by_text("You started this run.").wait_for()
            cem.page.get_by_role("button", name="Stop").click()
            cem.page.get_by_text("The run was stopped").wait_for()


def test_phone_shows_the_limits_without_a_sideways_scroll(browser: Browser, shared_address: str) -> None:
    with browsing(browser, shared_address, 390, 844) as ann:
        ann.open("system")
        ann.page.get_by_text("What you may use").click()
        ann.page.get_by_text("Kept until").wait_for()
        assert ann.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_names_of_strangers_are_text_everywhere(
    browser: Browser, shared_address: str, tmp_path: Path
) -> None:
    name = "www.evil.example <img src=x onerror=alert(1)> [x](javascript:alert) $a^2$ :red[y].txt"
    with browsing(browser, shared_address) as eve:
        dialogs: list[str] = []

        def on_dialog(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        eve.page.on("dialog", on_dialog)
        eve.open()
        add_note(eve, tmp_path, name)
        for part in ("Documents", "Ask", "Evaluate", "Knowledge bases"):
            eve.click_link(part)
            _has_no_markup(eve)
        eve.click_link("Ask")
        eve.ask(
            "www.evil.example https://evil.example <img src=x onerror=alert(1)> How high is the lighthouse?"
        )
        eve.page.get_by_text("Extractive answer:").wait_for()
        _has_no_markup(eve)
        eve.page.get_by_role("link", name="[1]").first.click()
        eve.page.get_by_role("dialog").get_by_text("cosine similarity").first.wait_for()
        _has_no_markup(eve)
        assert dialogs == []


def test_name_like_an_address_is_no_link(browser: Browser, shared_address: str, tmp_path: Path) -> None:
    with browsing(browser, shared_address) as eve:
        eve.open()
        add_note(eve, tmp_path, "www.evil.example and me@evil.example.txt")
        eve.page.get_by_test_id("stAlert").get_by_text("www.evil.example and me@evil.example.txt").wait_for()
        _has_no_markup(eve)


def _has_no_markup(visitor: Visitor) -> None:
    visitor.page.wait_for_selector(IDLE)
    expect(visitor.page.locator('a[href*="evil"], img[src="x"], .katex')).to_have_count(0)


def test_table_of_names_has_no_export_that_makes_formulas_of_them(
    browser: Browser, shared_address: str, tmp_path: Path
) -> None:
    with browsing(browser, shared_address) as eve:
        eve.open()
        add_note(eve, tmp_path, "=1+1.txt")
        table = eve.page.get_by_test_id("stDataFrame").first
        table.wait_for()
        table.hover()
        eve.page.get_by_role("button", name="Fullscreen").first.wait_for()
        expect(eve.page.get_by_role("button", name="Download as CSV")).to_have_count(0)


def test_nothing_is_shown_before_sign_in(browser: Browser, sign_in_address: str) -> None:
    with browsing(browser, sign_in_address, harmless=PROVIDER) as ann:
        for page in ("", "documents", "runs", "system", "benchmark", "knowledge_bases", "evaluate"):
            ann.page.goto(f"{sign_in_address}/{page}")
            ann.page.get_by_role("button", name="Sign in").wait_for()
            expect(ann.page.get_by_test_id("stFileUploader")).to_have_count(0)


def sign_in(visitor: Visitor, provider: OpenIDServer, account: str) -> None:
    provider.account = account
    visitor.page.goto(f"{visitor.address}/")
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_text("Nothing here yet").or_(
        visitor.page.get_by_text("1 document ·")
    ).first.wait_for()


def test_account_finds_its_documents_in_any_browser_and_another_account_does_not(
    browser: Browser, sign_in_address: str, provider: OpenIDServer, tmp_path: Path
) -> None:
    with browsing(browser, sign_in_address, harmless=PROVIDER) as ann:
        sign_in(ann, provider, "ann")
        add_note(ann, tmp_path)
    with browsing(browser, sign_in_address, harmless=PROVIDER) as elsewhere:
        sign_in(elsewhere, provider, "ann")
        elsewhere.page.get_by_text("1 document · 1 chunk").wait_for()
    with browsing(browser, sign_in_address, harmless=PROVIDER) as ben:
        sign_in(ben, provider, "ben")
        ben.page.get_by_text("Nothing here yet").wait_for()
    assert provider.problems == []


def test_signing_out_leaves_nothing_for_the_next_one_at_the_same_browser(
    browser: Browser, sign_in_address: str, provider: OpenIDServer, tmp_path: Path
) -> None:
    with browsing(browser, sign_in_address, harmless=PROVIDER) as visitor:
        sign_in(visitor, provider, "cem")
        add_note(visitor, tmp_path)
        visitor.click_link("System")
        visitor.page.get_by_text("cem@example.org").wait_for()
        visitor.page.get_by_role("button", name="Sign out").click()
        visitor.page.get_by_role("button", name="Sign in").wait_for()
        sign_in(visitor, provider, "dan")
        visitor.page.get_by_text("Nothing here yet").wait_for()


def test_token_signed_by_somebody_else_signs_nobody_in(
    browser: Browser, sign_in_address: str, provider: OpenIDServer
) -> None:
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    try:
        with browsing(browser, sign_in_address, harmless=PROVIDER) as eve:
            eve.page.goto(f"{sign_in_address}/")
            button = eve.page.get_by_role("button", name="Sign in")
            button.wait_for()
            with (
                eve.page.expect_response("**/oauth2callback?*"),
                eve.page.expect_navigation(url=f"{sign_in_address}/"),
            ):
                button.click()
            button.wait_for()
            expect(eve.page.get_by_test_id("stFileUploader")).to_have_count(0)
            eve.problems.clear()
    finally:
        provider.key = provider.published
