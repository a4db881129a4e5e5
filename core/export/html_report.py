"""One run as one HTML file: opens offline, asks nothing of any network, and prints."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from core.bench.analysis.findings import explain, headline
from core.bench.analysis.first_calls import first_calls_words
from core.bench.analysis.metrics import Measured, Place, metrics_of
from core.bench.analysis.run_differences import run_time, run_title
from core.bench.analysis.trust import is_disproven
from core.bench.plan.plan import OPERATIONS
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts.catalog import Chart, charts_of, headline_operation
from core.charts.disclaimers import marks_of
from core.charts.run.lane_table import case_words, failures
from core.export.page import data_block, self_contained

# A sweep with many repeats has more: the first ones are listed, and the record has them all.
MAX_TRIALS_LISTED = 500
WRAPPED_CHARS = 24

_STYLE = """
:root{color-scheme:light dark;--ink:#16202c;--paper:#fff;--soft:#f3f6fa;--line:#c9d3de;--bad:#b3261e}
@media(prefers-color-scheme:dark){
:root{--ink:#eef3f8;--paper:#0e1620;--soft:#182432;--line:#3a4a5c;--bad:#ff9d94}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#f3f6fa;--line:#999;--bad:#900}
.chart,tr{break-inside:avoid}h2,h3{break-after:avoid}main{max-width:none;padding:0}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1000px;margin:auto;padding:24px 16px 64px}h1{font-size:1.7rem;line-height:1.25;margin:.2em 0}
h2{margin:2em 0 .5em;border-bottom:1px solid var(--line)}h3{margin:1.6em 0 .2em}
.about{opacity:.8}.mark{border-left:5px solid #d55e00;background:var(--soft);padding:.5em .8em;margin:.6em 0}
.bad{color:var(--bad);font-weight:600}.how{margin:0 0 1em;opacity:.85}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:.3em .6em;border-bottom:1px solid var(--line)}
th,td{white-space:nowrap}td.n{text-align:right}td.w{white-space:normal;overflow-wrap:anywhere;min-width:12em}.chart{width:100%}
.text{white-space:pre-wrap}
"""
_SCRIPT = """
const dark = matchMedia("(prefers-color-scheme: dark)");
const ink = printing => dark.matches && !printing ? "#eef3f8" : "#16202c";
const paper = () => getComputedStyle(document.body).backgroundColor;
const places = [...document.querySelectorAll(".chart")];
for (const place of places) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  figure.layout.font = {...figure.layout.font, color: ink(false)};
  figure.layout.paper_bgcolor = paper();
  const image = {format: "png", scale: 2, filename: place.dataset.name};
  figure.config = {responsive: true, displaylogo: false, toImageButtonOptions: image};
  Plotly.newPlot(place, figure);
}
const recolour = printing => places.forEach(place => Plotly.relayout(
  place, {"font.color": ink(printing), paper_bgcolor: printing ? "#fff" : paper()}));
dark.addEventListener("change", () => recolour(false));
addEventListener("beforeprint", () => recolour(true));
addEventListener("afterprint", () => recolour(false));
"""
# Such as "1,234.5 ms (max)": it stands at the right of its cell.
_FIGURE = re.compile(r"-?[\d,.]+( ?(ms|s|%))?( \(max\))?")


def html_report(run: Run, *, replay: bool = False) -> str:
    """The whole run as a self-contained page. Text of the record is escaped, scripts are known by hash.

    Args:
        run: With its trials.
        replay: It stands in for a run that could not be measured, and says so.
    """
    from plotly.offline import get_plotlyjs

    body = "\n".join([*_top(run, replay), *_charts(run), *_tables(run)])
    return self_contained(f"{run_title(run)} · Overlap", _STYLE, body, [get_plotlyjs(), _SCRIPT])


def _top(run: Run, replay: bool) -> Iterator[str]:
    plan = run.plan
    yield f'<p class="about">Overlap benchmark · {escape(run_title(run))}</p>'
    yield f"<h1>{escape(headline(run))}</h1>"
    about = f"{run_time(run)} UTC · target {plan.target} · preset {plan.preset} · {run.status}"
    yield f'<p class="about">{escape(about)}</p>'
    unfinished = [] if run.status == "complete" else [f"The run is not complete: it is {run.status}."]
    marks = [*marks_of(run, replay=replay), *unfinished]
    yield from (f'<p class="mark">{escape(mark)}</p>' for mark in marks)
    for label, text in (("Note", run.comment), ("Note of the engine", run.note)):
        if text:
            yield f'<p class="text"><b>{label}:</b> {escape(text)}</p>'
    reason = explain(run)
    if reason:
        yield f"<p>{escape(reason)}</p>"
    first_calls = first_calls_words(run)
    if first_calls:
        yield f"<p>{escape(first_calls)}</p>"
    if run.num_failed:
        failed = f"{run.num_failed:,} operations failed. They are in no latency and no speed-up."
        yield f'<p class="bad">{failed}</p>'


def _charts(run: Run) -> Iterator[str]:
    """First the chart that shows what was found, then the others by operation."""
    told = headline_operation(run)
    found = {name: list(_distinct(run, name)) for name in OPERATIONS if run.counts_of(name)}
    leads = found[told][:1] if told else []
    number = len(leads)
    for _, chart in leads:
        yield f"<h2>{escape(chart.title_of_section)}</h2>"
        yield _chart(chart, number, f"overlap-{run.id}-{told}-{chart.name}")
    for operation, charts in found.items():
        yield f"<h2>{escape(operation.capitalize())}</h2>"
        for count, chart in charts[1:] if operation == told else charts:
            number += 1
            at = "" if count is None else f", {count:,} operations"
            yield f"<h3>{escape(chart.title_of_section + at)}</h3>"
            name = f"overlap-{run.id}-{operation}-{chart.name}{'' if count is None else f'-{count}'}"
            yield _chart(chart, number, name)


def _distinct(run: Run, operation: str) -> Iterator[tuple[int | None, Chart]]:
    """The charts of the largest count, then those of smaller ones that look different there."""
    seen: set[str] = set()
    counts = run.counts_of(operation)[::-1]
    for count in counts:
        for chart in charts_of(run, operation, count):
            key = hashlib.sha256(_json(chart).encode()).hexdigest()
            if key not in seen:
                seen.add(key)
                yield (None if count == counts[0] else count), chart


def _chart(chart: Chart, number: int, name: str) -> str:
    return (
        f"{data_block(_json(chart), f'figure-{number}')}"
        f'<div class="chart" data-figure="figure-{number}" data-name="{escape(name)}"></div>'
        f'<p class="how">How to read this: {escape(chart.how_to_read)}</p>'
    )


def _json(chart: Chart) -> str:
    values = chart.figure.to_plotly_json()
    # Plotly's own template would bring a white background and a text colour of its own.
    values["layout"].pop("template", None)
    from plotly.io.json import to_json_plotly

    return str(to_json_plotly(values))


def _tables(run: Run) -> Iterator[str]:
    yield "<h2>Proof</h2>"
    checks = [[c.name.replace("_", " "), _outcome(c.passed), _pairs(c.details)] for c in run.checks]
    yield _table(["check", "outcome", "what was compared"], checks) if checks else "<p>There is no check.</p>"
    yield "<h2>Trials</h2>"
    names = ["operation", "lane", "count", "repeat", "case", "time"]
    names += [metric.label for metric in metrics_of(Place.REPORT)] + ["remarks"]
    yield _table(names, [_trial(run, trial) for trial in run.trials[:MAX_TRIALS_LISTED]])
    if len(run.trials) > MAX_TRIALS_LISTED:
        yield f"<p>… and {len(run.trials) - MAX_TRIALS_LISTED:,} more in the record.</p>"
    if run.num_failed:
        yield "<h2>Failures</h2>"
        yield _table(["operation", "lane", "reason", "times"], failures(run))
    yield "<h2>Settings</h2>"
    yield _table(["setting", "value"], [[name, _value(value)] for name, value in run.plan.to_dict().items()])
    yield "<h2>Environment</h2>"
    rows = [[name, _value(value)] for name, value in run.environment.items() if name != "notes"]
    yield _table(["what", "value"], [["record", run.id], *rows])
    notes = run.environment.get("notes")
    if isinstance(notes, list) and notes:
        yield f"<h2>How it was measured</h2><ul>{''.join(f'<li>{escape(str(n))}</li>' for n in notes)}</ul>"


def _trial(run: Run, trial: Trial) -> list[Any]:
    remarks = ["warm-up, in no figure"] * trial.is_warmup
    measured = Measured.of(trial, is_disproven=is_disproven(run, [trial]))
    if trial.cut:
        projected_s = trial.projected_s if trial.has_speed else None
        whole = "" if projected_s is None else f", {projected_s:.2f} s projected"
        remarks.append(f"cut after {trial.num_ok + trial.num_failed:,} of {trial.count:,}{whole}")
    if trial.num_failed:
        remarks.append(f"{trial.num_failed:,} failed")
    if measured.is_disproven:
        remarks.append("a check of this lane failed")
    return [
        trial.operation,
        trial.lane,
        trial.count,
        trial.repeat + 1,
        case_words(run, trial.case),
        f"{trial.elapsed_s:.3f} s",
        *[metric.text(measured) for metric in metrics_of(Place.REPORT)],
        ", ".join(remarks),
    ]


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = ["".join(_cell(value) for value in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)
    if _FIGURE.fullmatch(text):
        return f'<td class="n">{text}</td>'
    # A long text may wrap; a short one never inside a number or a name.
    return f"<td{' class=w' if len(text) > WRAPPED_CHARS else ''}>{escape(text)}</td>"


def _outcome(passed: bool) -> str:
    return "passed" if passed else "FAILED"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value not in (None, ""))


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
