"""Times, speed-ups and latencies of a run's lanes. Each title says what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.bench.cases import Case
from core.bench.entries import Summary, Trial
from core.bench.findings import tutorial_speedup
from core.bench.record import Run
from core.bench.stats import LATENCY_FRACTIONS
from core.charts import labels
from core.charts.points import batches, conditions, lanes_in, mean_time_s
from core.charts.samples import nearest_rank, sorted_latencies
from core.charts.theme import (
    LINE_COLOR,
    LINE_WIDTH,
    TUTORIAL_COLOR,
    bar_axis,
    bar_of,
    categories,
    style,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go


def total_time(run: Run, operation: str, case: Case | None = None) -> go.Figure | None:
    """Seconds by count, one bar per lane, log axis. None when nothing was measured.

    A lane with a cut trial is hatched and shows the projected time.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    lanes = lanes_in(run, operation, case)
    for lane in lanes:
        points = [(count, run.trials_of(operation, lane, count, case)) for count in run.counts_of(operation)]
        points = [(count, trials) for count, trials in points if trials]
        texts = [_time_text(trials) for _, trials in points]
        figure.add_bar(
            name=labels.safe(lane),
            x=[f"{count:,}" for count, _ in points],
            y=[mean_time_s(trials) for _, trials in points],
            text=texts if len(lanes) <= 2 else [text.removesuffix(" s") for text in texts],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker=bar_of(lane, [any(trial.cut for trial in trials) for _, trials in points]),
            hovertemplate="%{x} operations: %{y:.3g} s<extra>" + labels.safe(lane) + "</extra>",
        )
    if not figure.data:
        return None
    figure.update_layout(barmode="group")
    y_title = f"total time ({bar_axis(figure, 's')})"
    categories(figure)
    title, x_title = _time_title(run, operation, case), f"number of {labels.plural(operation)}"
    return style(figure, title=title, subtitle=conditions(run, case), x_title=x_title, y_title=y_title)


def _time_text(trials: list[Trial]) -> str:
    text = labels.seconds(mean_time_s(trials))
    num_failed = sum(trial.num_failed for trial in trials)
    if text and any(trial.cut for trial in trials):
        text += " projected"
    return f"{text}, {num_failed:,} failed" if num_failed else text


def _time_title(run: Run, operation: str, case: Case | None) -> str:
    """The times of the largest count that was measured."""
    count = run.counts_of(operation)[-1]
    found = {lane: run.trials_of(operation, lane, count, case) for lane in lanes_in(run, operation, case)}
    known = {lane: trials for lane, trials in found.items() if mean_time_s(trials) is not None}
    if not known:
        return f"{labels.plural(operation, count)}: cut before a time was known"
    if len(known) > 2:
        ordered = sorted(known, key=lambda lane: mean_time_s(known[lane]) or 0.0)
        known = {lane: known[lane] for lane in (ordered[-1], ordered[0])}
    parts = [f"{lane} {_time_text(trials)}" for lane, trials in known.items()]
    between = " to " if len(found) > 2 else ", "
    return f"{labels.plural(operation, count)}: {between.join(parts)}"


def speedups(run: Run, operation: str, case: Case | None = None) -> go.Figure | None:
    """How many times faster than the baseline each lane was, by count. None without a comparison.

    Whiskers are 95 % intervals. What the tutorial published stands beside async against sync.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    found: list[Summary] = []
    lanes = lanes_in(run, operation, case)
    for lane in lanes:
        rows = [run.row_of(operation, lane, count, case) for count in run.counts_of(operation)]
        known = [row for row in rows if row is not None and row.speedup is not None]
        if known:
            found += known
            _add_ours(figure, known)
    if not found:
        return None
    _add_published(figure, operation, [row for row in found if (row.lane, row.baseline) == ("async", "sync")])
    figure.add_hline(y=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH}, layer="below")
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_yaxes(rangemode="tozero")
    categories(figure)
    baselines = labels.joined(list(dict.fromkeys(labels.safe(row.baseline) for row in found)))
    return style(
        figure,
        title=_speedup_title(found),
        subtitle=_intervals_known(found) + conditions(run, case),
        x_title=f"number of {labels.plural(operation)}",
        y_title=f"times faster than {baselines}",
    )


def _speedup_title(rows: list[Summary]) -> str:
    """The fastest lane at the largest count."""
    count = max(row.count for row in rows)
    last = [row for row in rows if row.count == count]
    return labels.claim(max(last, key=lambda row: row.speedup or 0.0))


def _intervals_known(rows: list[Summary]) -> str:
    return (
        "whiskers: 95 % interval · " if any(row.ci95 for row in rows) else "too few repeats for intervals · "
    )


def interval_of(rows: list[Summary]) -> dict[str, Any]:
    """Plotly's error bars for the rows' 95 % intervals, for a trace of their speed-ups."""
    values = [row.speedup or 0.0 for row in rows]
    pairs = [row.ci95 or (value, value) for row, value in zip(rows, values, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, high - value) for (_, high), value in zip(pairs, values, strict=True)],
        "arrayminus": [max(0.0, value - low) for (low, _), value in zip(pairs, values, strict=True)],
        "visible": any(row.ci95 for row in rows),
        "thickness": 2,
        "color": LINE_COLOR,
    }


def _add_ours(figure: go.Figure, rows: list[Summary]) -> None:
    lane = rows[0].lane
    marker = bar_of(lane, [row.is_projected for row in rows])
    texts = [labels.factor(row.speedup) + (" projected" if row.is_projected else "") for row in rows]
    figure.add_bar(
        name=labels.safe(lane),
        x=[f"{row.count:,}" for row in rows],
        y=[row.speedup for row in rows],
        text=texts,
        # An interval's whisker would cross a label above the bar; a small bar has no other place for it.
        textposition="auto" if any(row.ci95 for row in rows) else "outside",
        insidetextanchor="middle",
        textangle=0,
        cliponaxis=False,
        marker=marker,
        error_y=interval_of(rows),
        customdata=[labels.safe(_interval_text(row)) for row in rows],
        hovertemplate="%{x} operations: %{text}, %{customdata}<extra>" + labels.safe(lane) + "</extra>",
    )


def _interval_text(row: Summary) -> str:
    if row.ci95 is None:
        return row.verdict if row.verdict != "unknown" else "no interval"
    low, high = row.ci95
    verdict = labels.NO_DIFFERENCE if labels.is_no_difference(row) else row.verdict
    return f"95 % interval {labels.times(low)} to {labels.times(high)}, {verdict}"


def _add_published(figure: go.Figure, operation: str, rows: list[Summary]) -> None:
    published = [(row.count, tutorial_speedup(operation, row.count)) for row in rows]
    known = [(count, value) for count, value in published if value is not None]
    if known:
        figure.add_bar(
            name="async, as published with the tutorial",
            x=[f"{count:,}" for count, _ in known],
            y=[value for _, value in known],
            text=[labels.factor(value) for _, value in known],
            textposition="outside",
            cliponaxis=False,
            marker={"color": TUTORIAL_COLOR, "line": {"width": 0}},
            hovertemplate="%{x} operations: %{text}<extra>published</extra>",
        )


def latency(run: Run, operation: str, count: int, case: Case | None = None) -> go.Figure | None:
    """Percentiles of single requests at one count, in ms, over all repeats. None when nothing succeeded."""
    import plotly.graph_objects as go

    figure = go.Figure()
    medians: dict[str, float] = {}
    lanes = lanes_in(run, operation, case)
    for lane in lanes:
        trials = run.trials_of(operation, lane, count, case)
        values = sorted_latencies(trials)
        if not len(values):
            continue
        found = {name: nearest_rank(values, part) or 0.0 for name, part in LATENCY_FRACTIONS.items()}
        found["max"] = float(values[-1])
        medians[lane] = found["p50"]
        figure.add_bar(
            name=labels.safe(lane),
            x=list(found),
            y=[value * 1000 for value in found.values()],
            text=[labels.ms(value).removesuffix(" ms") for value in found.values()],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker=bar_of(lane),
            hovertemplate="%{x}: %{text} ms<extra>" + labels.safe(lane) + "</extra>",
        )
    if not figure.data:
        return None
    figure.update_layout(barmode="group", showlegend=True)
    y_title = f"time of one request ({bar_axis(figure, 'ms')})"
    categories(figure)
    return style(
        figure,
        title=_latency_title(operation, count, medians),
        subtitle=conditions(run, case) + batches(run, operation, count, case),
        x_title=f"percentile of {labels.plural(operation, count)}",
        y_title=y_title,
    )


def _latency_title(operation: str, count: int, medians_s: dict[str, float]) -> str:
    if "sync" in medians_s and "async" in medians_s:
        sync_s, async_s = medians_s["sync"], medians_s["async"]
        word = "longer" if async_s > sync_s else "less long"
        both = f"{labels.ms(async_s)} against {labels.ms(sync_s)}"
        return f"One {operation} of {count:,} takes {word} in async: {both}"
    parts = [f"{labels.ms(value)} in {lane}" for lane, value in medians_s.items()]
    return f"Half of all requests were done within {labels.joined(parts[:2])}"
