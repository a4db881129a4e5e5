"""The preset that the Benchmark page begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.records.codec import write_run
from pages.state.plan_choice import CHOICE_KEY
from tests.bench_runs import make_run
from tests.pages.benchmarking import DONE, open_benchmark, start_bench
from tests.pages.page_test import page_test

pytestmark = pytest.mark.usefixtures("no_run_left")


@pytest.mark.parametrize("way", ["a link", "another page"])
def test_preset_that_a_link_or_another_page_leads_to_comes_before_the_last_run(
    tmp_path: Path, way: str
) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    assert open_benchmark().expander[0].label == "Settings of the next run"
    page = page_test("benchmark")
    if way == "a link":
        page.query_params["preset"] = "distance"
    else:
        page.session_state[CHOICE_KEY] = ("distance", None)  # as `prefer` leaves it
    page.run()
    assert not page.exception
    assert page.header[0].value == "The last run, of another preset"
    assert [each.label for each in page.expander if each.label == "Settings of the next run"] == []
    assert [button.key for button in page.button].count("start") == 1
