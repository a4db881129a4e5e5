"""Saved runs: list, open, compare, name, take in, give out, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.bench.analysis.findings import brief
from core.bench.analysis.run_differences import run_title
from core.bench.recorded import is_recorded, list_recorded
from core.bench.records.archive import (
    MAX_COMMENT_CHARS,
    MAX_NAME_CHARS,
    Listed,
    annotate_run,
    delete_run,
    import_run,
    list_runs,
    load_run,
)
from core.bench.records.run import Run
from core.config.settings import Settings
from core.errors import OverlapError, QuotaError
from core.runtime.words import counted
from pages.components.layout import empty_place, page_head, setup_page, to_page
from pages.components.markdown import escaped
from pages.components.presenter import is_presenting, presenter_switch
from pages.components.run_view import draw_run
from pages.components.screen import watch_width
from pages.components.times import heading, minute, on_clock
from pages.components.uploads import draw_gone, release, take, taken_round
from pages.state.quota import count_upload, upload_limit_mb
from pages.views.runs.comparison import draw_comparison

RUN_PARAMETER = "run"
COMPARE_PARAMETER = "compare"
CHOSEN_KEY = "chosen"
# The address as this page left it: another one is a link that somebody followed.
ADDRESS_KEY = "runs_address"
MAX_COMPARED = 6
IMPORTED_KEY = "runs_imported"
UPLOADS = "runs-upload"


def main() -> None:
    """Draw the page: the list of runs, and those that were chosen, one alone or several side by side."""
    settings = setup_page("Runs", wide=True)
    watch_width()
    listed = list_runs(settings.runs_dir)
    found = {one.run.id: one for one in [*listed, *list_recorded()] if one.run is not None}
    runs = {run_id: one.run for run_id, one in found.items() if one.run is not None}
    _open_from_address(runs)
    if not is_presenting():
        _overview(listed, runs, settings)
    chosen = _choose(runs)
    if chosen:
        presenter_switch()
    _draw([found[run_id] for run_id in chosen], settings)


def _overview(listed: Sequence[Listed], runs: dict[str, Run], settings: Settings) -> None:
    with (
        page_head(
            "Runs",
            "Every benchmark is kept: click one to open it, or choose several below to compare.",
        ),
        st.popover("Import", icon=":material/upload:"),
    ):
        _import(settings)
    _say_imported()
    _broken([one for one in listed if one.run is None])
    own, recorded = _groups(runs)
    if own:
        _table(own)
    else:
        with empty_place("There is no saved run of yours yet. The first one takes about 20 seconds."):
            to_page("pages/benchmark.py", "Run a benchmark", ":material/speed:")
    if not recorded:
        return
    group = st.expander(
        "Recorded runs, which come with Overlap",
        icon=":material/history:",
        expanded=not own and not st.session_state[CHOSEN_KEY],
        on_change="rerun",
        key="runs_recorded",
    )
    if group.open:
        with group:
            _recorded_table(recorded)


def _import(settings: Settings) -> None:
    st.markdown("A run that was measured on another machine: the JSON file from its export.")
    number, taken = taken_round(UPLOADS)
    key = f"{UPLOADS}-{number}"
    found = st.file_uploader(
        "Records of runs",
        type="json",
        accept_multiple_files=True,
        key=key,
        max_upload_size=upload_limit_mb(settings),
    )
    draw_gone(key, taken)
    files = [file for file in found if file.file_id not in taken]
    if not files or not st.button("Import", type="primary", key="import"):
        return
    try:
        count_upload(settings, [file.size for file in files])
    except QuotaError as exc:
        st.warning(escaped(str(exc)), icon=":material/hourglass_disabled:")
        return
    outcomes: list[tuple[bool, str]] = []
    for file in files:
        try:
            run = import_run(settings.runs_dir, file.getvalue(), known=_recorded_runs())
        except (OverlapError, OSError) as exc:
            outcomes.append((False, f"{file.name}: {exc}"))
        else:
            outcomes.append((True, f"{file.name} is here as “{run_title(run)}”."))
            st.session_state[CHOSEN_KEY] = [run.id]
    st.session_state[IMPORTED_KEY] = outcomes
    take(files, taken)
    release(files)
    st.rerun()


def _recorded_runs() -> list[Run]:
    return [load_run(one.path) for one in list_recorded()]


def _say_imported() -> None:
    for is_done, text in st.session_state.pop(IMPORTED_KEY, []):
        if is_done:
            st.success(escaped(text), icon=":material/check_circle:")
        else:
            st.error(escaped(text), icon=":material/error:")


def _broken(files: Sequence[Listed]) -> None:
    if not files:
        return
    with st.expander(f"{counted(len(files), 'record')} can't be read", icon=":material/broken_image:"):
        for one in files:
            st.text(f"{one.path.name}: {one.error}")


def _table(runs: Sequence[Run]) -> None:
    rows = [
        {
            # What a phone shows of a row tells it from the others.
            heading("When"): on_clock(run.created_at),
            "Name": run.name or None,
            "Found": brief(run),
            "Preset": run.plan.preset,
            "Target": run.plan.target,
            "Status": f"{run.status}, imported" if run.imported else run.status,
            "Note": run.comment or None,
        }
        for run in runs
    ]
    # Columns in which nothing stands take the room of what was found.
    empty = {name for name in ("Name", "Note") if not any(row[name] for row in rows)}
    shown = [{name: value for name, value in row.items() if name not in empty} for row in rows]
    _clickable(shown, runs, heading("When"), key="runs_own")


def _clickable(rows: Sequence[dict[str, Any]], runs: Sequence[Run], when: str, *, key: str) -> None:
    """A table of runs, of which a click opens one."""
    # Under another key each time, so that nothing stays marked and the same row can be clicked again.
    number = st.session_state.setdefault(f"{key}_clicks", 0)
    st.dataframe(
        rows,
        column_config={
            when: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", width=130),
            "Name": st.column_config.TextColumn(width=110),
            "Found": st.column_config.TextColumn(width="large"),
            "Preset": st.column_config.TextColumn(width=90),
            "Status": st.column_config.TextColumn(width=90),
        },
        hide_index=True,
        width="stretch",
        placeholder="",
        key=f"{key}-{number}",
        on_select=lambda: _open_clicked(runs, key),
        selection_mode="single-cell",
    )


def _open_clicked(runs: Sequence[Run], key: str) -> None:
    number = st.session_state[f"{key}_clicks"]
    cells = st.session_state[f"{key}-{number}"].selection.cells
    if cells:
        st.session_state[CHOSEN_KEY] = [runs[cells[0][0]].id]
        st.session_state[f"{key}_clicks"] = number + 1
        _keep_choice()


def _groups(runs: dict[str, Run]) -> tuple[list[Run], list[Run]]:
    """The visitor's own runs, and those that come with Overlap."""
    own = [run for run in runs.values() if not is_recorded(run)]
    return own, [run for run in runs.values() if is_recorded(run)]


def _recorded_table(runs: Sequence[Run]) -> None:
    rows = [
        {
            "Name": run.name,
            "Found": brief(run),
            heading("Recorded"): on_clock(run.created_at),
            "Target": run.plan.target,
            "How": run.comment,
        }
        for run in runs
    ]
    _clickable(rows, runs, heading("Recorded"), key="runs_recorded_table")


def _open_from_address(runs: dict[str, Run]) -> None:
    """At first, and whenever somebody follows a link, the address says which runs are open."""
    address = _address()
    if CHOSEN_KEY not in st.session_state or st.session_state.get(ADDRESS_KEY) != address:
        asked = list(dict.fromkeys(run_id for part in address for run_id in part.split(",") if run_id))
        for run_id in asked[:MAX_COMPARED]:
            if run_id not in runs:
                text = f"There is no run {run_id[:40]!r}. It may have been deleted."
                st.warning(escaped(text), icon=":material/search_off:")
        st.session_state[CHOSEN_KEY] = asked
        st.session_state[ADDRESS_KEY] = address
    # What was deleted meanwhile, in another tab, is no option of the box any more.
    known = [run_id for run_id in st.session_state[CHOSEN_KEY] if run_id in runs]
    st.session_state[CHOSEN_KEY] = known[:MAX_COMPARED]


def _keep_choice() -> None:
    """Let what was just chosen win over the address that came with it: that may be an older one."""
    st.session_state[ADDRESS_KEY] = _address()


def _address() -> tuple[str, str]:
    return st.query_params.get(RUN_PARAMETER, ""), st.query_params.get(COMPARE_PARAMETER, "")


def _choose(runs: dict[str, Run]) -> list[str]:
    """The runs to show, from the box, which writes the address."""
    chosen: list[str] = st.session_state[CHOSEN_KEY]
    if not is_presenting() or not chosen:
        chosen = st.multiselect(
            "Open a run, or choose several to compare them",
            list(runs),
            format_func=lambda run_id: _label(runs[run_id]),
            placeholder="Choose one to see its charts",
            max_selections=MAX_COMPARED,
            key=CHOSEN_KEY,
            on_change=_keep_choice,
        )
    wanted = {RUN_PARAMETER: chosen[0]} if len(chosen) == 1 else {}
    if len(chosen) > 1:
        wanted = {COMPARE_PARAMETER: ",".join(chosen)}
    for name in (RUN_PARAMETER, COMPARE_PARAMETER):
        if name in wanted:
            st.query_params[name] = wanted[name]
        else:
            st.query_params.pop(name, None)
    st.session_state[ADDRESS_KEY] = _address()
    return chosen


def _draw(chosen: Sequence[Listed], settings: Settings) -> None:
    runs = []
    for one in chosen:
        try:
            runs.append(load_run(one.path))
        except OverlapError as exc:
            st.error(escaped(str(exc)), icon=":material/error:")
    if len(runs) > 1:
        draw_comparison(runs, is_presenting=is_presenting())
    elif runs:
        (run,) = runs
        if run.comment and not is_presenting():
            st.markdown(f"> {escaped(run.comment)}")
        draw_run(run, key=f"run-{run.id}", is_presenting=is_presenting())
        if not is_presenting() and not is_recorded(run):
            left, right = st.columns(2)
            with left:
                _annotate(run, settings)
            with right:
                _delete(run, settings)


def _annotate(run: Run, settings: Settings) -> None:
    with st.popover("Name and note", icon=":material/edit:", width="stretch"), st.form(f"annotate-{run.id}"):
        name = st.text_input("Name", run.name, max_chars=MAX_NAME_CHARS, key=f"name-{run.id}")
        note = st.text_area("Note", run.comment, max_chars=MAX_COMMENT_CHARS, key=f"note-{run.id}")
        if not st.form_submit_button("Save", type="primary"):
            return
        try:
            annotate_run(settings.runs_dir, run.id, name=name, comment=note)
        except (OverlapError, OSError) as exc:
            st.error(escaped(f"It could not be saved. {exc}"), icon=":material/error:")
            return
        st.rerun()


def _delete(run: Run, settings: Settings) -> None:
    with st.popover("Delete this run", icon=":material/delete:", width="stretch"):
        st.markdown("The record is deleted for good. Export it first if you may need it.")
        if st.button("Delete for good", type="primary", key="delete_run", disabled=run.status == "running"):
            try:
                delete_run(settings.runs_dir, run.id)
            except (OverlapError, OSError) as exc:
                st.error(escaped(f"The run could not be deleted. {exc}"), icon=":material/error:")
                return
            st.query_params.pop(RUN_PARAMETER, None)
            del st.session_state[CHOSEN_KEY]
            st.rerun()


def _label(run: Run) -> str:
    if is_recorded(run):
        return f"Recorded: {run.name}"
    what = f"{run.name} · " if run.name else ""
    return f"{what}{minute(run.created_at)} · {run.plan.preset} · {run.plan.target}"


if __name__ == "__main__":
    main()
