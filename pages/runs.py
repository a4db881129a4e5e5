"""Saved runs: list, open, download, delete."""

from __future__ import annotations

import streamlit as st

from core.bench.archive import Listed, delete_run, list_runs
from core.bench.findings import headline
from core.bench.record import Run
from core.config import Settings
from core.errors import OverlapError
from pages.shared.markup import escaped
from pages.shared.page import setup_page
from pages.shared.run_view import draw_run, to_page

RUN_PARAMETER = "run"


def main() -> None:
    settings = setup_page("Runs")
    st.title("Runs")
    listed = list_runs(settings.runs_dir)
    runs = {one.run.id: one.run for one in listed if one.run is not None}
    _broken([one for one in listed if one.run is None])
    if not runs:
        st.info("There is no saved run yet. Every benchmark is kept here.", icon=":material/inbox:")
        to_page("pages/benchmark.py", "Run a benchmark", ":material/speed:")
        return
    _table(list(runs.values()))
    run = _choose(runs)
    if run is not None:
        draw_run(run, key=f"run-{run.id}")
        _delete(run, settings)


def _broken(files: list[Listed]) -> None:
    if not files:
        return
    noun = "record" if len(files) == 1 else "records"
    with st.expander(f"{len(files)} {noun} can't be read", icon=":material/broken_image:"):
        for one in files:
            st.text(f"{one.path.name}: {one.error}")


def _table(runs: list[Run]) -> None:
    st.dataframe(
        [
            {
                "When (UTC)": _when(run),
                "Preset": run.plan.preset,
                "Target": run.plan.target,
                "Status": run.status,
                "Found": headline(run),
            }
            for run in runs
        ],
        column_config={"Found": st.column_config.TextColumn(width="large")},
        hide_index=True,
        width="stretch",
    )


def _choose(runs: dict[str, Run]) -> Run | None:
    """The run to open: from the address at first, then from the box, which writes the address."""
    asked = st.query_params.get(RUN_PARAMETER)
    ids = list(runs)
    if asked is not None and asked not in runs:
        st.warning(
            escaped(f"There is no run {asked[:40]!r}. It may have been deleted."),
            icon=":material/search_off:",
        )
    chosen = st.selectbox(
        "Open a run",
        ids,
        index=ids.index(asked) if asked in runs else None,
        format_func=lambda run_id: (
            f"{_when(runs[run_id])} · {runs[run_id].plan.preset} · {runs[run_id].plan.target}"
        ),
        placeholder="Choose one to see its charts",
        key="chosen",
    )
    if chosen is not None and chosen != asked:
        st.query_params[RUN_PARAMETER] = chosen
    return runs.get(chosen) if chosen is not None else None


def _delete(run: Run, settings: Settings) -> None:
    with st.popover("Delete this run", icon=":material/delete:"):
        st.markdown("The record is deleted for good. Download it first if you may need it.")
        if st.button("Delete for good", type="primary", key="delete", disabled=run.status == "running"):
            try:
                delete_run(settings.runs_dir, run.id)
            except (OverlapError, OSError) as exc:
                st.error(escaped(f"The run could not be deleted. {exc}"), icon=":material/error:")
                return
            st.query_params.pop(RUN_PARAMETER, None)
            del st.session_state["chosen"]
            st.rerun()


def _when(run: Run) -> str:
    return run.created_at.replace("T", " ").removesuffix("Z")


main()
