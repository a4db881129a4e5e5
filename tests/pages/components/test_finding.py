"""The top of a run: what was found, and the proof of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.records.codec import write_run
from tests.bench_runs import make_run
from tests.pages.benchmarking import DONE, open_benchmark, says, start_bench
from tests.pages.conftest import html

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_finished_run_shows_finding_proof_and_reason(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    assert "4.0x" in html(page)
    assert says(page, "10 of 10 queries gave the same ids")
    assert "pure Python" in page.info[0].value
    assert len(page.get("plotly_chart")) >= 2
    assert page.button(key="start").label == "Start"
