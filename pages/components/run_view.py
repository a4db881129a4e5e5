"""One run, drawn: what was found, the proof, the charts, the figures, the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from core.bench.analysis.findings import explain
from core.bench.analysis.first_calls import first_calls_words
from core.bench.analysis.metrics import LAW_BROKEN, Place
from core.bench.plan.plan import OPERATIONS, counted_operations
from core.bench.recorded import is_recorded
from core.bench.records.run import Run
from pages.components.chart import draw_chart
from pages.components.finding import charts_for, draw_finding
from pages.components.markdown import escaped
from pages.components.run_export import draw_export
from pages.components.times import with_visitors_times

if TYPE_CHECKING:
    from core.charts.catalog import Chart

Value = TypeVar("Value")

# Where a chart stands, by its name; the others are about speed.
SPEED = "Speed"
SECTIONS = {"in-flight": "Who waits when", "race": "Who waits when"} | dict.fromkeys(
    ("latency", "percentiles", "ecdf"), "Latency"
)


def draw_run(run: Run, *, key: str, is_presenting: bool = False, is_replay: bool = False) -> None:
    """Draw a run.

    Args:
        run: With its trials.
        key: Apart from those of other runs on the same page.
        is_presenting: For a hall, without figures, settings and files.
        is_replay: It stands in for a run that can't be measured now, and says so.
    """
    draw_result(run, key=key, is_presenting=is_presenting, is_replay=is_replay)
    draw_details(run, key=key, is_presenting=is_presenting, is_replay=is_replay)


def draw_result(run: Run, *, key: str, is_presenting: bool = False, is_replay: bool = False) -> None:
    """The top of a run: how it went, what was found, the chart that shows it and the proof."""
    _status(run, is_replay=is_replay)
    if not run.measured:
        if not run.trials and run.status not in {"failed", "stopped"}:
            st.caption("Nothing was measured yet.")
        return
    _failures(run, is_presenting=is_presenting)
    draw_finding(run, key=key, is_presenting=is_presenting)
    _marks(run)


def draw_details(run: Run, *, key: str, is_presenting: bool = False, is_replay: bool = False) -> None:
    """The rest of it: why it came out so, the other charts, the figures, the files."""
    if not run.measured:
        return
    reason = explain(run)
    if reason:
        st.info(escaped(reason), icon=":material/lightbulb:")
    _operations(run, key=key, is_presenting=is_presenting)
    first_calls = first_calls_words(run)
    if first_calls and not is_presenting:
        st.caption(escaped(first_calls))
    if not is_presenting:
        _settings(run)
        draw_export(run, key=key, is_replay=is_replay)


def _status(run: Run, *, is_replay: bool) -> None:
    from core.charts.disclaimers import recorded_mark

    if is_replay or is_recorded(run):
        st.info(f"**{escaped(with_visitors_times(recorded_mark(run)))}**", icon=":material/history:")
    if run.status == "failed":
        st.error(escaped(f"The run failed. {run.note}"), icon=":material/error:")
    elif run.status == "stopped":
        kept = "; what was measured until then is kept" if run.measured else " before anything was measured"
        text = f"The run was stopped{kept}. {run.note}"
        st.warning(escaped(text), icon=":material/stop_circle:")


def _marks(run: Run) -> None:
    from core.charts.disclaimers import marks_of, recorded_mark

    # That it is recorded stands above it already.
    for mark in [mark for mark in marks_of(run) if mark != recorded_mark(run)]:
        st.caption(f":material/flag: {escaped(mark)}")


def _failures(run: Run, *, is_presenting: bool) -> None:
    from core.charts.run.lane_table import failures

    if not run.num_failed:
        return
    st.error(f"{run.num_failed:,} operations failed. They are in no latency and in no speed-up.")
    if not is_presenting:
        names = ("operation", "lane", "reason", "times")
        rows = [dict(zip(names, row, strict=True)) for row in failures(run)]
        st.dataframe(rows, hide_index=True, width="stretch")


@st.fragment
def _operations(run: Run, *, key: str, is_presenting: bool) -> None:
    """The charts by operation. A fragment: to look at other charts draws no other part of the page."""
    measured = [operation for operation in OPERATIONS if run.counts_of(operation)]
    # Where there are searches, the headline is about them.
    labels = {operation.capitalize(): operation for operation in measured}
    for operation in _open_tab(labels, key=f"{key}-tab", first="Search"):
        _operation(run, operation, key=f"{key}-{operation}", is_presenting=is_presenting)


def _operation(run: Run, operation: str, *, key: str, is_presenting: bool) -> None:
    from core.charts.catalog import headline_operation

    count = _count(run, operation, key=key, is_presenting=is_presenting)
    sections: dict[str, list[Chart]] = {}
    charts = charts_for(run, operation, count, is_presenting=is_presenting)
    # The first one of the headline's operation stands above.
    for chart in charts[1:] if operation == headline_operation(run) else charts:
        sections.setdefault(SECTIONS.get(chart.name, SPEED), []).append(chart)
    for charts in _open_tab(sections, key=f"{key}-section"):
        for chart in charts:
            draw_chart(
                chart.figure,
                key=f"{key}-{count}-{chart.name}{'-hall' if is_presenting else ''}",
                file_name=f"overlap-{run.id}-{operation}-{chart.name}-{count}",
            )
            st.caption(f"**{escaped(chart.title_of_section)}.** {escaped(chart.how_to_read)}")
    if not is_presenting:
        _lane_table(run, operation, count)


def _open_tab(values: Mapping[str, Value], *, key: str, first: str = "") -> Iterator[Value]:
    """Draw a tab for each and yield the value of the open one, inside of it; one alone needs no tab.

    The charts of a tab that nobody looks at are neither made nor sent: a browser takes half a second each.

    `key` is the tabs' own, and `first` names the tab that is open at first, where it is among them.
    """
    if len(values) < 2:
        yield from values.values()
        return
    default = first if first in values else None
    tabs = st.tabs(list(values), default=default, on_change="rerun", key=key)
    for tab, value in zip(tabs, values.values(), strict=True):
        if tab.open:
            with tab:
                yield value


def _count(run: Run, operation: str, *, key: str, is_presenting: bool) -> int:
    counts = run.counts_of(operation)
    if len(counts) == 1:
        return counts[0]
    chosen = st.segmented_control(
        "Charts of single requests at",
        counts,
        default=counts[-1],
        format_func="{:,}".format,
        key=f"{key}-count",
        label_visibility="collapsed" if is_presenting else "visible",
    )
    return counts[-1] if chosen is None else chosen


def _lane_table(run: Run, operation: str, count: int) -> None:
    from core.charts.run.lane_table import formats, lane_rows

    rows = lane_rows(run, operation, count)
    if not rows:
        return
    st.markdown(f"**The lanes in figures**, {counted_operations(operation, count)}")
    is_swept = any(row.case for row in rows)
    st.dataframe(
        [
            {"Lane": row.name}
            | ({"Case": row.case} if is_swept else {})
            | row.cells(Place.PAGE)
            | {"Repeats": row.num_repeats}
            for row in rows
        ],
        column_config={
            name: st.column_config.NumberColumn(format=form) for name, form in formats(Place.PAGE).items()
        },
        hide_index=True,
        width="stretch",
        placeholder="–",
    )
    if any(LAW_BROKEN in row.cells(Place.PAGE).values() for row in rows):
        st.warning(
            "Little's law does not hold for every lane: requests in flight, throughput and latency differ by "
            "more than 20 % from each other, so one of them was measured wrongly.",
            icon=":material/rule:",
        )


def _settings(run: Run) -> None:
    with st.expander("Settings and environment", icon=":material/tune:"):
        left, right = st.columns(2)
        left.json(run.plan.to_dict())
        right.json(run.environment)
