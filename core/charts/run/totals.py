"""Times, speed-ups and latencies of a run's lanes. Each title says what was found."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from core.bench.analysis.factor_words import times
from core.bench.analysis.findings import tutorial_speedup
from core.bench.analysis.stats import LATENCY_FRACTIONS, is_maximum
from core.bench.analysis.trust import is_disproven, trusted
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.charts import formatting
from core.charts.arrays import nearest_rank, sorted_latencies
from core.charts.queries import batches, conditions, lanes_in, time_words, typical_time_s
from core.charts.theme import (
    LINE_COLOR,
    LINE_WIDTH,
    MARKER_SIZE,
    TUTORIAL_COLOR,
    bar_of,
    categories,
    is_visible,
    line_of,
    log_ticks,
    marker_of,
    style,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go


def total_time(run: Run, operation: str) -> go.Figure | None:
    """Seconds by count, a series per lane: bars at one count, dots on a log axis over several.

    None when nothing was measured. A lane with a cut trial is marked and shows the projected time.
    """
    counts = run.counts_of(operation)
    found = []
    for lane in lanes_in(run, operation):
        points = [(count, run.trials_of(operation, lane, count)) for count in counts]
        points = [(count, trials) for count, trials in points if trials]
        found.append(
            _Series(
                lane=lane,
                x=[f"{count:,}" for count, _ in points],
                y=[None if is_disproven(run, trials) else typical_time_s(trials) for _, trials in points],
                texts=[time_words(run, trials) for _, trials in points],
                is_projected=[any(trial.cut for trial in trials) for _, trials in points],
            )
        )
    if not found:
        return None
    figure, scale = _drawn(found, "s", "%{x} operations: %{text}", as_bars=len(counts) == 1)
    title, x_title = _time_title(run, operation), f"number of {formatting.plural(operation)}"
    y_title = f"total time ({scale})"
    return style(figure, title=title, subtitle=conditions(run), x_title=x_title, y_title=y_title)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Series:
    """What one lane has to show: y and texts by x. The texts may end in the unit."""

    lane: str
    x: list[str]
    y: list[float | None]
    texts: list[str]
    is_projected: list[bool]


def _drawn(found: list[_Series], unit: str, hover: str, *, as_bars: bool) -> tuple[go.Figure, str]:
    """The series as a figure, and what to call the unit on its axis.

    A bar's length is its value, so bars stand on zero. What spans too much for that is drawn as dots, on
    a log axis: there a bar would have no length of its own, but begin wherever the axis does.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for series in found:
        # More than two lanes leave no room for the unit at each value.
        texts = series.texts if len(found) <= 2 else [text.removesuffix(f" {unit}") for text in series.texts]
        common = {
            "name": formatting.safe(series.lane),
            "x": series.x,
            "y": series.y,
            "text": texts,
            "cliponaxis": False,
            "hovertemplate": f"{hover}<extra>{formatting.safe(series.lane)}</extra>",
        }
        if as_bars:
            marker = bar_of(series.lane, series.is_projected)
            figure.add_bar(**common, textposition="outside", textangle=0, marker=marker)
        else:
            figure.add_scatter(**common, **_dots(series, found))
    categories(figure)
    if as_bars:
        figure.update_layout(barmode="group")
        figure.update_yaxes(rangemode="tozero")
        return figure, unit
    known = [value for series in found for value in series.y if value]
    figure.update_yaxes(**log_ticks(known), range=_with_room(known))
    return figure, f"{unit}, log scale"


def _with_room(values: list[float]) -> list[float] | None:
    """A log axis' ends, with room for a text above the highest dot and below the lowest."""
    if not values:
        return None
    low, high = log10(min(values)), log10(max(values))
    room = 0.15 * max(1.0, high - low)
    return [low - room, high + room]


def _dots(series: _Series, found: list[_Series]) -> dict[str, Any]:
    """How a lane's dots look: open where projected, each with its text away from the other lane's."""
    marker = marker_of(series.lane)
    symbols = [f"{marker['symbol']}{'-open' * is_projected}" for is_projected in series.is_projected]
    highest = [
        value is not None and value >= max(other.y[other.x.index(x)] or 0 for other in found if x in other.x)
        for x, value in zip(series.x, series.y, strict=True)
    ]
    return {
        "mode": "lines+markers+text" if len(found) <= 2 else "lines+markers",
        "line": line_of(series.lane),
        "marker": marker | {"symbol": symbols, "size": MARKER_SIZE + 4},
        "textposition": ["top center" if is_high else "bottom center" for is_high in highest],
    }


def _time_title(run: Run, operation: str) -> str:
    """The times of the largest count that was measured."""
    count = run.counts_of(operation)[-1]
    found = {lane: trusted(run, operation, lane, count) for lane in lanes_in(run, operation)}
    known = {lane: trials for lane, trials in found.items() if typical_time_s(trials) is not None}
    if not known:
        measured = [trial for lane in found for trial in run.trials_of(operation, lane, count)]
        why = "cut before a time was known" if all(trial.cut for trial in measured) else "no time is known"
        return f"{formatting.plural(operation, count)}: {why}"
    if len(known) > 2:
        ordered = sorted(known, key=lambda lane: typical_time_s(known[lane]) or 0.0)
        known = {lane: known[lane] for lane in (ordered[-1], ordered[0])}
    parts = [f"{lane} {time_words(run, trials)}" for lane, trials in known.items()]
    between = " to " if len(found) > 2 else ", "
    return f"{formatting.plural(operation, count)}: {between.join(parts)}"


def speedups(run: Run, operation: str) -> go.Figure | None:
    """How many times as fast as the baseline each lane was, by count. None without a comparison.

    Whiskers are 95 % intervals. What the tutorial published stands beside what was measured as it did.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    found: list[Summary] = []
    lanes = lanes_in(run, operation)
    for lane in lanes:
        rows = [run.summary_of(operation, lane, count) for count in run.counts_of(operation)]
        known = [row for row in rows if row is not None and row.speedup is not None]
        if known:
            found += known
            _add_ours(figure, known)
    if not found:
        return None
    if run.plan.preset == "tutorial" and run.plan.first_calls == "included":
        # It published times of a script that has connecting and first calls inside its clock.
        as_there = [row for row in found if (row.lane, row.baseline) == ("async", "sync")]
        _add_published(figure, operation, as_there)
    figure.add_hline(y=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH}, layer="below")
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_yaxes(rangemode="tozero")
    categories(figure)
    baselines = formatting.joined(list(dict.fromkeys(formatting.safe(row.baseline) for row in found)))
    return style(
        figure,
        title=_speedup_title(found),
        subtitle=_intervals_known(found) + conditions(run),
        x_title=f"number of {formatting.plural(operation)}",
        y_title=f"times as fast as {baselines}",
    )


def _speedup_title(rows: list[Summary]) -> str:
    """The fastest lane at the largest count."""
    count = max(row.count for row in rows)
    last = [row for row in rows if row.count == count]
    return formatting.title_claim(max(last, key=lambda row: row.speedup or 0.0))


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
    texts = [formatting.factor(row.speedup) + (" projected" if row.is_projected else "") for row in rows]
    figure.add_bar(
        name=formatting.safe(lane),
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
        customdata=[formatting.safe(_interval_text(row)) for row in rows],
        hovertemplate="%{x} operations: %{text}, %{customdata}<extra>" + formatting.safe(lane) + "</extra>",
    )


def _interval_text(row: Summary) -> str:
    if row.ci95 is None:
        return row.verdict if row.verdict != Verdict.UNKNOWN else "no interval"
    low, high = row.ci95
    verdict = Verdict.NO_DIFFERENCE if row.is_no_difference else row.verdict
    return f"95 % interval {times(low)} to {times(high)}, {verdict}"


def _add_published(figure: go.Figure, operation: str, rows: list[Summary]) -> None:
    published = [(row.count, tutorial_speedup(operation, row.count)) for row in rows]
    known = [(count, value) for count, value in published if value is not None]
    if known:
        figure.add_bar(
            name="async, as published with the tutorial",
            x=[f"{count:,}" for count, _ in known],
            y=[value for _, value in known],
            text=[formatting.factor(value) for _, value in known],
            textposition="outside",
            cliponaxis=False,
            marker={"color": TUTORIAL_COLOR, "line": {"width": 0}},
            hovertemplate="%{x} operations: %{text}<extra>published</extra>",
        )


def latency(run: Run, operation: str, count: int, case: Case | None = None) -> go.Figure | None:
    """Percentiles of single requests at one count, in ms, over all repeats. None when nothing succeeded.

    One that would be the maximum, as p99 of fewer than 100 requests is, has no place of its own.
    """
    found: list[_Series] = []
    medians: dict[str, float] = {}
    for lane in lanes_in(run, operation, case):
        values = sorted_latencies(run.trials_of(operation, lane, count, case))
        if not len(values):
            continue
        mine = {
            name: nearest_rank(values, part) or 0.0
            for name, part in LATENCY_FRACTIONS.items()
            if name == "p50" or not is_maximum(part, len(values))
        }
        mine["max"] = float(values[-1])
        medians[lane] = mine["p50"]
        found.append(
            _Series(
                lane=lane,
                x=list(mine),
                y=[value * 1000 for value in mine.values()],
                texts=[formatting.ms(value).removesuffix(" ms") for value in mine.values()],
                is_projected=[False] * len(mine),
            )
        )
    if not found:
        return None
    known = [value for series in found for value in series.y if value]
    figure, scale = _drawn(found, "ms", "%{x}: %{text} ms", as_bars=not known or is_visible(known))
    figure.update_layout(showlegend=True)
    # One lane may lack a percentile that another one has.
    shown = [name for name in (*LATENCY_FRACTIONS, "max") if any(name in series.x for series in found)]
    figure.update_xaxes(categoryorder="array", categoryarray=shown)
    return style(
        figure,
        title=_latency_title(operation, count, medians),
        subtitle=conditions(run, case) + batches(run, operation, count, case),
        x_title=f"percentile of {formatting.plural(operation, count)}",
        y_title=f"time of one request ({scale})",
    )


def _latency_title(operation: str, count: int, medians_s: dict[str, float]) -> str:
    if "sync" in medians_s and "async" in medians_s:
        sync_s, async_s = medians_s["sync"], medians_s["async"]
        ours, theirs = formatting.ms(async_s), formatting.ms(sync_s)
        word = "as long" if ours == theirs else "longer" if async_s > sync_s else "less long"
        return f"One {operation} of {count:,} takes {word} in async: {ours} against {theirs}"
    parts = [f"{formatting.ms(value)} in {lane}" for lane, value in medians_s.items()]
    return f"Half of all requests were done within {formatting.joined(parts[:2])}"
