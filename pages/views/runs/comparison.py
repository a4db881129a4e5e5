"""Several runs side by side: first what makes it unfair, then the same axes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.bench.analysis.findings import headline
from core.bench.analysis.metrics import Place
from core.bench.analysis.run_differences import common_cases, common_operations, differences, titles
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from pages.components.chart import draw_chart, for_screen, paper_color
from pages.components.markdown import escaped
from pages.components.screen import is_narrow
from pages.components.times import with_visitors_times

HOW_TO_READ = "The colour is the run, line and marker are the lane. Higher is better."


def draw_comparison(runs: Sequence[Run], *, is_presenting: bool = False) -> None:
    """Draw two runs or more.

    Args:
        runs: Two or more, in the order of their colours.
        is_presenting: For a hall, without figures.
    """
    from core.charts.disclaimers import marks_of

    names = [with_visitors_times(title) for title in titles(runs)]
    found = differences(runs)
    if found:
        st.warning(
            "These runs differ in more than chance:\n\n"
            + "\n".join(f"- {escaped(with_visitors_times(text))}" for text in found),
            icon=":material/warning:",
        )
    else:
        st.success(
            "Nothing that is compared differs: machine, versions, target and settings. Which counts and "
            "lanes each run has is in the charts.",
            icon=":material/verified:",
        )
    for name, run in zip(names, runs, strict=True):
        st.markdown(f"**{escaped(name)}:** {escaped(headline(run))}")
        for mark in marks_of(run):
            st.caption(f":material/flag: {escaped(mark)}")
    operations = common_operations(runs)
    if not operations:
        return
    labels = [operation.capitalize() for operation in operations]
    for tab, operation in zip(st.tabs(labels), operations, strict=True):
        with tab:
            _operation(runs, names, operation, is_presenting=is_presenting)


def _operation(runs: Sequence[Run], names: Sequence[str], operation: str, *, is_presenting: bool) -> None:
    from core.charts.run_comparison import compare, compare_speedups
    from core.charts.theme import present

    labelled = list(zip(names, runs, strict=True))
    cases = _cases(runs, operation)
    if not cases:
        st.info(
            "These runs have no case in common, so no chart lays them side by side. The table has what each "
            "of them measured.",
            icon=":material/info:",
        )
    for name, draw in (("rates", compare), ("speed-ups", compare_speedups)):
        figure = draw(labelled, operation, cases) if cases else None
        if figure is not None:
            shown = present(figure) if is_presenting and not is_narrow() else for_screen(figure)
            shown.update_layout(paper_bgcolor=paper_color())
            draw_chart(
                shown, key=f"compare-{operation}-{name}", file_name=f"overlap-compare-{operation}-{name}"
            )
    if cases:
        st.caption(HOW_TO_READ)
    if not is_presenting:
        _table(runs, names, operation)


def _cases(runs: Sequence[Run], operation: str) -> tuple[Case, ...]:
    """The one that the charts show, of those that all runs have, as each run has it; empty without one."""
    cases = common_cases(runs, operation)
    if len(cases) < 2:
        shown = next(iter(cases), ())
        if shown and any(len(run.cases) > 1 for run in runs):
            words = escaped(_words(runs, shown))
            st.caption(f"The charts show what all of these runs have: {words}. The table has the rest.")
        return shown
    # The last one of a sweep is what it goes to, and what its headline is about.
    return st.selectbox(
        "In the charts",
        cases,
        index=len(cases) - 1,
        format_func=lambda shown: _words(runs, shown),
        key=f"compare-{operation}-case",
        help="All of these were measured in each run; the table has them all.",
    )


def _words(runs: Sequence[Run], cases: Sequence[Case]) -> str:
    """What tells a case from the others of the run that has most."""
    from core.charts.run.lane_table import case_words

    run, case = max(zip(runs, cases, strict=True), key=lambda pair: len(pair[0].cases))
    return case_words(run, case) or "awaited"


def _table(runs: Sequence[Run], names: Sequence[str], operation: str) -> None:
    from core.charts.run.lane_table import formats, lane_rows

    rows = [
        {
            "Run": name,
            "Lane": row.lane,
            "Case": row.case,
            "Count": count,
            **row.cells(Place.COMPARISON),
        }
        for name, run in zip(names, runs, strict=True)
        for count in run.counts_of(operation)
        for row in lane_rows(run, operation, count)
    ]
    st.dataframe(
        rows,
        column_config={
            name: st.column_config.NumberColumn(format=form)
            for name, form in formats(Place.COMPARISON).items()
        },
        hide_index=True,
        width="stretch",
        placeholder="–",
    )
