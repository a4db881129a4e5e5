"""What a visitor does, in a real browser; every journey ends without an error in its console."""

from __future__ import annotations

import io
from pathlib import Path

from playwright.sync_api import Dialog, FilePayload, expect

from tests.browser.app import IDLE, Visitor
from tests.documents import build_pdf
from tests.openai_server import OpenAIServer

PAGES = [
    "This first page is about bread, which needs flour, water, salt and yeast.",
    "The lighthouse in the harbour is 37 metres high. It was built in 1897.",
    "The last page lists the keepers of the lighthouse and their dogs.",
]


def _pdf(folder: Path, pages: list[str] = PAGES, name: str = "harbour.pdf") -> Path:
    path = folder / name
    path.write_bytes(build_pdf(pages))
    return path


def test_pdf_is_uploaded_asked_and_its_cited_page_read(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open()
    visitor.click_link("Documents")
    visitor.add(_pdf(tmp_path), "3 pages, 3 chunks")
    visitor.click_link("Ask")
    visitor.ask("How high is the lighthouse?")
    source = visitor.page.get_by_text("harbour.pdf, page 2").first
    source.wait_for()
    visitor.page.get_by_text("Extractive answer:").wait_for()
    source.click()
    visitor.page.get_by_test_id("stExpanderDetails").get_by_text("built in 1897").wait_for()
    _read_cited_page(visitor)


def _read_cited_page(visitor: Visitor) -> None:
    """A click on the answer's [1] opens the page, with the passage marked; the next page has no mark."""
    page = visitor.page
    page.locator('a[href*="#cite-0-1"]').first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Page 2 of 3").wait_for()
    page.wait_for_function("document.querySelector('[role=dialog] img')?.naturalHeight > 0")
    # What stands at the top of its page is seen at once, with the heading.
    assert _has_marker(page.screenshot(animations="disabled"))
    expect(dialog.get_by_text("Page 2 of 3")).to_be_in_viewport()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_text("Page 3 of 3").wait_for()
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="hidden")
    # The conversation is still there: the link did not load the page anew.
    page.get_by_text("Extractive answer:").wait_for()


def test_what_is_closed_during_an_ingest_opens_by_itself_when_it_has_ended(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open()
    visitor.click_link("Documents")
    text = " ".join(f"Line {number} of a long text, which takes a while to embed." for number in range(1500))
    files: FilePayload = {"name": "long.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    page.get_by_role("button", name="Add 1 document").click()
    page.get_by_text("Adding documents").wait_for()
    visitor.click_link("Knowledge bases")
    page.get_by_text("it can be emptied or deleted when that has ended").wait_for()
    expect(page.get_by_role("button", name="Delete", exact=False).first).to_be_enabled(timeout=120_000)


def test_citation_shows_the_passage_at_the_end_of_a_long_page(visitor: Visitor, tmp_path: Path) -> None:
    dough = " ".join(
        f"Loaf {number} needs flour, water, salt and yeast, and some rest." for number in range(60)
    )
    visitor.open()
    visitor.click_link("Documents")
    page = f"{dough} The ferry to the island is called Ada."
    visitor.add(_pdf(tmp_path, [page], "island.pdf"), "1 page, 5 chunks")
    visitor.click_link("Ask")
    visitor.ask("What is the ferry to the island called?")
    visitor.page.get_by_text("Extractive answer:").wait_for()
    visitor.page.locator('a[href*="#cite-0-1"]').first.click()
    visitor.page.wait_for_function(
        "document.querySelector('[role=dialog] img')?.getBoundingClientRect().top < 0"
    )
    assert _has_marker(visitor.page.screenshot(animations="disabled")), "nobody had to look for it"


def _has_marker(png: bytes) -> bool:
    from PIL import Image

    from core.documents.page_image import MARKER

    with Image.open(io.BytesIO(png)) as picture:
        channels = [list(channel.tobytes()) for channel in picture.convert("RGB").split()]
    return any(
        max(abs(value - wanted) for value, wanted in zip(pixel, MARKER, strict=True)) <= 8
        for pixel in zip(*channels, strict=True)
    )


def test_documents_are_there_after_a_reload(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open()
    visitor.click_link("Documents")
    tides = _pdf(tmp_path, ["High tide is two hours after the ferry leaves."], "tides.pdf")
    visitor.add(tides, "1 page, 1 chunk")
    visitor.page.reload()
    visitor.click_link("Ask")
    visitor.ask("When is high tide?")
    visitor.page.get_by_text("tides.pdf, page 1").first.wait_for()


def test_conversation_is_there_after_a_reload_and_opens_its_sources(visitor: Visitor, tmp_path: Path) -> None:
    pages = ["Apples are ripe.", "The windmill is 29 metres high. It was built in 1897.", "Millers had cats."]
    visitor.open()
    visitor.click_link("Documents")
    visitor.add(_pdf(tmp_path, pages, "mill.pdf"), "3 pages, 3 chunks")
    visitor.click_link("Ask")
    visitor.ask("How high is the windmill?")
    page = visitor.page
    page.get_by_test_id("stFeedback").wait_for()
    page.reload()
    page.get_by_text("Extractive answer:").wait_for()
    _read_cited_page(visitor)
    page.wait_for_selector(IDLE)
    visitor.ask("When are apples ripe?")
    page.get_by_test_id("stFeedback").nth(1).wait_for()
    page.get_by_role("button", name="Conversation").click()
    page.get_by_role("button", name="Start a new one").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    page.reload()
    page.get_by_text("no language model is set").wait_for()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)


def test_benchmark_runs_to_its_charts(visitor: Visitor) -> None:
    visitor.open()
    visitor.click_link("Benchmark")
    visitor.choose_preset("tutorial")
    visitor.page.get_by_label("Counts").fill("5, 10")
    visitor.page.get_by_label("Counts").press("Enter")
    visitor.page.get_by_text("8 trials").wait_for()
    visitor.page.get_by_role("button", name="Start").click()
    visitor.page.get_by_test_id("stPlotlyChart").first.wait_for()
    visitor.page.get_by_text("identical", exact=False).first.wait_for()
    # Nobody has to scroll for what was found.
    expect(visitor.page.locator(".finding").first).to_be_in_viewport()
    visitor.click_link("Runs")
    visitor.page.get_by_test_id("stDataFrame").first.wait_for()


def test_benchmark_is_stopped_found_again_after_a_reload_and_kept(visitor: Visitor) -> None:
    visitor.open()
    visitor.click_link("Benchmark")
    visitor.choose_preset("tutorial")
    visitor.page.get_by_label("Counts").fill("2000")
    visitor.page.get_by_label("Counts").press("Enter")
    visitor.page.get_by_text("4 trials").wait_for()
    visitor.page.get_by_role("button", name="Start").click()
    # Not by its text: "measuring" is also in what is said of a plan.
    visitor.page.get_by_role("button", name="Stop").wait_for()
    visitor.page.reload()
    visitor.page.get_by_role("button", name="Stop").click()
    visitor.page.get_by_role("button", name="Start").wait_for()
    visitor.page.get_by_text("stopped", exact=False).first.wait_for()


def test_answer_streams_and_stop_ends_it_at_the_models_server_too(
    visitor_with_model: Visitor, model_server: OpenAIServer, tmp_path: Path
) -> None:
    visitor, page = visitor_with_model, visitor_with_model.page
    model_server.behaviour = "endless"
    visitor.open()
    visitor.click_link("Documents")
    visitor.add(_pdf(tmp_path), "3 pages, 3 chunks")
    visitor.click_link("Ask")
    visitor.ask("How high is the lighthouse?")
    page.get_by_text("more more").wait_for()
    page.get_by_role("button", name="Stop").click()
    # The server notices that the connection was closed: the model really stops.
    assert model_server.disconnected.wait(10)
    page.get_by_text("Stopped. What came is kept.").wait_for()
    page.get_by_text("Async overlaps waiting").wait_for()
    model_server.behaviour = "answer"
    page.get_by_role("button", name="Retry").click()
    page.get_by_text("Stopped. What came is kept.").wait_for(state="hidden")
    page.get_by_text("more more").wait_for(state="hidden")
    page.locator('a[href*="#cite-0-1"]').wait_for()


def test_document_that_is_opened_from_far_down_is_shown_from_its_top(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 480})
    file = tmp_path / "pier.txt"
    file.write_text("The pier is made of oak.")
    visitor.open()
    visitor.click_link("Documents")
    visitor.add(file, "1 chunk")
    page.get_by_role("button", name="Close").click()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 1.5 * 35)
    page.get_by_role("button", name="Open").last.click()
    page.get_by_role("button", name="All documents").wait_for()
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop === 0")


def test_markup_in_names_questions_and_texts_stays_text(visitor: Visitor, tmp_path: Path) -> None:
    evil = tmp_path / "img src=x onerror=alert(1) 🙂.txt"
    evil.write_text("<script>document.title='owned'</script> The owner of the zebra is Zoltan.")
    dialogs: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visitor.page.on("dialog", on_dialog)
    visitor.open()
    visitor.click_link("Documents")
    visitor.add(evil, "1 chunk")
    visitor.click_link("Ask")
    visitor.ask("<img src=x onerror=alert(1)> Who is the owner of the zebra?")
    visitor.page.get_by_text("Zoltan").first.wait_for()
    visitor.page.get_by_text("<img src=x onerror=alert(1)> Who").wait_for()
    assert dialogs == []
    assert "owned" not in visitor.page.title()
