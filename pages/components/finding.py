"""The top of a run: what was found in one line, the chart that shows it, the proof in small type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.bench.analysis.findings import finding
from core.bench.records.run import Run
from core.bench.records.trial import Proof
from pages.components.chart import draw_chart, paper_color, theme_color
from pages.components.markdown import escaped
from pages.components.screen import is_narrow
from pages.components.visitor import SESSION_VISITOR_KEY

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.charts.catalog import Chart

CHECK_NAMES = {
    "row_count_after_add": "Rows counted after adding",
    "identical_ids": "Identical ids of all lanes' searches",
    "recall_at_k": "Recall against exact search",
    "identical_chunks": "Identical chunks after each ingest",
}
# Beside it the chart of single requests says why; other charts need the width for themselves.
LEAD_WITH_WHY = "side-by-side"
# Headline and charts fit together on a projector of 1280 x 720.
HALL_PX = 430
# Ten rows of steps need more; the proof is below them then. A sweep's details take two lines, and the mark
# that the distance was simulated stands below its proof.
HALL_PX_OF = {"steps": 560, "distance": 400, "stall": 540}
# Of so many rows each has room for one line.
HALL_ROWS = ("factor", "ladder")
# Charts of the runs that were looked at last: a click on the page must not draw a huge run anew.
MAX_CHART_SETS = 8
STYLE = """<style>
.finding{display:flex;align-items:baseline;column-gap:.7rem;flex-wrap:wrap;line-height:1.15;font-weight:600}
.finding .figure{font-size:2.75rem;font-weight:700;font-variant-numeric:tabular-nums}
.finding .say{font-size:1.4rem}
.finding-details{font-size:.875rem;opacity:.75;margin-top:.25rem}
.in-hall .figure{font-size:clamp(3.2rem,6.2vw,8rem)}.in-hall .say{font-size:clamp(1.6rem,2.7vw,3.4rem)}
.in-hall .finding-details{font-size:clamp(1rem,1.3vw,1.7rem)}
</style>"""


def draw_finding(run: Run, *, key: str, is_presenting: bool) -> None:
    """The headline, then the chart that shows it, above everything that needs scrolling."""
    from core.charts.theme import untitled

    lead = lead_chart(run, is_presenting=is_presenting)
    conditions = "" if lead is None else lead.figure.layout.meta["subtitle"]
    _say(run, conditions, is_presenting=is_presenting)
    _failed_checks(run)
    if lead is not None:
        why = _why(run) if is_presenting and lead.name == LEAD_WITH_WHY else None
        places = st.columns(2) if why is not None else [st.container()]
        with places[0]:
            _draw(
                untitled(lead.figure),
                run,
                key=f"{key}-{lead.name}",
                name=lead.name,
                is_presenting=is_presenting,
            )
        if why is not None:
            with places[1]:
                _draw(why, run, key=f"{key}-why", name="in-flight", is_presenting=True)
        if not is_presenting:
            st.caption(escaped(lead.how_to_read))
    _proof(run)


def lead_chart(run: Run, *, is_presenting: bool) -> Chart | None:
    """The chart that shows what was found."""
    from core.charts.catalog import headline_operation

    operation = headline_operation(run)
    if operation is None:
        return None
    charts = charts_for(run, operation, run.counts_of(operation)[-1], is_presenting=is_presenting)
    return charts[0] if charts else None


def charts_for(run: Run, operation: str, count: int, *, is_presenting: bool) -> list[Chart]:
    """The charts of a run in the colours of the visitor's theme, for a hall if wanted."""
    return _charts(
        _fingerprint(run),
        operation,
        count,
        is_presenting,
        is_narrow(),
        paper_color(),
        theme_color("textColor"),
        _run=run,
    )


def _say(run: Run, conditions: str, *, is_presenting: bool) -> None:
    """In place of the title of the chart below, which would say the same again."""
    found = finding(run)
    figure = f'<span class="figure">{escape(found.figure)}</span>' if found.figure else ""
    small = " ".join(filter(None, [found.details, _capitalized(conditions)]))
    details = f'<div class="finding-details">{escape(small)}</div>'
    st.html(
        f'{STYLE}<div{" class=in-hall" if is_presenting else ""}><div class="finding" role="heading" '
        f'aria-level="2">{figure}<span class="say">{escape(found.sentence)}</span></div>{details}</div>'
    )


def _capitalized(text: str) -> str:
    """With a capital letter, except where it begins with the name of a file."""
    first = text.partition(" ")[0]
    return text if "." in first else text[:1].upper() + text[1:]


def _draw(figure: go.Figure, run: Run, *, key: str, name: str, is_presenting: bool) -> None:
    if is_presenting:
        from core.charts.theme import unbroken

        figure = unbroken(figure) if name in HALL_ROWS else figure
        figure.update_layout(height=HALL_PX_OF.get(name, HALL_PX))
    draw_chart(figure, key=f"{key}{'-hall' if is_presenting else ''}", file_name=f"overlap-{run.id}-{name}")


def _why(run: Run) -> go.Figure | None:
    """Who waits when, for a hall."""
    from core.charts.catalog import headline_operation, telling_case
    from core.charts.run.in_flight import in_flight
    from core.charts.theme import present, untitled

    operation = headline_operation(run)
    if operation is None:
        return None
    count = run.counts_of(operation)[-1]
    figure = in_flight(run, operation, count, telling_case(run), brief=True)
    if figure is None:
        return None
    figure = untitled(present(figure, text_color=theme_color("textColor")))
    return figure.update_layout(paper_bgcolor=paper_color())


def _failed_checks(run: Run) -> None:
    """What spoils the comparison stands above its chart."""
    for name, title in CHECK_NAMES.items():
        checks = [check for check in run.checks if check.name == name]
        passed = sum(check.passed for check in checks)
        if passed < len(checks):
            text = f"{title}: {passed} of {len(checks)} checks passed. {_counted(name, checks)}"
            st.error(escaped(text), icon=":material/rule:")


def _proof(run: Run) -> None:
    """What proves that the lanes did the same work, in small type."""
    parts = []
    for name, title in CHECK_NAMES.items():
        checks = [check for check in run.checks if check.name == name]
        if checks and all(check.passed for check in checks):
            parts.append(f"{title}: {len(checks)} of {len(checks)} checks passed. {_counted(name, checks)}")
    if parts:
        st.caption(f":material/verified: **Proof of same work.** {escaped(' '.join(parts))}")


def _counted(name: str, checks: Sequence[Proof]) -> str:
    if name == "recall_at_k":
        lowest = min((check.details["recall"] for check in checks if "recall" in check.details), default=None)
        return "" if lowest is None else f"The lowest is {lowest:.3f}."
    if name == "identical_ids":
        equal, tied, compared = (_sum(checks, part) for part in ("equal", "tied", "compared"))
        ties = f", {tied:,} differ between equally near rows only" if tied else ""
        return f"{equal:,} of {compared:,} queries gave the same ids{ties}."
    if name == "identical_chunks":
        return f"{_sum(checks, 'equal'):,} of {_sum(checks, 'expected'):,} chunks found, by their ids."
    found, acknowledged = _sum(checks, "found"), _sum(checks, "expected")
    # A check that did not pass has rows that this does not explain.
    more = found > acknowledged and all(check.passed for check in checks)
    late = ": an add that was cut or failed may have reached the server all the same" if more else ""
    return f"{found:,} rows found, {acknowledged:,} acknowledged{late}."


def _sum(checks: Sequence[Proof], part: str) -> int:
    return sum(int(check.details.get(part) or 0) for check in checks)


@st.cache_resource(max_entries=MAX_CHART_SETS, show_spinner=False)
def _charts(
    fingerprint: int,
    operation: str,
    count: int,
    is_presenting: bool,
    is_narrow: bool,
    paper: str | None,
    text: str | None,
    *,
    _run: Run,
) -> list[Chart]:
    """The charts of a run, drawn once for all visitors: nobody may change them.

    `fingerprint` tells runs apart; `_run` itself is not hashed. `paper` and `text` are the colours of the
    background and of the text; None leaves them to the theme.
    """
    from core.charts.catalog import charts_of
    from core.charts.theme import present, widen

    charts = charts_of(_run, operation, count)
    if is_presenting and not is_narrow:
        charts = [replace(chart, figure=present(chart.figure, text_color=text)) for chart in charts]
    for chart in charts:
        if not is_narrow:
            widen(chart.figure)
        chart.figure.update_layout(paper_bgcolor=paper)
    return charts


def _fingerprint(run: Run) -> int:
    """Tells runs apart, of one's own without reading their samples."""
    trials = [
        repr(replace(trial, samples=(), intended_s=(), heartbeats_s=(), spans=())) for trial in run.trials
    ]
    theirs: list[object] = []
    if run.imported:
        # It may be another one whose samples somebody has changed, under the same id: a bundled one, or one
        # that was here before. Its charts are its own, and the visitor's alone.
        theirs = [(t.samples, t.intended_s, t.heartbeats_s, t.spans) for t in run.trials]
        theirs.append(st.session_state.get(SESSION_VISITOR_KEY))
    return hash((run.id, run.status, str(run.plan), repr(run.checks), repr(run.summary), *trials, *theirs))
