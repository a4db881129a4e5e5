"""A run as files: JSON, CSV, a report that works offline, and a script. Each is made when it is asked for."""

from __future__ import annotations

import streamlit as st

from core.bench.records.archive import to_json
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.config.settings import SYNTHETIC_DATA
from core.errors import OverlapError
from core.export.run_csv import to_csv
from core.export.script import command_of, standalone_script
from pages.components.markdown import escaped


def draw_export(run: Run, *, key: str, is_replay: bool) -> None:
    """A menu of downloads. Nothing is built before its button is clicked."""
    with st.popover("Export", icon=":material/download:"):
        for label, suffix, mime, make in (
            ("JSON, the whole record", ".json", "application/json", lambda: to_json(run)),
            ("CSV, a row per trial", ".csv", "text/csv", lambda: to_csv(run)),
            (
                "CSV with ; and decimal commas",
                "-comma.csv",
                "text/csv",
                lambda: to_csv(run, decimal_comma=True),
            ),
            ("HTML report, works offline", ".html", "text/html", lambda: _report(run, is_replay)),
        ):
            st.download_button(
                label,
                make,
                f"overlap-{run.id}{suffix}",
                mime,
                key=f"{key}-{suffix.lstrip('.-')}",
                on_click="ignore",
                width="stretch",
            )
        st.caption("A picture of a chart: the camera at its upper right, when the pointer is over it.")
        if run.measured:
            _script(run, key=key)


def _report(run: Run, is_replay: bool) -> str:
    from core.export.html_report import html_report

    return html_report(run, replay=is_replay)


def _script(run: Run, *, key: str) -> None:
    """A trial to choose, and the script that repeats it, to copy or to keep."""
    if run.plan.is_ingest:
        st.markdown("**Command that measures it again**")
        st.code(command_of(run.plan), "sh", wrap_lines=True)
        return
    st.markdown("**Python script that repeats one trial**")
    if run.plan.data not in SYNTHETIC_DATA:
        st.caption("Not for this run: its data are a knowledge base's, which a script can't carry.")
        return
    points = _points(run)
    chosen = st.selectbox(
        "Trial", list(points), index=_most_wanted(list(points.values())), key=f"{key}-trial"
    )
    if chosen is None:
        return
    try:
        script = standalone_script(run, points[chosen])
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/error:")
        return
    st.download_button(
        "Python script",
        script,
        f"overlap-{run.id}.py",
        "text/x-python",
        key=f"{key}-py",
        on_click="ignore",
        width="stretch",
    )
    st.code(script, "python", height=220)


def _points(run: Run) -> dict[str, Trial]:
    """One trial for each operation, count, lane and case, by what it is."""
    from core.charts.run.lane_table import case_words

    points: dict[str, Trial] = {}
    for trial in run.measured:
        case = case_words(run, trial.case)
        words = [trial.operation, trial.lane, f"{trial.count:,} operations", *([case] if case else [])]
        points.setdefault(" · ".join(words), trial)
    return points


def _most_wanted(trials: list[Trial]) -> int:
    """The async lane's largest trial, else the first."""
    counts = [trial.count if trial.lane == "async" else 0 for trial in trials]
    return counts.index(max(counts))
