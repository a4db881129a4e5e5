"""One turn of the conversation: question, answer with its citations, sources, receipt, what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.conversation import Turn, as_json, as_markdown
from core.answers.models import Answer, Source
from core.config.settings import Settings
from core.runtime.words import counted
from pages.components.markdown import escaped, model_markdown, passage_text
from pages.views.ask.citation_links import linked
from pages.views.ask.file_outcomes import draw_outcome, draw_remedies_of, names_line
from pages.views.ask.sent_files import outcome_of
from pages.views.ask.source_dialog import OLDER_BADGE, SCORE_MEANING, draw_notes
from pages.views.ask.timing_strip import draw_receipt

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

ASSISTANT = ":material/join_inner:"
# A whole turn has some thirty elements: each one on the page delays the next question's first source by 10
# to 14 ms.
NUM_WHOLE_TURNS = 3
# Asks (a question, from which turn on it replaces the conversation).
Ask = Callable[[str, int], None]
OpenSource = Callable[[int, int], None]


def draw_question(question: str, file_names: Sequence[str] = ()) -> None:
    """The visitor's words, as they were typed, and the files that were sent with them."""
    with st.chat_message("user", avatar=":material/person:"):
        if question:
            st.text(question)
        if file_names:
            st.caption(names_line(file_names))


def draw_turn(
    settings: Settings,
    index: int,
    turn: Turn,
    *,
    num_turns: int,
    is_busy: bool,
    ask: Ask,
    open_source: OpenSource,
    ingest: Ingest | None = None,
) -> None:
    """A finished turn; of an old one only the text, with the rest on request.

    Args:
        settings: Of the visitor.
        index: Its place in the conversation, from 0.
        turn: What was asked and answered.
        num_turns: Of the whole conversation; the last `NUM_WHOLE_TURNS` are drawn whole.
        is_busy: Another question is being answered, so nothing can be asked.
        ask: Asks a question anew, in place of a turn and all after it.
        open_source: Gets the turn and the number of the source that was clicked.
        ingest: Of the turn's files; None where it has none.
    """
    draw_question(turn.question, [file.name for file in turn.files])
    with st.chat_message("assistant", avatar=ASSISTANT):
        _draw_files(settings, turn, ingest)
        if not turn.question:
            return
        if turn.extractive is None:
            draw_answer(index, turn.answer)
        else:
            left, right = st.columns(2)
            with left:
                st.markdown(f"**{escaped(turn.answer.model or 'Language model')}**")
                draw_answer(index, turn.answer)
            with right:
                st.markdown("**Extractive**")
                # A model completes a follow-up in its own words: the two may have searched for other things.
                is_linked = turn.extractive.sources == turn.answer.sources
                draw_answer(index, turn.extractive, is_linked=is_linked)
        if index < num_turns - NUM_WHOLE_TURNS and not st.toggle("Sources and more", key=f"whole-{index}"):
            return
        if turn.while_filling:
            st.caption(
                ":material/hourglass_top: Documents were still going in, so a part of them was searched. "
                "Ask again when all are in."
            )
        _draw_sources(index, turn.answer, open_source)
        draw_receipt(turn.answer)
        _draw_earlier(index, turn)
        _draw_actions(index, turn, is_last=index == num_turns - 1, is_busy=is_busy, ask=ask)


def _draw_files(settings: Settings, turn: Turn, ingest: Ingest | None) -> None:
    is_told = False
    if ingest is not None:
        # Files that were tried again since have another outcome now.
        turn.files = outcome_of(ingest)
        is_told = draw_remedies_of(settings, ingest)
    draw_outcome([file for file in turn.files if file.is_in or not is_told], turn.files_refusal)


def draw_conversation_menu(turns: Sequence[Turn], *, is_busy: bool) -> bool:
    """The conversation as files; returns whether a new one is wanted, which needs no answer under way."""
    with st.popover("Conversation", icon=":material/forum:"):
        # Made when it is asked for: a rating is noted later in this run, where its turn is drawn.
        for label, make, name, mime in (
            ("Download as Markdown", lambda: as_markdown(turns), "conversation.md", "text/markdown"),
            ("Download as JSON", lambda: as_json(turns), "conversation.json", "application/json"),
        ):
            st.download_button(label, make, name, mime, on_click="ignore", width="stretch")
        return st.button(
            "Start a new one",
            icon=":material/restart_alt:",
            width="stretch",
            key="new_chat",
            disabled=is_busy,
        )


def draw_answer(index: int, answer: Answer, *, is_linked: bool = True) -> None:
    """The text, with what is to be said about it.

    Args:
        index: Its turn's place in the conversation, from 0.
        answer: May be a part, or only an error.
        is_linked: Its citations open the turn's sources.
    """
    if answer.searched_for:
        st.caption(f"Searched for: {escaped(answer.searched_for)}")
    if answer.mode == "extractive" and answer.sources and not answer.is_refusal:
        st.caption(
            "Extractive answer: the best-matching sentences with what stands beside them, word for word. "
            "No language model used."
        )
    if answer.reasoning:
        with st.expander("Reasoning, which is no part of the answer", icon=":material/psychology:"):
            st.text(answer.reasoning)
    if answer.is_refusal:
        render = escaped if answer.mode == "extractive" else model_markdown
        st.info(render(answer.text), icon=":material/search_off:")
    elif answer.text:
        st.markdown(linked(answer, index, is_linked=is_linked))
    if answer.error:
        st.error(escaped(answer.error), icon=":material/error:")
    elif answer.is_partial:
        st.warning("Stopped. What came is kept.", icon=":material/stop_circle:")


def _draw_sources(index: int, answer: Answer, open_source: OpenSource) -> None:
    used = answer.used
    rest = [source for source in answer.sources if source not in used]
    for source in used:
        _draw_source(index, source, open_source)
    if not rest:
        return
    if not used:
        st.caption(f"{counted(len(rest), 'passage')} found, none named by the answer:")
        for source in rest:
            _draw_source(index, source, open_source)
    elif st.toggle(f"Show {len(rest)} more that were found but not used", key=f"more-{index}"):
        for source in rest:
            _draw_source(index, source, open_source)


def _draw_source(index: int, source: Source, open_source: OpenSource) -> None:
    older = f" · {OLDER_BADGE}" if source.is_older else ""
    with st.expander(
        f"**\\[{source.number}\\]** {escaped(source.place)}{older} · cosine similarity {source.score:.2f}"
    ):
        draw_notes(source)
        st.text(passage_text(source))
        st.button(
            "Open in its place",
            icon=":material/open_in_full:",
            key=f"open-{index}-{source.number}",
            help=SCORE_MEANING,
            on_click=open_source,
            args=(index, source.number),
        )


def _draw_earlier(index: int, turn: Turn) -> None:
    label = f"Show {counted(len(turn.earlier), 'earlier answer')}"
    if not turn.earlier or not st.toggle(label, key=f"earlier-{index}"):
        return
    for earlier in reversed(turn.earlier):
        with st.container(border=True):
            draw_answer(index, earlier.answer, is_linked=False)
            used = earlier.answer.used
            st.caption(" · ".join(f"\\[{source.number}\\] {escaped(source.place)}" for source in used))


def _draw_actions(index: int, turn: Turn, *, is_last: bool, is_busy: bool, ask: Ask) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        rating = st.feedback("thumbs", key=f"rate-{index}", default=_as_number(turn))
        turn.rating = None if rating is None else ("up" if rating else "down")
        if is_last and turn.answer.can_retry:
            label = "Retry" if turn.answer.is_partial else "Regenerate"
            st.button(
                label,
                icon=":material/refresh:",
                key="regenerate",
                disabled=is_busy,
                on_click=ask,
                args=(turn.question, index),
            )
        with st.popover("Edit", icon=":material/edit:", disabled=is_busy):
            key = f"edit-{index}-{turn.question}"
            edited = st.text_area("Ask it differently", turn.question, key=key)
            if not is_last:
                st.caption("What came after this question is replaced.")
            st.button(
                "Send",
                type="primary",
                key=f"resend-{index}",
                disabled=not edited.strip(),
                # Read when it is clicked: what was typed last comes with the click.
                on_click=lambda: ask(st.session_state[key].strip() or turn.question, index),
            )
    if turn.rating:
        turn.reason = st.text_input(
            "Why? Kept in this conversation's export only.", turn.reason, key=f"why-{index}"
        )


def _as_number(turn: Turn) -> int | None:
    return None if turn.rating is None else int(turn.rating == "up")
