"""Files in the conversation: how far they are, what somebody has to decide, what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.conversation import SentFile
from core.config.settings import Settings
from core.ingest.progress import Stage
from core.runtime.words import listed
from pages.components.ingest_progress import draw_ingest
from pages.components.ingest_remedies import draw_remedies
from pages.components.markdown import escaped
from pages.components.same_name_form import draw_same_name, is_to_replace
from pages.components.times import with_visitors_times
from pages.components.while_running import draw_while_running
from pages.state.current_kb import current_kb
from pages.state.ingests import current_ingest
from pages.views.ask.sent_files import SentFiles

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

SAME_NAME_KEY = "sent_same_name"
# Of many files the others are a count.
MAX_SHOWN = 12


def names_line(names: Sequence[str]) -> str:
    """The files of a message, as Markdown."""
    return f":material/attach_file: {escaped(listed(names))}"


def draw_sent(settings: Settings, sent: SentFiles) -> None:
    """How far the files of a message are, or what became of them; their end draws the page anew."""
    if not sent.is_running:
        draw_outcome(sent.outcome, sent.error or "")
        return
    _draw_going_in(settings, sent)
    if sent.message.question:
        st.caption(":material/schedule: Your question is answered as soon as they are in.")


def _draw_going_in(settings: Settings, sent: SentFiles) -> None:
    if sent.conflicts:
        _ask_about_names(sent)
    elif sent.message.knowledge_base != current_kb():
        name = escaped(sent.message.knowledge_base)
        draw_while_running(sent, lambda: st.caption(f"Adding documents to “{name}”."))
    elif sent.ingest is None:
        draw_while_running(sent, lambda: _waiting(sent))
    else:
        draw_ingest(settings, sent.snapshot, with_outcome=False)
        # An ingest that has ended says so a moment before its files are told.
        draw_while_running(sent, lambda: None)


def _waiting(sent: SentFiles) -> None:
    if sent.conflicts or sent.ingest is not None:
        st.rerun()
    st.caption(
        ":material/schedule: Another ingest is running; these are added when it has ended."
        if sent.is_behind
        else ":material/hourglass_top: Getting ready to take them in."
    )
    _leave_out(sent)


def _ask_about_names(sent: SentFiles) -> None:
    draw_same_name(sent.incoming, sent.conflicts, SAME_NAME_KEY)
    with st.container(horizontal=True):
        st.button(
            "Add", type="primary", icon=":material/add:", key="sent_add", on_click=_decide, args=(sent,)
        )
        _leave_out(sent)
    draw_while_running(sent, lambda: None if sent.conflicts else st.rerun())


def _decide(sent: SentFiles) -> None:
    sent.decide(replacing=is_to_replace(SAME_NAME_KEY))


def _leave_out(sent: SentFiles) -> None:
    st.button("Leave out", icon=":material/close:", key="sent_none", on_click=sent.stop)


def draw_outcome(files: Sequence[SentFile], refusal: str) -> None:
    """What became of the files, quietly where all is well."""
    for file in files[:MAX_SHOWN]:
        if not file.outcome:
            continue
        told = escaped(with_visitors_times(file.outcome))
        if file.is_in:
            st.caption(f":green[:material/check_circle:] **{escaped(file.name)}** · {told}")
        else:
            name = "" if file.name in file.outcome else f"**{escaped(file.name)}** "
            st.warning(f"{name}{told}", icon=":material/error:")
    if (more := len(files) - MAX_SHOWN) > 0:
        num_out = sum(not file.is_in for file in files[MAX_SHOWN:])
        st.caption(f"… and {more:,} more" + (f", {num_out:,} of them not added" if num_out else ""))
    if refusal:
        st.warning(escaped(refusal), icon=":material/error:")


def draw_remedies_of(settings: Settings, ingest: Ingest) -> bool:
    """What can be done about files that could not be read, while that ingest is the last one.

    Whether it says why they could not, so that nobody else has to.
    """
    snapshot = current_ingest(settings)
    if snapshot is None or snapshot.ingest is not ingest or snapshot.is_running:
        return False
    draw_remedies(settings, snapshot)
    return any(file.stage in {Stage.FAILED, Stage.STOPPED} for file in snapshot.files)
