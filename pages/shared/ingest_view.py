"""The progress of an ingest, for every page that starts one."""

from __future__ import annotations

import streamlit as st

from core.config import Settings
from core.records import FileProgress, Stage
from pages.shared.markup import counted, escaped
from pages.shared.resources import current_ingest, stop_ingest

# Of many files the ones at work are shown; the rest is a count.
MAX_FILES_SHOWN = 8
DISMISSED_KEY = "ingest_dismissed"


def draw_ingest(settings: Settings, *, with_outcome: bool = True) -> None:
    """Show the running ingest live; with_outcome: also how the last one ended, until dismissed."""
    snapshot = current_ingest(settings)
    if snapshot is None:
        return
    if snapshot.is_running:
        st.session_state.pop(DISMISSED_KEY, None)
        _live(settings)
    elif with_outcome and DISMISSED_KEY not in st.session_state:
        _outcome(settings)


@st.fragment(run_every=0.4)
def _live(settings: Settings) -> None:
    snapshot = current_ingest(settings)
    if snapshot is None or not snapshot.is_running:
        st.rerun()
    num_final = sum(file.stage.is_final for file in snapshot.files)
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(f"**Adding documents** · {num_final} of {len(snapshot.files)} files ended")
        if right.button("Stop", icon=":material/stop:", width="stretch", key="ingest_stop"):
            stop_ingest(settings)
        active = [file for file in snapshot.files if not file.stage.is_final]
        for file in active[:MAX_FILES_SHOWN]:
            st.progress(_share(file), text=_line(file))
        if len(active) > MAX_FILES_SHOWN:
            st.caption(f"… and {len(active) - MAX_FILES_SHOWN} more waiting")
        if snapshot.num_chunks_added:
            st.caption("Questions can be asked already; they search what is in so far.")


def _share(file: FileProgress) -> float:
    return min(1.0, file.chunks_done / file.num_chunks) if file.num_chunks else 0.0


def _line(file: FileProgress) -> str:
    parts = [f"**{escaped(file.file)}**", str(file.stage)]
    if file.num_chunks is not None:
        parts.append(f"{file.chunks_done} of {file.num_chunks} chunks")
    if file.chunks_per_s is not None:
        parts.append(f"{file.chunks_per_s:.0f} chunks/s")
    if file.eta_s is not None:
        parts.append(f"about {file.eta_s:.0f} s left")
    return " · ".join(parts)


def _outcome(settings: Settings) -> None:
    snapshot = current_ingest(settings)
    assert snapshot is not None
    by_stage = {stage: [file for file in snapshot.files if file.stage is stage] for stage in Stage}
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        first_s = snapshot.first_searchable_s
        first = "" if first_s is None else f" · first question possible after {first_s:.1f} s"
        left.markdown(f"**Finished** after {snapshot.elapsed_s:.1f} s{first}")
        if right.button("Close", width="stretch", key="ingest_close"):
            st.session_state[DISMISSED_KEY] = True
            st.rerun()
        for file in by_stage[Stage.DONE]:
            if file.warning:
                st.warning(f"{_done_line(file)}. {escaped(file.warning)}", icon=":material/warning:")
            else:
                st.success(_done_line(file), icon=":material/check_circle:")
        for file in by_stage[Stage.PRESENT]:
            reason = escaped(" ".join(filter(None, [file.error or "Nothing was added twice.", file.warning])))
            st.info(f"**{escaped(file.file)}** was already there. {reason}", icon=":material/done_all:")
        for file in by_stage[Stage.STOPPED]:
            total = "" if file.num_chunks is None else f" of {file.num_chunks}"
            st.warning(
                f"**{escaped(file.file)}** was stopped after {file.chunks_done}{total} chunks. "
                "They are kept; add the file again to go on from there.",
                icon=":material/stop_circle:",
            )
        for file in by_stage[Stage.FAILED]:
            st.error(escaped(file.error or "failed"), icon=":material/error:")


def _done_line(file: FileProgress) -> str:
    pages = "" if file.num_pages is None else f"{counted(file.num_pages, 'page')}, "
    speed = "" if file.chunks_per_s is None else f" at {file.chunks_per_s:.0f} chunks/s"
    return f"**{escaped(file.file)}**: {pages}{counted(file.chunks_added, 'chunk')} added{speed}"
