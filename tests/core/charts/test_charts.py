"""Every bar that is drawn, anywhere, is as long as its value: pixels against values, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from plotly.offline import get_plotlyjs

from core.bench.records.run import Run
from core.charts.catalog import charts_of
from core.charts.evaluation import hit_rates
from core.charts.run.in_flight import in_flight
from core.charts.run.totals import total_time
from core.charts.run_comparison import compare, compare_speedups
from core.charts.theme import present
from tests.bench_runs import ingest_run, make_run, make_trial
from tests.browser.app import a_browser
from tests.core.charts.test_catalog import RECORDS
from tests.evaluations import hits

pytestmark = pytest.mark.slow

# Plotly puts the edges of bars on whole pixels.
MOST_OFF_PX = 1.5
# Of each bar trace of a figure: axis type, and value and pixels of each bar; whether it lies in the plot.
DRAWN = """async figure => {
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  await Plotly.newPlot(place, figure);
  if (figure.frames?.length) {  // a race, in the middle of it
    const still = {transition: {duration: 0}, frame: {duration: 0, redraw: true}};
    await Plotly.animate(place, [figure.frames[figure.frames.length >> 1].name], still);
  }
  const found = [];
  for (const group of place.querySelectorAll(".trace.bars")) {
    const {trace} = group.__data__[0];
    const isAcross = trace.orientation === "h";
    const axis = place._fullLayout[(isAcross ? trace.xaxis : trace.yaxis).replace(/^[xy]/, a => a + "axis")];
    const bars = [...group.querySelectorAll(".point")].map(point => {
      const box = point.querySelector("path").getBBox();
      const [from, px] = isAcross ? [box.x, box.width] : [box.y, box.height];
      return {value: point.__data__.s ?? 0, px, isInside: from >= -1 && from + px <= axis._length + 1};
    });
    found.push({name: trace.name, type: axis.type, axis: axis._id, bars});
  }
  Plotly.purge(place);
  return found;
}"""


def times_apart(factor: float) -> Run:
    """Two lanes, one count, as far apart as that; single requests too."""
    trials = [
        make_trial(lane, seconds, operation=operation, repeat=repeat)
        for operation in ("add", "search")
        for repeat in range(3)
        for lane, seconds in (("sync", 0.1 * factor * (1 + repeat / 50)), ("async", 0.1))
    ]
    return make_run(*trials, target="http://m:1")


KINDS = ("cut", "partly failed", "six lanes", "factor", "distance", "concurrency", "stall", "blocking")
RUNS = {f"{factor}x": times_apart(factor) for factor in (1.3, 9, 51, 300)} | {
    "two counts": make_run(
        *[
            make_trial(lane, seconds * count, count=count)
            for count in (10, 100)
            for lane, seconds in (("sync", 0.4), ("async", 0.1))
        ]
    ),
    **{kind: RECORDS[kind] for kind in KINDS},
}


def figures() -> Iterator[tuple[str, Any]]:
    for name, run in RUNS.items():
        for operation in ("add", "search"):
            for chart in charts_of(run, operation):
                yield f"{name}, {operation}, {chart.name}", chart.figure
            yield f"{name}, {operation}, total-time", total_time(run, operation)
        brief = in_flight(run, "search", max(run.counts_of("search"), default=1), brief=True)
        for drawn in (
            brief,
            *[draw([("a", run), ("b", RUNS["51x"])], "search") for draw in (compare, compare_speedups)],
        ):
            if drawn is not None:
                yield f"{name}, compared or brief", drawn
    yield "hit rates", hit_rates({"dense": hits(1, 2, None, 1), "hybrid": hits(1, 1, 4, None)})
    for chart in charts_of(ingest_run(), "ingest"):
        yield f"ingest, {chart.name}", chart.figure
    yield "in a hall", present(charts_of(RUNS["300x"], "search")[0].figure)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as browser:
        yield browser


@pytest.mark.browser
def test_bars_are_as_long_as_their_values(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.add_script_tag(content=get_plotlyjs())
    seen = set()
    for name, figure in figures():
        if figure is None or not any(trace.type == "bar" for trace in figure.data):
            continue
        by_axis: dict[str, list[dict[str, Any]]] = {}
        for trace in page.evaluate(DRAWN, json.loads(figure.to_json())):
            assert trace["type"] == "linear", (name, trace["name"])
            by_axis.setdefault(trace["axis"], []).extend(trace["bars"])
        for bars in by_axis.values():
            longest = max(bars, key=lambda bar: bar["px"])
            for bar in bars:
                expected_px = 0.0 if not longest["value"] else bar["value"] * longest["px"] / longest["value"]
                assert bar["px"] == pytest.approx(expected_px, abs=MOST_OFF_PX), (name, bar, longest)
                assert bar["isInside"], (name, bar)
            seen.add(name.rpartition(", ")[2])
    assert seen >= {
        "side-by-side",
        "total-time",
        "speed-up",
        "latency",
        "ladder",
        "in-flight",
        "hit rates",
        "steps",
        "in a hall",
    }
    page.close()
