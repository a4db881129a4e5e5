"""The progress of an ingest, for every page that starts one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from core.config.settings import Settings
from core.ingest.journal import log_text
from core.ingest.progress import FileProgress, IngestSnapshot, Stage
from core.runtime.words import counted
from pages.components.ingest_remedies import draw_needing_help, draw_offers
from pages.components.ingest_words import done_line, line_at_work, present_line, share_in, steps_told
from pages.components.markdown import escaped
from pages.state.ingests import current_ingest, stop_ingest

# Of many files the ones at work are shown; the rest is a count.
MAX_FILES_SHOWN = 8
# Of many that ended well the rest is a list to unfold; those that need somebody are all shown.
MAX_DONE_SHOWN = 3
MAX_DONE_LISTED = 200
MAX_LOG_LINES = 400
DISMISSED_KEY = "ingest_dismissed"


def draw_ingest(settings: Settings, snapshot: IngestSnapshot | None, *, with_outcome: bool = True) -> None:
    """Show the running ingest live, or how the last one ended until that is dismissed.

    Args:
        settings: Of the visitor whose ingest it is.
        snapshot: The same that the rest of the page goes by: an ingest that ends while the page is drawn
            would else leave fields closed that nobody opens again. None where there was no ingest.
        with_outcome: False shows the running one only.
    """
    if snapshot is None:
        return
    if snapshot.is_running:
        st.session_state.pop(DISMISSED_KEY, None)
        _live(settings)
    elif with_outcome and DISMISSED_KEY not in st.session_state:
        _outcome(settings, snapshot)


@st.fragment(run_every=0.4)
def wait_for_ingest(settings: Settings, name: str) -> None:
    """For what can't be done while documents go into `name`: draw the page anew once that has ended."""
    if not is_ingesting(current_ingest(settings, name)):
        st.rerun()


def is_ingesting(snapshot: IngestSnapshot | None) -> bool:
    """Whether documents were being added at that moment."""
    return snapshot is not None and snapshot.is_running


@st.fragment(run_every=0.4)
def _live(settings: Settings) -> None:
    snapshot = current_ingest(settings)
    if snapshot is None or not snapshot.is_running:
        st.rerun()
    num_final = sum(file.stage.is_final for file in snapshot.files)
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        doing = "Stopping: what is being embedded goes in" if snapshot.is_stopping else "Adding documents"
        left.markdown(f"**{doing}** · {num_final} of {counted(len(snapshot.files), 'file')} ended")
        is_stopping = snapshot.is_stopping
        right.button(
            "Stop all",
            icon=":material/stop:",
            width="stretch",
            key="ingest_stop",
            disabled=is_stopping,
            on_click=stop_ingest,
            args=(settings,),
        )
        active = [(i, file) for i, file in enumerate(snapshot.files) if not file.stage.is_final]
        # The small ones go first, wherever they stand.
        active.sort(key=lambda each: (each[1].stage is Stage.WAITING, each[1].num_chunks is None))
        for index, file in active[:MAX_FILES_SHOWN]:
            _active_file(snapshot, index, file)
        if len(active) > MAX_FILES_SHOWN:
            st.caption(f"… and {len(active) - MAX_FILES_SHOWN} more waiting")
        first_s = snapshot.first_searchable_s
        if first_s is not None:
            st.caption(
                f":material/bolt: First question possible after {first_s:.1f} s. "
                "Questions can be asked already; they search what is in so far."
            )
        draw_needing_help(settings, snapshot)
        _log(snapshot)


def _active_file(snapshot: IngestSnapshot, index: int, file: FileProgress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share_in(file), text=line_at_work(file))
        label = escaped(f"Stop {file.file}")
        if st.button("Stop", icon=":material/close:", key=f"stop-{index}", help=label):
            snapshot.ingest.stop_file(index)
    steps = steps_told(file)
    if steps:
        st.caption(f"So far: {steps}")


def _outcome(settings: Settings, snapshot: IngestSnapshot) -> None:
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(" · ".join(_summary(snapshot)))
        if right.button("Close", width="stretch", key="ingest_close"):
            st.session_state[DISMISSED_KEY] = True
            st.rerun()
        draw_needing_help(settings, snapshot)
        _ended_well(snapshot.files)
        draw_offers(settings, snapshot)
        _log(snapshot)


def _summary(snapshot: IngestSnapshot) -> Iterator[str]:
    yield f"**Finished** after {snapshot.elapsed_s:.1f} s"
    files = snapshot.files
    if len(files) > 1:
        num_done = sum(file.stage is Stage.DONE for file in files)
        num_present = sum(file.stage is Stage.PRESENT for file in files)
        yield f"{num_done:,} of {len(files):,} files added"
        if num_present:
            yield f"{num_present:,} already there"
        if num_open := len(files) - num_done - num_present:
            yield f"**{num_open:,} not added**"
    if snapshot.first_searchable_s is not None:
        yield f"first question possible after {snapshot.first_searchable_s:.1f} s"


def _ended_well(files: Sequence[FileProgress]) -> None:
    done = [file for file in files if file.stage is Stage.DONE]
    for file in done:
        if file.warning:
            st.warning(f"{done_line(file)}. {escaped(file.warning)}", icon=":material/warning:")
    clean = [done_line(file) for file in done if not file.warning]
    for line in clean[:MAX_DONE_SHOWN]:
        st.success(line, icon=":material/check_circle:")
    _unfold(clean[MAX_DONE_SHOWN:], "added")
    present = [present_line(file) for file in files if file.stage is Stage.PRESENT]
    for line in present[:MAX_DONE_SHOWN]:
        st.info(line, icon=":material/done_all:")
    _unfold(present[MAX_DONE_SHOWN:], "already there")


def _unfold(lines: Sequence[str], what: str) -> None:
    if not lines:
        return
    with st.expander(f"{counted(len(lines), 'more document')} {what}", icon=":material/done_all:"):
        st.markdown("\n".join(f"- {line}" for line in lines[:MAX_DONE_LISTED]))
        if len(lines) > MAX_DONE_LISTED:
            st.caption(f"… and {len(lines) - MAX_DONE_LISTED:,} more; the log has them all.")


def _log(snapshot: IngestSnapshot) -> None:
    with st.expander("Log", icon=":material/list_alt:"):
        lines = log_text(snapshot.log).splitlines()
        shown = lines[-MAX_LOG_LINES:]
        if len(lines) > len(shown):
            st.caption(f"The last {len(shown):,} of {len(lines):,} lines; the download has them all.")
        st.code("\n".join(shown), language=None, height=240, wrap_lines=True)
        st.download_button(
            "Download the log",
            lambda: log_text(snapshot.log),
            "overlap-ingest.txt",
            "text/plain",
            icon=":material/download:",
            on_click="ignore",
            key="ingest_log",
        )
