"""core.export.tour_html: all scenes as one file that asks nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.bench.recorded import recorded_run
from core.export.tour_html import tour_html
from core.tour.scenes import SCENES
from tests.browser.app import a_browser

pytestmark = pytest.mark.slow


def test_tour_as_html_has_every_scene_with_its_mark_and_notes() -> None:
    text = tour_html()
    for number, scene in enumerate(SCENES, start=1):
        assert f'<section id="scene-{number}">' in text
        assert scene.sentence.replace("'", "&#x27;") in text
    assert text.count("recorded on ") >= 7
    assert "measured here, now" not in text


def test_what_was_measured_in_the_talk_is_in_it() -> None:
    run = recorded_run("tutorial")
    assert run is not None
    text = tour_html({1: replace(run, id="20261122T154012Z-0a1b2c", created_at="2026-11-22T15:40:12+00:00")})
    # Whoever opens the file was not there.
    assert "Measured in this talk: recorded on 22 Nov 2026" in text
    assert "measured here, now" not in text


def test_star_is_explained_only_where_there_is_one() -> None:
    sections = tour_html().split('<section id="scene-')[1:]
    starred = {section[0] for section in sections if "* simulated" in section}
    names = {scene.name for number, scene in enumerate(SCENES, start=1) if str(number) in starred}
    assert names == {"factor", "distance"}


@pytest.fixture
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.mark.browser
def test_tour_as_html_opens_offline_and_is_turned_by_keys(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "tour.html"
    path.write_text(tour_html(), encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: None if request.url.startswith("file:") else problems.append(request.url)
    )
    page.goto(path.as_uri())
    page.locator(f"section:nth-of-type({len(SCENES)}) .main-svg").first.wait_for()
    assert page.locator(".chart").count() == len(SCENES)
    page.keyboard.press("PageDown")
    page.wait_for_function(
        "() => Math.abs(document.getElementById('scene-2').getBoundingClientRect().top) < 5"
    )
    assert problems == []
    context.close()
