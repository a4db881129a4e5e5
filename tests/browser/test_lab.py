"""The benchmark lab in a real browser: watched, stopped, compared, raced, exported, presented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from core.bench.archive import save_run
from core.bench.presets import preset_plan
from core.bench.record import new_id
from tests.bench_runs import factor_run, ladder_run
from tests.browser.app import Visitor, browsing, running_app

LADDER, FACTOR = ladder_run(), replace(factor_run(), id=new_id())
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def lab_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app with two saved runs."""
    folder = tmp_path_factory.mktemp("lab")
    for run in (LADDER, FACTOR):
        save_run(run, folder / "runs" / f"{run.id}.json")
    with running_app(folder) as address:
        yield address


@pytest.fixture
def lab(browser: Browser, lab_address: str) -> Iterator[Visitor]:
    # Plotly rejects its own promise when a replay is paused; nothing on the page is wrong then.
    with browsing(browser, lab_address, harmless="undefined") as visitor:
        yield visitor


def open_run(visitor: Visitor, run_id: str, more: str = "") -> Page:
    visitor.open()
    visitor.page.goto(f"{visitor.address}/runs?run={run_id}{more}")
    visitor.page.locator(".js-plotly-plot").first.wait_for()
    return visitor.page


def choose(visitor: Visitor, preset: str) -> None:
    visitor.open_plan()
    page = visitor.page
    page.get_by_test_id("stButtonGroup").get_by_text(preset, exact=True).click()
    plan = preset_plan(preset)
    page.get_by_text(f"{plan.num_trials} trials").wait_for()


def test_ladder_is_watched_live_stopped_and_found_after_a_reload(lab: Visitor) -> None:
    lab.open()
    lab.click_link("Benchmark")
    page = lab.page
    choose(lab, "ladder")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Measuring").wait_for()
    table = page.locator("table.live")
    for lane in preset_plan("ladder").lanes:
        table.get_by_text(lane, exact=True).first.wait_for()
    page.get_by_text("You started this run.").wait_for()
    page.reload()
    # After a reload the visitor is a new one to the app.
    page.get_by_text("Another visitor of this app started this run.").wait_for()
    # The trials of the first repeat are measured by then.
    page.get_by_text("repeat 2 of").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Start").wait_for()
    page.get_by_text("The run was stopped; what was measured until then is kept.").first.wait_for()


def test_permalink_opens_a_run_with_its_story_first(lab: Visitor) -> None:
    page = open_run(lab, FACTOR.id)
    assert page.locator(".gtitle").first.text_content()
    page.get_by_text("Where the factor comes from").first.wait_for()


def test_two_runs_are_compared_on_one_axis_with_a_warning(lab: Visitor) -> None:
    lab.open()
    lab.page.goto(f"{lab.address}/runs?compare={LADDER.id},{FACTOR.id}")
    lab.page.get_by_text("These runs differ in more than chance").wait_for()
    lab.page.locator(".js-plotly-plot").first.wait_for()


def test_race_is_a_marked_replay_that_plays_and_pauses(lab: Visitor) -> None:
    page = open_run(lab, LADDER.id)
    page.get_by_role("tab", name="Who waits when").click()
    race = page.locator(".js-plotly-plot", has_text="REPLAY").first
    race.scroll_into_view_if_needed()
    clock = race.locator(".textpoint").first
    before = clock.text_content()
    race.get_by_text("▶ Play").first.click()
    page.wait_for_function(
        "([clock, before]) => clock.textContent !== before", arg=[clock.element_handle(), before]
    )
    race.get_by_text("Pause", exact=False).first.click()


def test_report_is_one_file_that_draws_without_a_network(lab: Visitor, tmp_path: Path) -> None:
    page = open_run(lab, LADDER.id)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML report").click()
    path = tmp_path / "report.html"
    download.value.save_as(path)
    asked: list[str] = []
    report = page.context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto(path.as_uri())
    report.locator(".js-plotly-plot").first.wait_for()
    assert [url for url in asked if url.startswith("http")] == []
    assert report.locator(".js-plotly-plot").count() > 5


def test_presenter_view_hides_what_is_not_for_the_hall(lab: Visitor) -> None:
    page = open_run(lab, FACTOR.id, "&present=1")
    assert not page.get_by_test_id("stHeader").is_visible()
    assert page.get_by_role("button", name="Export").count() == 0
    title = page.locator(".gtitle").first
    assert float(title.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) >= 24


@pytest.mark.parametrize("path", ["benchmark", "runs"])
def test_nothing_is_wider_than_a_phone(lab: Visitor, path: str) -> None:
    lab.page.set_viewport_size(PHONE)
    page = open_run(lab, LADDER.id)
    if path == "benchmark":
        page.goto(f"{lab.address}/benchmark")
        page.get_by_role("button", name="Start").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth") <= PHONE["width"]
