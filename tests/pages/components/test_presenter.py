"""A page for a hall."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.records.codec import write_run
from tests.bench_runs import make_run
from tests.pages.benchmarking import DONE, open_benchmark, start_bench
from tests.pages.conftest import html

pytestmark = pytest.mark.usefixtures("no_run_left")


def test_presenter_view_hides_the_form_and_keeps_the_finding(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark()
    page.toggle[0].set_value(True).run()
    assert not page.exception
    assert [button.key for button in page.button if button.key == "start"] == []
    assert "4.0x" in html(page)
