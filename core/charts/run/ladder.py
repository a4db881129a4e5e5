"""The ladder: every way to run the same operations, with how many a second it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.bench.analysis.stats import throughput
from core.bench.analysis.trust import is_disproven
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial
from core.charts import formatting
from core.charts.queries import batches, conditions, lanes_in
from core.charts.theme import LINE_COLOR, PROJECTED_PATTERN, lane_style, pattern_of, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANE_PX = 58
REASON_CHARS = 26


def ladder(run: Run, operation: str, count: int) -> go.Figure | None:
    """Operations per second of every lane, in the plan's order, with its factor to the baseline.

    A lane whose speed is not known has its name and the reason. None when that of no lane is known.
    """
    import plotly.graph_objects as go

    found = {lane: run.trials_of(operation, lane, count) for lane in lanes_in(run, operation)}
    rates = {lane: throughput(trials) for lane, trials in found.items()}
    if not any(rates.values()):
        return None
    rows = {lane: run.summary_of(operation, lane, count) for lane in rates}
    # A lane without a proof, or with failures, gets its reason instead of a speed.
    refused = {lane: why for lane, trials in found.items() if (why := _refusal(run, trials, rows[lane]))}
    baselines = {row.baseline for row in rows.values() if row is not None}
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[formatting.safe(lane) for lane in rates],
        x=[0.0 if lane in refused else rate or 0.0 for lane, rate in rates.items()],
        text=[
            _text(rate, rows[lane], is_baseline=lane in baselines, refusal=refused.get(lane, ""))
            for lane, rate in rates.items()
        ],
        textposition="auto",
        insidetextanchor="end",
        textangle=0,
        cliponaxis=False,
        marker=_rung_markers(found, rates),
        customdata=[_bounded_by(found[lane]) for lane in rates],
        hovertemplate="%{y}: %{text}%{customdata}<extra></extra>",
    )
    for rate in [rates[lane] for lane in baselines - refused.keys() if rates.get(lane) is not None]:
        figure.add_vline(x=rate, line={"dash": "dash", "color": LINE_COLOR, "width": 2}, layer="below")
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(rangemode="tozero", showgrid=True)
    return style(
        figure,
        title=_ladder_title(operation, count, rates, rows, refused),
        subtitle=conditions(run) + batches(run, operation, count),
        x_title=f"{formatting.plural(operation)} per second",
        height_px=190 + LANE_PX * len(rates),
    )


def _refusal(run: Run, trials: Sequence[Trial], row: Summary | None) -> str:
    """Why a lane gets no speed; "" where it has one. The baseline has no comparison that would say it."""
    if row is not None:
        return "" if row.speedup is not None else row.reason or "not known"
    failed = sum(trial.num_failed for trial in trials)
    if failed:
        return f"{failed} of {failed + sum(trial.num_ok for trial in trials)} operations failed"
    if not all(trial.has_speed for trial in trials):
        return f"the {trials[0].lane} lane was cut too early to tell its speed"
    if is_disproven(run, trials):
        return f"the {trials[0].lane} lane did not prove that it did the same work"
    return ""


def _text(rate: float | None, row: Summary | None, *, is_baseline: bool, refusal: str) -> str:
    if rate is None or refusal:
        return formatting.wrap(refusal or "not known", REASON_CHARS)
    text = f"<b>{formatting.rate(rate)}</b>"
    if is_baseline:
        return f"{text} baseline"
    if row is None:
        return text
    mark = " projected" if row.is_projected else ""
    # In a line of its own: on a phone a long label leaves the chart, and this must not be lost.
    doubt = f"{formatting.BREAK}{formatting.WITHIN_NOISE}" if row.is_no_difference else ""
    return f"{text} {formatting.factor(row.speedup)}{mark}{doubt}"


def _rung_markers(found: dict[str, tuple[Trial, ...]], rates: dict[str, float | None]) -> dict[str, Any]:
    """No pattern of a lane here: every bar has its name beside it, and its label in it."""
    cut = [any(trial.cut for trial in found[lane]) for lane in rates]
    return {
        "color": [lane_style(lane).color for lane in rates],
        "line": {"width": 0},
        "pattern": pattern_of([PROJECTED_PATTERN if is_cut else "" for is_cut in cut]),
    }


def _bounded_by(trials: Sequence[Trial]) -> str:
    names = list(dict.fromkeys(trial.bounded_by for trial in trials if trial.bounded_by))
    return f"<br>bounded by {formatting.safe(formatting.joined(names))}" if names else ""


def _ladder_title(
    operation: str,
    count: int,
    rates: dict[str, float | None],
    rows: dict[str, Summary | None],
    refused: dict[str, str],
) -> str:
    compared = [row for row in rows.values() if row is not None and row.speedup is not None]
    best = max(compared, key=lambda row: row.speedup or 0.0, default=None)
    if best is not None and (best.speedup or 0.0) > 1:
        return formatting.title_claim(best)
    if best is None and refused:
        # Of the only lanes with a speed nobody knows whether they are the fast ones.
        return f"The lanes can't be compared: {next(iter(refused.values()))}"
    known = {lane: rate for lane, rate in rates.items() if rate is not None and lane not in refused}
    lane = max(known, key=lambda lane: known[lane])
    most = f"{lane} with {formatting.rate(known[lane])} at {count:,}"
    return f"Most {formatting.plural(operation)} per second: {most}"
