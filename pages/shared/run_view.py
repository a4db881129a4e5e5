"""One run, drawn: what was found, the proof, the charts, the settings, the files."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.bench.archive import to_csv, to_json
from core.bench.findings import explain, headline
from core.bench.record import Check, Run
from pages.shared.markup import escaped

CHART_CONFIG = {"displaylogo": False}
CHECK_NAMES = {
    "row_count_after_add": "Rows counted after adding",
    "identical_ids": "Identical ids of sync and async search",
}


def draw_run(run: Run, *, key: str) -> None:
    """Draw a run. key: apart from those of other runs on the same page."""
    _status(run)
    if not run.trials:
        return
    st.markdown(f"#### {escaped(headline(run))}")
    _proof(run)
    _failures(run)
    _charts(run, key=key)
    reason = explain(run)
    if reason:
        st.info(escaped(reason), icon=":material/lightbulb:")
    _settings(run)
    _downloads(run, key=key)


def to_page(path: str, label: str, icon: str) -> None:
    """A link to another page; a caption where the page runs alone and knows no others."""
    try:
        st.page_link(path, label=label, icon=icon)
    except (StreamlitAPIException, KeyError):
        st.caption(label)


def _status(run: Run) -> None:
    if run.status == "failed":
        st.error(escaped(f"The run failed. {run.note}"), icon=":material/error:")
    elif run.status == "stopped":
        text = f"The run was stopped; what was measured until then is kept. {run.note}"
        st.warning(escaped(text), icon=":material/stop_circle:")
    if any(trial.cut for trial in run.trials):
        st.caption(
            "Hatched bars were cut before all operations were done. Their times are projected from the "
            "operations that were, at the same speed."
        )


def _proof(run: Run) -> None:
    for name, title in CHECK_NAMES.items():
        checks = [check for check in run.checks if check.name == name]
        if not checks:
            continue
        passed = sum(check.passed for check in checks)
        text = f"{title}: {passed} of {len(checks)} checks passed. {_counted(name, checks)}"
        if passed == len(checks):
            st.success(escaped(text), icon=":material/verified:")
        else:
            st.error(escaped(text), icon=":material/rule:")


def _counted(name: str, checks: list[Check]) -> str:
    if name == "identical_ids":
        equal, tied, compared = (
            sum(int(check.details.get(part) or 0) for check in checks)
            for part in ("equal", "tied", "compared")
        )
        ties = f", {tied} differ between equally near rows only" if tied else ""
        return f"{equal:,} of {compared:,} queries gave the same ids{ties}."
    found, expected = (
        sum(int(check.details.get(part) or 0) for check in checks) for part in ("found", "expected")
    )
    return f"{found:,} rows found, {expected:,} acknowledged."


def _failures(run: Run) -> None:
    if not run.num_failed:
        return
    st.error(f"{run.num_failed:,} operations failed. They are in no latency and in no speed-up.")
    rows = [
        {"operation": t.operation, "lane": t.lane, "count": t.count, "reason": reason, "times": times}
        for t in run.trials
        for reason, times in t.errors.items()
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def _charts(run: Run, *, key: str) -> None:
    measured = [op for op in run.plan.operations if any(trial.operation == op for trial in run.trials)]
    for tab, operation in zip(st.tabs([op.capitalize() for op in measured]), measured, strict=True):
        with tab:
            _operation_charts(run, operation, key=f"{key}-{operation}")


def _operation_charts(run: Run, operation: str, *, key: str) -> None:
    from core.charts import bench

    for name, figure in (
        ("time", bench.total_time(run, operation)),
        ("speedup", bench.speedups(run, operation)),
    ):
        if figure is not None:
            st.plotly_chart(figure, width="stretch", key=f"{key}-{name}", config=CHART_CONFIG)
    counts = sorted({trial.count for trial in run.trials if trial.operation == operation})
    count = st.segmented_control(
        "Latency of one call, at", counts, default=counts[-1], format_func="{:,}".format, key=f"{key}-count"
    )
    figure = bench.latency(run, operation, count or counts[-1])
    if figure is None:
        st.caption("No operation succeeded, so there is no latency to show.")
    else:
        st.plotly_chart(figure, width="stretch", key=f"{key}-latency", config=CHART_CONFIG)


def _settings(run: Run) -> None:
    with st.expander("Settings and environment", icon=":material/tune:"):
        left, right = st.columns(2)
        left.json(run.plan.to_dict())
        right.json(run.environment)


def _downloads(run: Run, *, key: str) -> None:
    left, right = st.columns(2)
    left.download_button(
        "Download JSON",
        to_json(run),
        f"{run.id}.json",
        "application/json",
        key=f"{key}-json",
        width="stretch",
    )
    right.download_button(
        "Download CSV", to_csv(run), f"{run.id}.csv", "text/csv", key=f"{key}-csv", width="stretch"
    )
