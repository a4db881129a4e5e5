"""Files dropped into the chat, and what a reload in the middle makes of them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.app import Visitor
from tests.documents import build_pdf

QUESTION = "How high is the lighthouse?"


def drop(visitor: Visitor, *files: Path) -> None:
    """Choose files in the chat's field, and wait until all are with the server."""
    field = visitor.page.get_by_test_id("stChatInput")
    field.locator("input[type=file]").set_input_files(files)
    for file in files:
        field.get_by_text(file.name).wait_for()
    expect(field.get_by_role("button", name="Send message")).to_be_enabled()


def test_question_is_answered_from_what_was_dropped_and_what_is_broken_is_a_sentence(
    visitor: Visitor, tmp_path: Path
) -> None:
    good, bad = tmp_path / "lighthouse.pdf", tmp_path / "broken.pdf"
    good.write_bytes(build_pdf(["The harbour has a crane.", "The lighthouse is 37 metres high."]))
    bad.write_bytes(b"%PDF-1.4 nonsense")
    visitor.open()
    drop(visitor, good, bad)
    visitor.ask(QUESTION)
    page = visitor.page
    page.get_by_test_id("stFeedback").wait_for()
    chat = page.get_by_test_id("stChatMessage")
    assert "lighthouse.pdf, broken.pdf" in chat.nth(0).inner_text()
    answer = chat.nth(1).inner_text()
    assert "2 pages, 2 chunks added" in answer and "broken.pdf is damaged" in answer
    assert "37 metres" in answer and "lighthouse.pdf, page 2" in answer
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_enabled()


def test_files_and_their_question_outlive_a_reload(visitor: Visitor, tmp_path: Path) -> None:
    pages = [
        f"Report {number}: the harbour and its ships in the year {1500 + number}." for number in range(400)
    ]
    long = tmp_path / "long.pdf"
    long.write_bytes(build_pdf([*pages, "The lighthouse of Reload is 52 metres high."]))
    visitor.open()
    drop(visitor, long)
    visitor.ask("How high is the lighthouse of Reload?")
    page = visitor.page
    page.get_by_text("Your question is answered as soon as they are in").wait_for()
    page.reload()
    page.get_by_text("Your question is answered as soon as they are in").wait_for()
    page.get_by_test_id("stFeedback").last.wait_for()
    assert "52 metres" in page.get_by_test_id("stChatMessage").last.inner_text()
