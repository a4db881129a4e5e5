"""Chat over the knowledge base: answers stream in and name the passage they come from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.conversation import Turn, as_json, as_markdown, exchanges
from core.answers.llm import llm_label
from core.config.settings import Settings
from core.documents.models import DocumentSummary
from core.errors import QuotaError
from pages.components.ingest_progress import draw_ingest
from pages.components.kb_picker import choose_kb, opened
from pages.components.layout import setup_page
from pages.components.markdown import counted, escaped, model_markdown
from pages.components.misfit import draw_misfit
from pages.state.app_state import Filling, current_ingest, filling, open_knowledge_base, start_ingest
from pages.state.current_kb import current_kb
from pages.state.quota import count_question, draw_whose_documents
from pages.views.ask.answer_job import LAST_ASKED_KEY, AnswerJob
from pages.views.ask.citation_links import clicked_citation
from pages.views.ask.search_settings import chosen_retrieval, draw_search_settings
from pages.views.ask.source_dialog import PAGE_KEY, open_source
from pages.views.ask.turn import ASSISTANT, draw_question, draw_turn
from pages.views.system.llm_form import visitor_llm

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

TURNS_KEY = "chat_turns"  # list of Turn
JOB_KEY = "chat_job"  # the AnswerJob at work
BESIDE_KEY = "chat_job_beside"  # the extractive AnswerJob at its side, where both were wanted
OPEN_KEY = "open_source"  # (turn, source number) to open in this run
INPUT_KEY = "question"
BOTH_KEY = "answer_both_ways"
REFUSED_KEY = "ask_refused"  # why the last question, or the samples, were not taken


def main() -> None:
    settings = setup_page("Ask")
    st.title("Ask your documents")
    choose_kb(settings)
    turns: list[Turn] = st.session_state.setdefault(TURNS_KEY, [])
    job: AnswerJob | None = st.session_state.get(JOB_KEY)
    found = opened(settings, read_again=job is None)
    if found is not None:
        _draw_head(settings, *found, turns)
    draw_ingest(settings, current_ingest(settings), with_outcome=False)
    for index, turn in enumerate(turns):
        draw_turn(
            index,
            turn,
            num_turns=len(turns),
            is_busy=job is not None,
            ask=lambda question, at: _ask(settings, question, at=at),
            open_source=_open,
        )
    if job is not None:
        draw_question(job.question)
        _answering()
    if clicked := clicked_citation():
        _open(*clicked)
    if found is not None:
        _draw_opened(settings, found[0], turns)
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(escaped(refused), icon=":material/hourglass_disabled:")
    # The callback comes before the page is drawn, which takes time once there are many answers on it.
    st.chat_input(
        "Ask a question about your documents",
        key=INPUT_KEY,
        disabled=job is not None,
        on_submit=lambda: _ask(settings, st.session_state[INPUT_KEY]),
    )


def _ask(settings: Settings, question: str, *, at: int | None = None) -> None:
    """Start to answer. at: the turn that it replaces with all after it; a new one when not given."""
    try:
        count_question(settings, question)
    except QuotaError as exc:
        st.session_state[REFUSED_KEY] = str(exc)
        return
    turns: list[Turn] = st.session_state[TURNS_KEY]
    if at is not None:
        del turns[at:]
    name = current_kb()
    job_of = partial(
        AnswerJob,
        question,
        open_knowledge_base(settings, name),
        retrieval=chosen_retrieval(),
        filling=partial(filling, settings, name),
    )
    llm = visitor_llm(settings)
    st.session_state[JOB_KEY] = job_of(llm_settings=llm, conversation=exchanges(turns)).start()
    if llm is not None and st.session_state.get(BOTH_KEY):
        st.session_state[BESIDE_KEY] = job_of(llm_settings=None).start()


def _draw_head(
    settings: Settings, kb: KnowledgeBase, documents: list[DocumentSummary], turns: list[Turn]
) -> None:
    """What can be asked, who answers, and how it is searched."""
    llm = visitor_llm(settings)
    mode = "extractive answers, no language model is set" if llm is None else f"answers by {llm_label(llm)}"
    num_chunks = sum(document.chunks_present for document in documents)
    st.caption(f"{counted(len(documents), 'document')} · {counted(num_chunks, 'chunk')} · {escaped(mode)}")
    if not documents:
        if filling(settings, current_kb()) is Filling.NOT:
            _invite(settings)
        return
    draw_misfit(kb.embedder.name, [document.language for document in documents])
    with st.container(horizontal=True):
        draw_search_settings(documents)
        if llm is not None:
            st.session_state[BOTH_KEY] = st.toggle(
                "Extractive answer beside it", st.session_state.get(BOTH_KEY, False), key="set_both"
            )
        if turns:
            _draw_conversation_menu(turns)
    if not turns and JOB_KEY not in st.session_state:
        _suggest(settings, [document.file for document in documents])


def _invite(settings: Settings) -> None:
    with st.container(border=True):
        st.markdown("#### Nothing here yet")
        st.markdown("Upload documents of your own, or try six short ones about async, Milvus and measuring.")
        draw_whose_documents(settings)
        left, right = st.columns(2)
        if left.button("Upload documents", icon=":material/upload_file:", type="primary", width="stretch"):
            st.switch_page("pages/documents.py")
        # A callback: who asks at once stops the run before it comes to what the click is for. For the same
        # reason all that it needs is handed over: where it looked into the session, it could be stopped too.
        right.button(
            "Load the sample documents",
            icon=":material/auto_stories:",
            width="stretch",
            on_click=_load_samples,
            args=(settings, current_kb()),
        )


def _load_samples(settings: Settings, name: str) -> None:
    from core.evaluation.samples import sample_files
    from core.knowledge_base import files_of

    try:
        start_ingest(settings, files_of(sample_files()), name)
    except QuotaError as exc:
        st.session_state[REFUSED_KEY] = str(exc)


def _suggest(settings: Settings, files: list[str]) -> None:
    from core.evaluation.samples import SUGGESTED_QUESTIONS, sample_files

    if not {path.name for path in sample_files()} & set(files):
        return
    st.markdown("**Try one of these**")
    for question in SUGGESTED_QUESTIONS:
        st.button(
            question, key=f"suggest-{question}", on_click=_ask, args=(settings, question), width="stretch"
        )


def _draw_conversation_menu(turns: list[Turn]) -> None:
    with st.popover("Conversation", icon=":material/forum:"):
        st.download_button(
            "Download as Markdown", as_markdown(turns), "conversation.md", "text/markdown", width="stretch"
        )
        st.download_button(
            "Download as JSON", as_json(turns), "conversation.json", "application/json", width="stretch"
        )
        if st.button("Start a new one", icon=":material/restart_alt:", width="stretch", key="new_chat"):
            turns.clear()
            st.rerun()


@st.fragment(run_every=0.1)
def _answering() -> None:
    """The answer as it comes, with Stop."""
    job: AnswerJob | None = st.session_state.get(JOB_KEY)
    beside: AnswerJob | None = st.session_state.get(BESIDE_KEY)
    if job is None:
        return
    with st.chat_message("assistant", avatar=ASSISTANT):
        if st.button("Stop", icon=":material/stop:", key="answer_stop"):
            job.stop()
            if beside is not None:
                beside.stop()
        if job.text:
            st.markdown(model_markdown(job.text))
        elif job.is_waiting_for_model:
            st.caption("Loading the embedding model …")
        elif job.is_waiting_for_documents:
            st.caption("Waiting for the documents that are going in …")
        elif not job.sources:
            st.caption("Searching …")
        elif job.reasoning:
            st.caption(f"Reasoning … {counted(len(job.reasoning.split()), 'word')} so far")
        else:
            st.caption(f"Reading {counted(len(job.sources), 'passage')}: " + _places(job))
    if not (job.is_running or (beside is not None and beside.is_running)):
        _keep(job, beside)
        st.rerun()


def _places(job: AnswerJob) -> str:
    return ", ".join(dict.fromkeys(escaped(source.place) for source in job.sources))


def _keep(job: AnswerJob, beside: AnswerJob | None) -> None:
    turn = Turn(
        question=job.question,
        answer=job.answer,
        extractive=None if beside is None else beside.answer,
        knowledge_base=current_kb(),
        retrieval=job.retrieval,
        while_filling=job.was_filling,
    )
    st.session_state[TURNS_KEY].append(turn)
    st.session_state[LAST_ASKED_KEY] = (turn.answer.searched_for or turn.question, turn.answer.sources)
    del st.session_state[JOB_KEY]
    st.session_state.pop(BESIDE_KEY, None)


def _open(turn: int, number: int) -> None:
    st.session_state[OPEN_KEY] = (turn, number)
    st.session_state.pop(PAGE_KEY, None)


def _draw_opened(settings: Settings, kb: KnowledgeBase, turns: list[Turn]) -> None:
    turn, number = st.session_state.pop(OPEN_KEY, (-1, -1))
    if 0 <= turn < len(turns) and 1 <= number <= len(turns[turn].answer.sources):
        open_source(settings, kb, turn, number, turns[turn].answer.sources)


if __name__ == "__main__":
    main()
