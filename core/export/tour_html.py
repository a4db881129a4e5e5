"""All scenes of the Tour as one HTML file, for those who were not there: opens offline, and prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from core.bench.recorded import recorded_run
from core.bench.records.run import Run
from core.charts.plotly_js import figure_json
from core.charts.tour.canvas import HEIGHT_PX, WIDTH_PX, Shown
from core.errors import RecordError
from core.export.page import data_block, self_contained
from core.tour.about import about
from core.tour.scenes import SCENES, Scene

_STYLE = """
:root{color-scheme:light dark;--ink:#16202c;--paper:#fff;--soft:#f3f6fa}
@media(prefers-color-scheme:dark){:root{--ink:#eef3f8;--paper:#0e1620;--soft:#182432}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#f3f6fa}}
@page{size:A4 landscape;margin:10mm}
*{box-sizing:border-box}html{scroll-snap-type:y proximity}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
section{min-height:100vh;padding:2.5vh 3vw;scroll-snap-align:start;break-inside:avoid;
max-width:1500px;margin:auto}
section+section{break-before:page}
h1{font-size:clamp(1.3rem,2.4vw,2.6rem);line-height:1.15;margin:0 0 .4em}
.number{opacity:.6;font-weight:400;margin-right:.5em}
.chart{width:100%;overflow:hidden}.chart>div{transform-origin:0 0}
.about{margin:.2em 0;opacity:.85}details{margin-top:1em;background:var(--soft);padding:.6em 1em}
summary{cursor:pointer;font-weight:600}li{margin:.3em 0}
@media print{section{min-height:0;padding:0;max-width:none}details{break-inside:avoid}}
"""
_SCRIPT = f"""
const WIDTH = {WIDTH_PX}, HEIGHT = {HEIGHT_PX}, PRINTED = 1040;
const places = [...document.querySelectorAll(".chart")];
const ink = () => getComputedStyle(document.body).color;
const fit = (width) => {{
  for (const place of places) {{
    const scale = (width || place.clientWidth) / WIDTH;
    place.style.height = `${{HEIGHT * scale}}px`;
    place.firstChild.style.transform = `scale(${{scale}})`;
  }}
}};
for (const place of places) {{
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  figure.layout.font = {{...figure.layout.font, color: ink()}};
  Plotly.newPlot(place.firstChild, figure.data, figure.layout, {{displayModeBar: false}});
}}
fit();
const recolour = color => places.forEach(place => Plotly.relayout(place.firstChild, {{"font.color": color}}));
addEventListener("resize", () => fit());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => recolour(ink()));
addEventListener("beforeprint", () => {{
  fit(PRINTED);
  recolour("#000");
  document.querySelectorAll("details").forEach(each => each.open = true);
}});
addEventListener("afterprint", () => {{ fit(); recolour(ink()); }});
const sections = [...document.querySelectorAll("section")];
addEventListener("keydown", event => {{
  const step = {{ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1}}[event.key];
  if (!step) return;
  event.preventDefault();
  const near = each => Math.abs(each.getBoundingClientRect().top);
  const now = sections.reduce((best, each) => near(each) < near(best) ? each : best);
  sections[sections.indexOf(now) + step]?.scrollIntoView();
}});
"""


def tour_html(here: Mapping[int, Run] | None = None) -> str:
    """The page.

    Args:
        here: By the number of a scene, from 1, what was measured in the talk.
    """
    from plotly.offline import get_plotlyjs

    body = "\n".join(
        part
        for number, scene in enumerate(SCENES, start=1)
        for part in _section(number, scene, (here or {}).get(number))
    )
    return self_contained("Overlap: the Tour", _STYLE, body, [get_plotlyjs(), _SCRIPT])


def _section(number: int, scene: Scene, here: Run | None) -> Iterator[str]:
    try:
        recorded = recorded_run(scene.recording)
    except RecordError:
        recorded = None
    figure = scene.draw(Shown(recorded=recorded, here=here))
    yield f'<section id="scene-{number}"><h1><span class="number">{number}</span>'
    yield f"{escape(scene.sentence)}</h1>"
    yield data_block(figure_json(figure), f"figure-{number}")
    yield f'<div class="chart" data-figure="figure-{number}"><div></div></div>'
    for run, is_recorded in ((recorded, True), (here, False)):
        if run is not None:
            # Whoever opens the file was not there.
            where = "" if is_recorded else "Measured in this talk: "
            text = about(run, is_recorded=True, shows_distance=scene.shows_distance)
            yield f'<p class="about">{escape(where + text)}</p>'
    notes = "".join(f"<li>{escape(note)}</li>" for note in scene.notes)
    yield f"<details><summary>What the speaker said</summary><ul>{notes}</ul></details></section>"
