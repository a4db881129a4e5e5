"""The Tour in a real browser: the talk by its keys, the second window, run here, and what fails on stage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from core.tour.scenes import SCENES
from tests.browser.app import IDLE, Visitor, browsing, running_app
from tests.lite_process import LiteProcess

# A projector's two usual sizes.
SIZES = (ViewportSize(width=1280, height=720), ViewportSize(width=1920, height=1080))
SCHEMES = ("light", "dark")
CHART = ".steady-chart"
FALL_BACK_TIMEOUT_MS = 120_000


@pytest.fixture
def stage(visitor: Visitor) -> Visitor:
    """The first scene on a projector, its chart drawn."""
    visitor.page.set_viewport_size(SIZES[0])
    visitor.open("tour?scene=1")
    wait_for(visitor.page, 1)
    return visitor


def wait_for(page: Page, number: int) -> None:
    """Wait until the scene of that number, from 1, stands with its chart."""
    scene = SCENES[number - 1]
    page.get_by_role("heading", name=scene.sentence).wait_for()
    page.locator(f'{CHART}[data-drawn="{scene.name}"] .main-svg').first.wait_for()
    expect(page.locator(".tour-dots .dot").nth(number - 1)).to_have_attribute("aria-current", "step")


def is_still(page: Page) -> bool:
    """Whether nothing is larger than the window, so that nothing scrolls."""
    return bool(
        page.evaluate(
            "() => [...document.querySelectorAll('[data-testid=stMain], body')]"
            ".every(e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1)"
        )
    )


def in_sight(page: Page, selector: str) -> bool:
    """Whether the first such element lies in the window whole."""
    return bool(
        page.locator(selector).first.evaluate(
            "e => { const r = e.getBoundingClientRect();"
            " return r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth }"
        )
    )


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_walk_through_all_scenes_by_arrow_keys_scrolls_nowhere(
    stage: Visitor, size: ViewportSize, scheme: str
) -> None:
    page = stage.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size(size)
    for number, scene in enumerate(SCENES, start=1):
        wait_for(page, number)
        expect(page).to_have_url(re.compile(f"scene={number}$"))
        assert is_still(page), scene.name
        for part in ("h1", CHART, ".tour-about", ".tour-dots"):
            assert in_sight(page, part), (scene.name, part)
        chart = page.locator(CHART).bounding_box()
        assert chart is not None
        assert chart["height"] >= 0.6 * size["height"]
        page.keyboard.press("ArrowRight")
    # Beyond the last one there is none.
    wait_for(page, len(SCENES))
    page.keyboard.press("ArrowLeft")
    wait_for(page, len(SCENES) - 1)


def test_theme_that_changes_while_the_next_scene_comes_leaves_that_one(stage: Visitor) -> None:
    page = stage.page
    for number in range(2, 5):
        page.emulate_media(color_scheme="dark" if number % 2 == 0 else "light")
        page.keyboard.press("ArrowRight")
        wait_for(page, number)
        # The theme's own redraw comes a little later.
        page.wait_for_timeout(500)
        wait_for(page, number)


def test_clicker_and_space_move_the_talk_wherever_the_focus_is(stage: Visitor) -> None:
    page = stage.page
    page.locator(f"{CHART} .main-svg").first.click(position={"x": 300, "y": 150})
    page.keyboard.press("PageDown")
    wait_for(page, 2)
    page.keyboard.press(" ")
    wait_for(page, 3)
    page.keyboard.press("PageUp")
    wait_for(page, 2)
    page.keyboard.press("End")
    wait_for(page, len(SCENES))
    page.keyboard.press("Home")
    wait_for(page, 1)
    page.locator(".tour-dots .dot").nth(4).click()
    wait_for(page, 5)
    # In a field or on a slider arrows are its own; a clicker's keys stay the talk's.
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("65 ms away").wait_for()
    wait_for(page, 5)
    page.keyboard.press("PageDown")
    wait_for(page, 6)


def test_keys_that_are_pressed_quickly_are_all_counted(stage: Visitor) -> None:
    for _ in range(5):
        stage.page.keyboard.press("ArrowRight")
    wait_for(stage.page, 6)


@pytest.mark.parametrize("gap_ms", [0, 30, 100, 300])
def test_keys_to_and_fro_at_any_pace_lead_where_they_say(stage: Visitor, gap_ms: int) -> None:
    scene, page = 1, stage.page
    for steps in ((1, 1, -1, 1), (1, -1, -1), (1, 1, 1, -1), (-1, 1, 1)):
        for step in steps:
            page.keyboard.press("ArrowRight" if step > 0 else "ArrowLeft")
            page.wait_for_timeout(gap_ms)
        scene += sum(steps)
        wait_for(page, scene)
        expect(page).to_have_url(re.compile(f"scene={scene}$"))


def test_back_leaves_the_talk(visitor: Visitor) -> None:
    visitor.open("runs")
    visitor.page.get_by_test_id("stSidebarNavLink").get_by_text("Tour", exact=True).click()
    visitor.page.locator(f"{CHART} .main-svg").first.wait_for()
    visitor.page.keyboard.press("Home")
    for number in (1, 2, 3):
        wait_for(visitor.page, number)
        visitor.page.keyboard.press("ArrowRight")
    wait_for(visitor.page, 4)
    visitor.page.go_back()
    visitor.page.get_by_role("heading", name="Runs", level=1).wait_for()


def test_keys_are_the_next_page_s_once_the_talk_is_left_and_the_talk_s_when_it_goes_on(
    visitor: Visitor,
) -> None:
    page = visitor.page
    visitor.open("runs")
    for _ in range(2):
        page.get_by_test_id("stSidebarNavLink").get_by_text("Tour", exact=True).click()
        page.locator(f"{CHART} .main-svg").first.wait_for()
        page.keyboard.press("Home")
        wait_for(page, 1)
        page.keyboard.press("ArrowRight")
        wait_for(page, 2)
        page.go_back()
        page.get_by_role("heading", name="Runs", level=1).wait_for()
        page.wait_for_selector(IDLE)
        is_free = page.evaluate(
            "() => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true, cancelable: true}))"
        )
        assert is_free


def test_chart_is_never_mounted_anew_nor_blank(stage: Visitor) -> None:
    page = stage.page
    page.locator(CHART).evaluate("element => { element.isTheFirst = true }")
    page.evaluate(
        """() => {
          window.blanks = 0
          const look = () => {
            const drawn = document.querySelector(".steady-chart .main-svg .cartesianlayer")
            if (!drawn?.childElementCount) window.blanks += 1
            window.looking = requestAnimationFrame(look)
          }
          look()
        }"""
    )
    for number in range(2, 6):
        page.keyboard.press("PageDown")
        wait_for(page, number)
    assert page.locator(CHART).evaluate("element => element.isTheFirst") is True
    assert page.evaluate("window.blanks") == 0


def test_second_window_has_notes_follows_the_talk_and_moves_it(stage: Visitor) -> None:
    page = stage.page
    with page.expect_popup() as opened:
        page.keyboard.press("n")
    notes = opened.value
    notes.set_default_timeout(60_000)
    notes.get_by_role("heading", name="1 of 8").wait_for()
    page.keyboard.press("ArrowRight")
    notes.get_by_role("heading", name="2 of 8").wait_for()
    notes.get_by_text(SCENES[1].notes[0]).wait_for()
    notes.get_by_text(f"Next: {SCENES[2].sentence}").wait_for()
    notes.locator(".tour-clock b").wait_for()
    notes.keyboard.press("PageDown")
    wait_for(page, 3)
    expect(page).to_have_url(re.compile("scene=3$"))


def test_guess_is_typed_in_and_the_next_key_reveals(stage: Visitor) -> None:
    page = stage.page
    page.keyboard.press("PageDown")
    wait_for(page, 2)
    page.keyboard.press("PageDown")
    wait_for(page, 3)
    page.keyboard.press("PageDown")
    wait_for(page, 4)
    page.get_by_role("button", name="More").click()
    page.get_by_text("Predict, then reveal").click()
    page.get_by_role("heading", name=SCENES[3].question.text).wait_for()
    page.keyboard.press("Escape")
    field = page.get_by_role("spinbutton")
    field.fill("3")
    field.press("Enter")
    chart = page.locator(CHART)
    chart.get_by_text("guess 3x").wait_for()
    chart.get_by_text("?", exact=True).wait_for()
    page.keyboard.press("PageDown")
    wait_for(page, 4)
    chart.get_by_text("guess 3x").wait_for()
    assert chart.get_by_text("?", exact=True).count() == 0
    page.keyboard.press("PageDown")
    page.get_by_role("heading", name=SCENES[4].question.text).wait_for()
    page.get_by_role("button", name="More").click()
    page.get_by_text("Predict, then reveal").click()
    wait_for(page, 5)


def test_scene_is_run_here_live_in_the_same_chart_beside_the_record(stage: Visitor) -> None:
    page = stage.page
    for number in (2, 3, 4):
        page.keyboard.press("PageDown")
        wait_for(page, number)
    chart = page.locator(CHART)
    chart.evaluate("element => { element.isTheFirst = true }")
    page.get_by_role("button", name="Run it here").click()
    page.get_by_text("measuring here").wait_for()
    page.get_by_text("measured here, now").wait_for()
    chart.get_by_text("here, now").first.wait_for()
    chart.get_by_text("recorded").first.wait_for()
    assert chart.evaluate("element => element.isTheFirst") is True
    assert is_still(page)
    page.get_by_role("button", name="Run it here").wait_for()


def told_whole(page: Page) -> bool:
    """Whether all that is told below the chart can be read: it ends above the controls."""
    return bool(
        page.evaluate(
            "() => { const about = document.querySelector('.tour-about'), range = document.createRange();"
            " range.selectNodeContents(about); const ends = (e) => e.getBoundingClientRect().bottom;"
            " const foot = document.querySelector('.st-key-tour_foot').getBoundingClientRect().top;"
            " return ends(range) <= ends(about) + 1 && ends(about) <= foot + 1 }"
        )
    )


def test_what_has_to_be_known_can_be_read_whole_after_a_run_here(stage: Visitor) -> None:
    """Two lines of what was recorded, and two of what was measured here, down to the star's meaning."""
    page = stage.page
    page.keyboard.press("PageDown")
    wait_for(page, 2)
    page.get_by_role("button", name="Run it here").click()
    page.get_by_text("simulated by a proxy").wait_for()
    for size in (*SIZES, ViewportSize(width=1440, height=900), ViewportSize(width=1024, height=768)):
        page.set_viewport_size(size)
        assert told_whole(page), size
        assert is_still(page)


def test_tour_needs_neither_model_nor_milvus(browser: Browser, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    with (
        running_app(tmp_path, MILVUS_URI=nowhere) as address,
        browsing(browser, address) as visitor,
    ):
        visitor.open("tour?scene=5")
        wait_for(visitor.page, 5)


def test_target_killed_in_the_middle_falls_back_to_the_record(browser: Browser, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with (
        LiteProcess(tmp_path / "milvus") as milvus,
        running_app(data, MILVUS_URI=milvus.target.uri) as address,
        browsing(browser, address, 1280, 720) as visitor,
    ):
        page = visitor.page
        visitor.open("tour?scene=3")
        wait_for(page, 3)
        page.get_by_role("button", name="Run it here").click()
        page.locator(".tour-about .track i:not([style*='width:0%'])").wait_for(state="attached")
        milvus.kill()
        failed = page.locator(".tour-failed")
        failed.wait_for(timeout=FALL_BACK_TIMEOUT_MS)
        assert "What you see was recorded." in failed.inner_text()
        page.get_by_text("not measured now").wait_for()
        assert is_still(page)
        page.keyboard.press("ArrowRight")
        wait_for(page, 4)


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Visitor]:
    with browsing(browser, address, 390, 844) as visitor:
        yield visitor


def test_tour_on_a_phone_is_no_wider_than_it(phone: Visitor) -> None:
    phone.open("tour?scene=3")
    wait_for(phone.page, 3)
    main = phone.page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


def test_phone_has_the_way_to_the_next_scene_in_sight(phone: Visitor) -> None:
    page = phone.page
    phone.open("tour?scene=1")
    for number, scene in enumerate(SCENES, start=1):
        wait_for(page, number)
        for part in ("h1", CHART, ".tour-about", ".tour-dots"):
            assert in_sight(page, part), (scene.name, part)
        if number < len(SCENES):
            page.locator(".tour-dots .dot").nth(number).click()
