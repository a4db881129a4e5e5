"""A run's figures. Each title says what was found; seconds become milliseconds on an axis only."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from core.bench.findings import comparison, tutorial_speedup
from core.bench.record import Run, Summary, Trial
from core.bench.stats import LATENCY_FRACTIONS, latencies, percentile
from core.charts.theme import LANE_COLORS, TUTORIAL_COLOR, log_axis, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

PROJECTED_PATTERN = "/"


def total_time(run: Run, operation: str) -> go.Figure | None:
    """Seconds by count, one bar per lane, log axis. None when nothing was measured.

    A lane with a cut trial is hatched and shows the projected time.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for lane in _lanes(run, operation):
        points = [(count, run.trials_of(operation, lane, count)) for count in _counts(run, operation)]
        points = [(count, trials) for count, trials in points if trials]
        times = [_mean_time_s(trials) for _, trials in points]
        cut = [any(trial.cut for trial in trials) for _, trials in points]
        figure.add_bar(
            name=lane,
            x=[f"{count:,}" for count, _ in points],
            y=times,
            text=[_seconds(time, is_cut) for time, is_cut in zip(times, cut, strict=True)],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": LANE_COLORS.get(lane),
                "pattern": {"shape": [PROJECTED_PATTERN if is_cut else "" for is_cut in cut]},
            },
            hovertemplate="%{x} operations: %{text}<extra>" + escape(lane) + "</extra>",
        )
    if not figure.data:
        return None
    figure.update_layout(barmode="group")
    log_axis(figure)
    title = _time_title(run, operation)
    return style(figure, title=title, x_title="operations", y_title="total time (s, log scale)")


def speedups(run: Run, operation: str) -> go.Figure | None:
    """How many times faster async was, by count, beside what the tutorial published. None without one."""
    import plotly.graph_objects as go

    rows = [row for row in run.summary if row.operation == operation and row.speedup is not None]
    if not rows:
        return None
    rows.sort(key=lambda row: row.count)
    figure = go.Figure()
    _add_ours(figure, run, rows)
    _add_published(figure, operation, [row.count for row in rows])
    figure.add_hline(y=1, line={"dash": "dot", "color": TUTORIAL_COLOR})
    figure.update_layout(barmode="group")
    figure.update_yaxes(rangemode="tozero")
    return style(
        figure, title=comparison(run, operation), x_title="operations", y_title="speed-up (times faster)"
    )


def _add_ours(figure: go.Figure, run: Run, rows: list[Summary]) -> None:
    values = [row.speedup or 0.0 for row in rows]
    intervals = [row.ci95 or (value, value) for row, value in zip(rows, values, strict=True)]
    figure.add_bar(
        name=f"this run ({escape(run.plan.target)})",
        x=[f"{row.count:,}" for row in rows],
        y=values,
        text=[_ratio(row.speedup, is_projected=row.is_projected) for row in rows],
        # An interval's whisker would cross a label above the bar.
        textposition="inside" if any(row.ci95 for row in rows) else "outside",
        insidetextanchor="start",
        cliponaxis=False,
        marker={
            "color": LANE_COLORS["async"],
            "pattern": {"shape": [PROJECTED_PATTERN if row.is_projected else "" for row in rows]},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [high - value for (_, high), value in zip(intervals, values, strict=True)],
            "arrayminus": [value - low for (low, _), value in zip(intervals, values, strict=True)],
            "visible": any(row.ci95 for row in rows),
        },
    )


def _add_published(figure: go.Figure, operation: str, counts: list[int]) -> None:
    published = [(count, tutorial_speedup(operation, count)) for count in counts]
    known = [(count, value) for count, value in published if value is not None]
    if known:
        figure.add_bar(
            name="published with the tutorial",
            x=[f"{count:,}" for count, _ in known],
            y=[value for _, value in known],
            text=[_ratio(value) for _, value in known],
            textposition="outside",
            cliponaxis=False,
            marker={"color": TUTORIAL_COLOR},
        )


def latency(run: Run, operation: str, count: int) -> go.Figure | None:
    """Percentiles of single operations at one count, in ms, over all repeats. None when nothing succeeded."""
    import plotly.graph_objects as go

    figure = go.Figure()
    medians: dict[str, float] = {}
    for lane in _lanes(run, operation):
        samples = [sample for trial in run.trials_of(operation, lane, count) for sample in trial.samples]
        # Pooled samples, never a mean of percentiles: that would be no percentile of anything.
        values = latencies(samples)
        if not values:
            continue
        figures = {name: percentile(values, part) for name, part in LATENCY_FRACTIONS.items()}
        figures["max"] = max(values)
        medians[lane] = figures["p50"] or 0.0
        in_ms = [value * 1000 for value in figures.values() if value is not None]
        figure.add_bar(
            name=lane,
            x=list(figures),
            y=in_ms,
            text=[_ms(value) for value in in_ms],
            textposition="outside",
            cliponaxis=False,
            marker={"color": LANE_COLORS.get(lane)},
        )
    if not figure.data:
        return None
    figure.update_layout(barmode="group")
    log_axis(figure)
    title = _latency_title(operation, count, medians)
    return style(figure, title=title, x_title="percentile", y_title="latency (ms, log scale)")


def _time_title(run: Run, operation: str) -> str:
    """The times of the largest count that was measured."""
    count = _counts(run, operation)[-1]
    parts = []
    for lane in _lanes(run, operation):
        trials = run.trials_of(operation, lane, count)
        time_s = _mean_time_s(trials) if trials else None
        if time_s is not None:
            parts.append(f"{lane} {_seconds(time_s, any(trial.cut for trial in trials))}")
    return f"{count:,} times {operation}: {', '.join(parts)}" if parts else f"{operation.capitalize()}: cut"


def _latency_title(operation: str, count: int, medians_s: dict[str, float]) -> str:
    sync_s, async_s = medians_s.get("sync"), medians_s.get("async")
    if not sync_s or not async_s:
        median = _ms(1000 * next(iter(medians_s.values())))
        return f"One {operation} of {count:,}: half were done within {median}"
    word = "longer" if async_s > sync_s else "less long"
    return (
        f"One {operation} of {count:,} takes {word} in async: "
        f"{_ms(async_s * 1000)} against {_ms(sync_s * 1000)}"
    )


def _lanes(run: Run, operation: str) -> list[str]:
    measured = {trial.lane for trial in run.trials if trial.operation == operation}
    return [lane for lane in run.plan.lanes if lane in measured]


def _counts(run: Run, operation: str) -> list[int]:
    return sorted({trial.count for trial in run.trials if trial.operation == operation})


def _mean_time_s(trials: list[Trial]) -> float | None:
    times = [trial.projected_s if trial.cut else trial.elapsed_s for trial in trials]
    known = [time for time in times if time is not None]
    # A repeat whose time is not known makes the mean unknown too.
    return sum(known) / len(known) if len(known) == len(times) else None


def _seconds(time_s: float | None, is_projected: bool) -> str:
    if time_s is None:
        return ""
    text = f"{time_s:.2f} s" if time_s < 10 else f"{time_s:.1f} s"
    return f"{text} projected" if is_projected else text


def _ratio(value: float | None, *, is_projected: bool = False) -> str:
    if value is None:
        return ""
    return f"{value:.1f}x{' projected' if is_projected else ''}"


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms"
