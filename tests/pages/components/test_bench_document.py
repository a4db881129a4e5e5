"""A document of one's own as what is measured."""

from __future__ import annotations

import pytest

from core.bench.supervisor import runs
from tests.pages.benchmarking import WAIT_S, open_benchmark, says
from tests.pages.conftest import html, texts

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_document_of_ones_own_is_measured_both_ways() -> None:
    page = open_benchmark("ingest")
    page.file_uploader(key="bench_document").set_value(
        ("a.txt", b"The pier is made of oak. " * 200, "text/plain")
    ).run()
    page.number_input(key="repeats-ingest").set_value(1).run()
    page.button(key="start").click().run()
    assert not page.exception
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert not page.exception
    # What it found, whichever way was faster.
    assert "async ingest" in html(page).lower()
    assert says(page, "Identical chunks after each ingest: 2 of 2 checks passed")
    assert any("sets the pace" in info.value for info in page.info)
    assert "**a\\.txt** goes in again." in texts(page)
    page.button(key="bench_document_forget").click().run()
    assert "goes in again" not in texts(page)
    assert page.query_params["preset"] == "ingest"
    assert "a.txt" not in str(page.query_params["plan"])
