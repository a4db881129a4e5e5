"""core.export.html_report: one file that asks nothing of anybody; text stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Proof
from core.charts.catalog import charts_of
from core.export.html_report import html_report
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    first_look_run,
    heartbeat_run,
    ladder_run,
    make_run,
    make_trial,
    stall_run,
)
from tests.browser.app import a_browser

pytestmark = pytest.mark.slow

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, texts, and the figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script" and self.cdata_elem == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def figures(self) -> list[dict[str, Any]]:
        return [json.loads(text) for attrs, text in self.scripts if attrs.get("type") == "application/json"]

    @property
    def policy(self) -> str:
        return next(
            attrs["content"] or ""
            for tag, attrs in self.elements
            if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
        )


def evil_run() -> Run:
    trial = make_trial("async", 1.0, num_ok=9, num_failed=1, errors={EVIL: 1}, bounded_by=EVIL)
    run = make_run(make_trial("sync", 4.0), trial, name=EVIL, comment=EVIL, note=EVIL)
    return replace(run, environment={"cpu": EVIL, "notes": [EVIL], EVIL: {EVIL: EVIL}}, imported=True)


@pytest.mark.parametrize(
    "make",
    [make_run, ladder_run, factor_run, distance_run, concurrency_run, stall_run, heartbeat_run],
    ids=lambda make: make.__name__,
)
def test_report_has_every_chart_with_how_to_read_it(make: Any) -> None:
    run = make()
    page = Page(html_report(run))
    charts = charts_of(run, "search")
    assert len(page.figures) == len(charts) > 0
    for chart in charts:
        assert chart.how_to_read in page.text


def test_chart_of_what_was_found_comes_first_and_once() -> None:
    html = html_report(first_look_run())
    heads = re.findall(r"<h[23]>([^<]+)</h[23]>", html)
    assert heads[:3] == ["The same work, side by side", "Add", "In flight: who waits when"]
    assert heads.count("The same work, side by side") == 1


def test_nothing_is_asked_of_a_network() -> None:
    page = Page(html_report(make_run()))
    assert not {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "form", "base"}
    assert not [attrs for _, attrs in page.elements if attrs.keys() & {"src", "href", "action", "srcset"}]
    assert "default-src 'none'" in page.policy
    assert "connect-src" not in page.policy


def test_only_the_two_known_scripts_may_run() -> None:
    page = Page(html_report(evil_run()))
    code = [text for attrs, text in page.scripts if "type" not in attrs]
    assert len(code) == 2
    for text in code:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.policy
    assert "unsafe-inline" not in page.policy.partition("style-src")[0]


def test_plotly_is_in_it_once() -> None:
    run = make_run(
        *[make_trial(lane, 1.0, operation=op) for op in ("add", "search") for lane in ("sync", "async")]
    )
    html = html_report(run)
    assert len(Page(html).figures) == len(charts_of(run, "add")) + len(charts_of(run, "search"))
    assert html.count("plotly.js v") == 1


def test_text_of_a_record_stays_text() -> None:
    page = Page(html_report(evil_run()))
    assert not [attrs for tag, attrs in page.elements if tag == "img" or "onerror" in attrs]
    assert page.text.count(EVIL) >= 7


def test_every_mark_and_table_is_there() -> None:
    trials = [
        make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0, case=Case(rtt_ms=60)),
        make_trial("async", 1.0, case=Case(rtt_ms=60), is_warmup=True),
    ]
    run = make_run(
        *trials,
        settings={"rtt_ms": 60, "target": "http://m:19530"},
        status="stopped",
        imported=True,
        environment={"cpu": "Xeon", "notes": ["Connected before."]},
        comment="said by hand",
        checks=(Proof(name="identical_ids", passed=False, details={"compared": 3}),),
    )
    text = Page(html_report(run, replay=True)).text
    for part in (
        "Recorded on 2026-11-22 15:40:12 UTC on Xeon, not measured now.",
        "round trip of 60 ms",
        "projected from the operations that were",
        "cut after 5 of 10, 4.00 s projected",
        "imported",
        "it is stopped",
        "warm-up, in no figure",
        "said by hand",
        "FAILED",
        "compared 3",
        "Connected before.",
        "consistency",
        run.id,
    ):
        assert part in text


def test_charts_that_differ_with_the_count_are_there_for_each_count() -> None:
    run = make_run(*[make_trial(lane, 1.0, count=count) for count in (10, 100) for lane in ("sync", "async")])
    page = Page(html_report(run))
    assert len(page.figures) > len(charts_of(run, "search"))
    assert re.search(r"Latency of one request, 10 operations", page.text)


def test_empty_run_is_a_report_too() -> None:
    run = make_run(trials=(), checks=(), summary=(), status="failed", note="It is gone.")
    assert "It is gone." in Page(html_report(run)).text


@pytest.fixture
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.mark.browser
def test_report_opens_offline_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(html_report(evil_run()), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: problems.append(f"dialog {dialog.message}"))
    page.on(
        "request", lambda request: None if request.url.startswith("file:") else problems.append(request.url)
    )
    page.goto(path.as_uri())
    drawn = page.locator(".chart .main-svg")
    drawn.first.wait_for()
    assert page.locator(".chart").count() == len(charts_of(evil_run(), "search"))
    assert problems == []
    context.close()
