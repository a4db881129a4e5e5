"""The preset that the Benchmark page begins with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.bench.plan.presets import preset_plan
from core.bench.records.codec import write_run
from core.bench.supervisor import runs
from pages.state.plan_choice import CHOICE_KEY
from tests.bench_runs import make_run
from tests.pages.benchmarking import DONE, WAIT_S, open_benchmark, start_bench
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
    for _ in range(2):
        assert page.header[0].value == "The last run, with other settings"
        assert [each.label for each in page.expander if each.label == "Settings of the next run"] == []
        assert [button.key for button in page.button].count("start") == 1
        # What is set in the form does not send it away.
        page.text_input(key="counts-distance").set_value("30").run()
        assert not page.exception


def test_run_that_was_started_where_a_link_led_comes_first_from_then_on(tmp_path: Path) -> None:
    write_run(make_run(), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json")
    page = open_benchmark("quick")
    assert page.header[0].value == "The last run, with other settings"
    page.text_input(key="counts-quick").set_value("3").run()
    page.button(key="start").click().run()
    assert not page.exception
    assert runs.current is not None
    assert runs.current.wait(WAIT_S).state == "complete"
    page.run()
    assert not page.exception
    assert [header.value for header in page.header] == []
    assert "Settings of the next run" in [each.label for each in page.expander]


def test_run_with_settings_of_ones_own_comes_first_after_a_reload(tmp_path: Path) -> None:
    plan = preset_plan("quick", counts=(10,), repeats=1)
    write_run(make_run(settings=plan.to_dict()), tmp_path / "x.json")
    start_bench(DONE, tmp_path / "x.json", plan)
    page = page_test("benchmark")
    page.query_params["preset"] = "quick"
    page.query_params["plan"] = json.dumps({"counts": [10], "repeats": 1})
    page.run()
    assert not page.exception
    assert [header.value for header in page.header] == []
    assert page.expander[0].label == "Settings of the next run"
