"""The benchmark lab in a real browser: watched, stopped, compared, raced, exported, presented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from core.bench.plan.presets import preset_plan
from core.bench.records.codec import write_run
from core.bench.records.run import new_id
from tests.bench_runs import factor_run, first_look_run, ladder_run
from tests.browser.app import IDLE, Visitor, browsing, running_app

LADDER = ladder_run()
FACTOR, FIRST_LOOK = replace(factor_run(), id=new_id()), replace(first_look_run(), id=new_id())
PHONE = ViewportSize(width=390, height=844)
# A projector, and a laptop.
SIZES = (ViewportSize(width=1280, height=720), ViewportSize(width=1440, height=900))
# The app's own bar on top of every page.
HEADER_PX = 60
# Of the list of runs; its head is as high.
ROW_PX = 35


@pytest.fixture(scope="module")
def lab_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app with three saved runs."""
    folder = tmp_path_factory.mktemp("lab")
    for run in (LADDER, FACTOR, FIRST_LOOK):
        write_run(run, folder / "runs" / f"{run.id}.json")
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


def test_ladder_is_watched_live_stopped_and_found_after_a_reload(lab: Visitor) -> None:
    lab.open()
    lab.click_link("Benchmark")
    page = lab.page
    lab.choose_preset("ladder")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Stop").wait_for()
    table = page.locator("table.live")
    for lane in preset_plan("ladder").lanes:
        table.get_by_text(lane, exact=True).first.wait_for()
    page.get_by_text("You started this run.").wait_for()
    page.reload()
    page.get_by_text("You started this run.").wait_for()
    # The trials of the first repeat are measured by then.
    page.get_by_text("repeat 2 of").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Start").wait_for()
    page.get_by_text("The run was stopped; what was measured until then is kept.").first.wait_for()
    # The form is as it was when the run was started.
    lab.open_plan()
    page.get_by_text("ladder on lite").wait_for()


def charts(page: Page) -> Locator:
    """From the top of the page. Plotly draws them in any order, and marks them only then."""
    return page.get_by_test_id("stPlotlyChart")


def bottom_px(chart: Locator) -> float:
    """Where the lowest bar of a chart ends."""
    bars = chart.locator(".bars path, .barlayer path")
    bars.first.wait_for()
    ends: list[float] = bars.evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().bottom)")
    assert len(ends) >= 2
    return max(ends)


def test_first_start_draws_one_chart_that_grows_and_ends_with_all_its_bars_in_sight(lab: Visitor) -> None:
    page = lab.page
    page.set_viewport_size(SIZES[0])
    lab.open("benchmark")
    lab.choose_preset("first look")
    page.get_by_role("button", name="Start").click()
    canvas = page.get_by_test_id("stEChartsChart").locator("canvas").first
    canvas.wait_for()
    canvas.evaluate("element => { element.isTheFirst = true }")
    page.get_by_text("left", exact=False).first.wait_for()
    page.get_by_text("Search, 10 operations, repeat 3 of 5").wait_for()
    assert canvas.evaluate("element => element.isTheFirst") is True, "it was not mounted anew"
    page.get_by_text("Proof of same work").wait_for()
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollTop") == 0
    for size in SIZES:
        page.set_viewport_size(size)
        page.reload()
        chart, headline = charts(page).first, page.locator(".finding").first
        assert bottom_px(chart) <= size["height"]
        assert re.fullmatch(r"\d+\.\d+x", headline.locator(".figure").inner_text())
        expect(headline).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_presenter_view_has_bars_and_who_waits_when_in_sight(lab: Visitor, size: ViewportSize) -> None:
    lab.page.set_viewport_size(size)
    page = open_run(lab, FIRST_LOOK.id, "&present=1")
    bars, timeline = charts(page).nth(0), charts(page).nth(1)
    for chart in (bars, timeline):
        assert bottom_px(chart) <= size["height"]
        # What was found is said once: by the headline.
        assert "".join(chart.locator(".gtitle").all_text_contents()) == ""
    lanes = timeline.locator(".subplot .barlayer")
    assert lanes.count() == 2
    figure = page.locator(".finding .figure")
    assert figure.inner_text() == "7.0x"
    assert float(figure.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) >= 48


TITLES = 'document.querySelectorAll(".js-plotly-plot .g-gtitle")'
TITLES_FIT = f"""() => {{
  const titles = [...{TITLES}].filter((title) => title.textContent)
  const end = (element) => element.getBoundingClientRect().right
  return titles.length > 0 && titles.every((title) => end(title) <= end(title.closest(".js-plotly-plot")))
}}"""


@pytest.mark.parametrize("more", ["", "&present=1"], ids=["desk", "hall"])
def test_titles_of_charts_fit_however_wide_the_window_is(lab: Visitor, more: str) -> None:
    """Also where it is no phone's, and when it is made smaller or larger."""
    page = open_run(lab, LADDER.id, more)
    for width in (1440, 390, 1024, 700, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(TITLES_FIT)
    page.wait_for_function(f"() => [...{TITLES}].some((title) => title.getBoundingClientRect().width > 600)")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_saved_first_look_begins_with_its_chart(lab: Visitor, size: ViewportSize) -> None:
    """Below the list of runs; from its headline on nothing pushes the chart down."""
    lab.page.set_viewport_size(size)
    page = open_run(lab, FIRST_LOOK.id)
    top = page.locator(".finding").first.evaluate("element => element.getBoundingClientRect().top")
    assert bottom_px(charts(page).first) - top <= size["height"] - HEADER_PX


def test_permalink_opens_a_run_with_its_story_first(lab: Visitor) -> None:
    page = open_run(lab, FACTOR.id)
    assert page.locator(".finding .figure").inner_text() == "39.9x"
    page.get_by_text("From top to bottom one thing changes at a time").first.wait_for()


def test_click_on_a_row_of_the_list_opens_its_run_again_and_again(lab: Visitor) -> None:
    page = lab.page
    page.goto(f"{lab.address}/runs")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    opened = []
    for row in (0, 1, 0):
        page.wait_for_selector(IDLE)
        box = table.bounding_box()
        assert box is not None
        before = page.url
        page.mouse.click(box["x"] + 60, box["y"] + (1.5 + row) * ROW_PX)
        page.wait_for_function("before => location.href != before", arg=before)
        opened.append(page.url.partition("run=")[2])
    assert opened[0] == opened[2] != opened[1]


def test_two_runs_are_compared_on_one_axis_with_a_warning(lab: Visitor) -> None:
    lab.open()
    lab.page.goto(f"{lab.address}/runs?compare={LADDER.id},{FIRST_LOOK.id}")
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
    figure = page.locator(".finding .figure")
    assert float(figure.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")) >= 48


@pytest.mark.parametrize("path", ["benchmark", "runs"])
def test_nothing_is_wider_than_a_phone(lab: Visitor, path: str) -> None:
    lab.page.set_viewport_size(PHONE)
    page = open_run(lab, LADDER.id)
    if path == "benchmark":
        page.goto(f"{lab.address}/benchmark")
        page.get_by_role("button", name="Start").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth") <= PHONE["width"]


def test_moments_are_those_of_the_visitors_clock(browser: Browser, lab_address: str) -> None:
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.goto(f"{lab_address}/runs?run={LADDER.id}")
    # Measured at 15:40 in UTC, the day before.
    page.get_by_text("2026-11-23 00:40 · ").first.wait_for()
    context.close()
