"""Which charts tell a run's story, in order; the page and the HTML report both draw from this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import told_point
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.charts.queries import lanes_in
from core.charts.run.concurrency import concurrency
from core.charts.run.distance import distance, distance_time
from core.charts.run.distribution import ecdf, percentiles
from core.charts.run.factor import waterfall
from core.charts.run.heartbeat import heartbeat
from core.charts.run.in_flight import in_flight
from core.charts.run.ladder import ladder
from core.charts.run.race import race
from core.charts.run.side_by_side import side_by_side
from core.charts.run.stall import stall
from core.charts.run.step_waterfall import step_waterfall
from core.charts.run.totals import latency, speedups, total_time

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A figure with its place in the story.

    Attributes:
        name: Short and stable, for keys and file names; unique within `charts_of`.
        title_of_section: What the chart is about; the figure's own title says what was found.
        how_to_read: One or two plain sentences.
    """

    name: str
    title_of_section: str
    figure: go.Figure
    how_to_read: str


def charts_of(run: Run, operation: str, count: int | None = None) -> list[Chart]:
    """All charts that apply to the run, the one that tells its finding first.

    Args:
        run: What was measured.
        operation: One that the run has; another one gives no chart.
        count: None takes the largest measured. Charts of a sweep's single requests show its most telling
            case, and say which that is.
    """
    counts = run.counts_of(operation)
    if not counts:
        return []
    wanted = counts[-1] if count is None else count
    found = []
    for name, figure in _figures(run, operation, wanted):
        if figure is not None:
            title, text = _TEXTS[name]
            found.append(Chart(name=name, title_of_section=title, figure=figure, how_to_read=text))
    return found


def headline_operation(run: Run) -> str | None:
    """The operation whose first chart tells the run's finding: searches, where there are any beside adds."""
    return told_point(run)[0] or None


def _figures(run: Run, operation: str, count: int) -> Iterator[tuple[str, go.Figure | None]]:
    case = telling_case(run)
    if operation == "ingest":
        yield "steps", step_waterfall(run, count, case)
    yield from _findings(run, operation, count)
    if operation == "ingest":
        return  # its requests are few: the steps show each of them
    # Arrivals at a rate take the time that the rate takes: there is nothing to race.
    is_comparison = len(lanes_in(run, operation, case)) > 1 and not run.plan.is_open_loop
    yield "in-flight", in_flight(run, operation, count, case)
    if is_comparison:
        yield "race", race(run, operation, count, case)
    yield "latency", latency(run, operation, count, case)
    yield "percentiles", percentiles(run, operation, count, case)
    yield "ecdf", ecdf(run, operation, count, case)


def _findings(run: Run, operation: str, count: int) -> Iterator[tuple[str, go.Figure | None]]:
    """What was found: of a sweep the chart over what it varies, of a comparison its times."""
    both = side_by_side(run)
    if both is not None:
        # One chart for both operations.
        yield "side-by-side", both if operation == headline_operation(run) else None
        return
    yield "factor", waterfall(run, operation)
    yield "distance", distance(run, operation)
    yield "distance-rate", distance_time(run, operation)
    yield "concurrency", concurrency(run, operation)
    yield "stall", stall(run, operation, count)
    yield "heartbeat", heartbeat(run, operation, count)
    if run.plan.is_open_loop or run.plan.sweep != "none":
        return
    has_one_count = len(run.counts_of(operation)) == 1
    many_lanes = ladder(run, operation, count) if len(lanes_in(run, operation)) > 2 else None
    if many_lanes is None or not has_one_count:
        yield "total-time", total_time(run, operation)
    if has_one_count:
        yield "ladder", many_lanes
    yield "speed-up", speedups(run, operation)
    if not has_one_count:
        yield "ladder", many_lanes


def telling_case(run: Run) -> Case | None:
    """The case in which there is most to overlap, of a sweep over distance or concurrency; else None."""
    return run.cases[-1] if run.cases and run.plan.sweep in {"distance", "concurrency"} else None


# Name of a chart to what it is about and how to read it.
_TEXTS = {
    "side-by-side": (
        "The same work, side by side",
        "Shorter is better. Every pair of bars did the same operations on the same data; the figure in bold "
        "says how many times as fast as the other one.",
    ),
    "steps": (
        "Step by step, on one clock",
        "Each row is one step, each bar a stretch of time in which it was at work, on one clock. In sync no "
        "two bars are at the same time: every step waits for the one before. In async bars of different rows "
        "lie over each other: while one batch is inserted, the next is being embedded. Darker places in the "
        "embedding row are two batches at once. The dotted line is the moment from which a first question "
        "finds something.",
    ),
    "factor": (
        "Where the factor comes from",
        "From top to bottom one thing changes at a time, and each line runs from the factor before it to "
        "the dot, the new one. On the log scale lines of one length are one factor. What is left at the "
        "end is what async itself gains.",
    ),
    "distance": (
        "Speed-up over distance",
        "To the right the server is further away (simulated). Where the dotted line at 1 lies within a "
        "lane's band, at a single distance its whisker, no difference was found; a lane without one has too "
        "few repeats to tell.",
    ),
    "distance-rate": (
        "Throughput over distance",
        "A falling line waits for each round trip in turn; a flat one overlaps them.",
    ),
    "concurrency": (
        "Throughput and latency over concurrency",
        "Above, more requests at once do more work until the circled knee, where 90 % of the best is "
        "reached. Below, what that costs a single request.",
    ),
    "stall": (
        "One freeze, told twice",
        "Each dot is one request, placed at when it should have been sent. Service time only starts when it "
        "was really sent, so it hides the waiting that response time shows.",
    ),
    "heartbeat": (
        "The loop's heartbeat",
        "Each spike is the event loop waking up in time. A flat line is a loop that something blocks: "
        "nothing else can happen there meanwhile.",
    ),
    "total-time": (
        "Total time",
        "Lower is better. A bar's length is its time; several counts are dots on a log scale, where each "
        "line across is several times the one below. Hatched bars and open dots are projected from a trial "
        "that was cut.",
    ),
    "speed-up": (
        "Speed-up",
        "Higher is better; the dotted line at 1 is the baseline. A factor is the geometric mean of the "
        "repeats' own, a whisker its 95 % interval: where 1 lies within it, no difference was found.",
    ),
    "ladder": (
        "The ladder: all ways to do the same work",
        "Longer is better. The dashed line is the baseline, and each factor is against it; point at a bar "
        "to see what bounded it.",
    ),
    "in-flight": (
        "In flight: who waits when",
        "Each bar is one request from its start to its end. A staircase waits for one after another; a "
        "stack waits for many at the same time.",
    ),
    "race": (
        "The race: a replay of measured data",
        "The lanes were measured one after another and are replayed on one clock. Press play, or drag "
        "the slider.",
    ),
    "latency": (
        "Latency of one request",
        "p95 is the time within which 95 of 100 requests were done. Async often makes a single request "
        "slower: all of them wait at the same time. p99 needs 100 requests, p95 needs 20; of fewer it would "
        "be the maximum.",
    ),
    "percentiles": (
        "Latency by percentile",
        "Each step to the right is ten times rarer: at 99 stands the time that 1 of 100 requests exceeded.",
    ),
    "ecdf": (
        "Share of requests done over time",
        "Read across at 50 %: half of the requests were done within that time. A steep line is a steady "
        "lane, a long slope an uneven one.",
    ),
}
