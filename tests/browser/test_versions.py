"""A new version of a file that is there already: asked about, replaced or kept, and answered from."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.app import Visitor

QUESTION = "What is the membership fee?"


def _choose(visitor: Visitor, folder: Path, name: str, euros: int) -> None:
    path = folder / name
    path.write_text(f"The membership fee is {euros} euros a year.")
    visitor.click_link("Documents")
    visitor.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)


def _answer(visitor: Visitor) -> Page:
    visitor.click_link("Ask")
    visitor.ask(QUESTION)
    visitor.page.get_by_text("Extractive answer:").wait_for()
    return visitor.page


def test_new_version_replaces_the_old_one_and_is_answered_from(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.open()
    _choose(visitor, tmp_path, "fee.txt", 120)
    page.get_by_role("button", name="Add 1 document").click()
    page.get_by_text("fee.txt: 1 chunk added").wait_for()
    _choose(visitor, tmp_path, "fee.txt", 150)
    page.get_by_text("A document of this name is here already, with other content: fee.txt").wait_for()
    page.get_by_text("Replace it").click()
    page.get_by_role("button", name="Add 1 document").click()
    page.get_by_text("It replaced the version added").wait_for()
    page.get_by_text("“default” · 1 document · 1 chunk").wait_for()
    answer = _answer(visitor)
    answer.get_by_text("The membership fee is 150 euros a year.").first.wait_for()
    expect(answer.get_by_text("120 euros")).to_have_count(0)


def test_version_that_is_kept_is_answered_last_and_marked(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.open()
    for euros, was_there in ((70, False), (90, True)):
        _choose(visitor, tmp_path, "fee.md", euros)
        if was_there:
            page.get_by_text("with other content: fee.md").wait_for()
        page.get_by_role("button", name="Add 1 document").click()
        page.get_by_text("fee.md: 1 chunk added").wait_for()
        page.get_by_role("button", name="Close").click()
    answer = _answer(visitor)
    answer.get_by_text("fee.md · older version").wait_for()
    text = answer.get_by_test_id("stChatMessage").last.inner_text()
    assert text.index("90 euros") < text.index("70 euros")
    assert "(older version)" in text[text.index("70 euros") :]
