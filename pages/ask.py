"""Chat over the knowledge base: answers stream in and name the passage they come from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.conversation import Turn, exchanges
from core.answers.llm import llm_label
from core.config.settings import Settings
from core.documents.models import DocumentSummary, partly_in
from core.documents.sources.incoming import IncomingFile
from core.errors import OverlapError, QuotaError
from core.runtime.words import counted
from pages.components.ingest_progress import draw_ingest
from pages.components.kb_picker import choose_kb, opened
from pages.components.layout import page_head, setup_page, to_page
from pages.components.llm_form import visitor_llm
from pages.components.local_model_form import draw_local_models
from pages.components.markdown import escaped, model_markdown
from pages.components.misfit import draw_misfit
from pages.components.uploads import name_of, release, take
from pages.state.current_kb import current_kb
from pages.state.ingests import Filling, current_ingest, filling, start_ingest
from pages.state.opened import open_knowledge_base
from pages.state.presence import presence, session_id
from pages.state.quota import count_question, upload_limit_mb
from pages.views.ask.answer_job import AnswerJob
from pages.views.ask.chat import Chat, begin, current_chat, keep_last_question
from pages.views.ask.citation_links import clicked_citation
from pages.views.ask.file_outcomes import draw_sent
from pages.views.ask.invitation import draw_invitation, draw_suggestions
from pages.views.ask.search_settings import chosen_retrieval, draw_search_settings, search_all_documents
from pages.views.ask.sent_files import Message, send
from pages.views.ask.source_dialog import PAGE_KEY, open_source
from pages.views.ask.turn import ASSISTANT, draw_conversation_menu, draw_question, draw_turn

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile
    from streamlit.typing import ChatInputValue

    from core.knowledge_base import KnowledgeBase

OPEN_KEY = "open_source"  # (turn, source number) to open in this run
INPUT_KEY = "question"
BOTH_KEY = "answer_both_ways"
REFUSED_KEY = "ask_refused"  # why the last question, or the samples, were not taken


def main() -> None:
    """Draw the page: the conversation, what is being answered, and the field for the next question."""
    settings = setup_page("Ask")
    page_head("Ask your documents")
    choose_kb(settings)
    chat = current_chat(settings)
    if chat.job is None and chat.sent is not None and not chat.sent.is_running:
        chat.finish_files()
    sent, job = chat.sent, chat.job
    found = opened(settings, read_again=job is None)
    if found is not None:
        _draw_head(settings, *found, chat)
    if sent is None or sent.ingest is None:
        draw_ingest(settings, current_ingest(settings), with_outcome=False)
    _draw_turns(settings, chat)
    if sent is not None:
        draw_question(sent.message.question, sent.message.names)
        with st.chat_message("assistant", avatar=ASSISTANT):
            draw_sent(settings, sent)
    elif job is not None:
        draw_question(job.question)
    if job is not None:
        _answering(settings)
    if clicked := clicked_citation():
        _open(*clicked)
    if found is not None:
        _draw_opened(settings, chat.turns)
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(escaped(refused), icon=":material/hourglass_disabled:")
    # The callback comes before the page is drawn, which takes time once there are many answers on it.
    st.chat_input(
        "Ask a question, or drop files here",
        key=INPUT_KEY,
        accept_file="multiple",
        max_upload_size=upload_limit_mb(settings),
        disabled=chat.is_busy,
        on_submit=lambda: _submit(settings, st.session_state[INPUT_KEY]),
    )


def _draw_turns(settings: Settings, chat: Chat) -> None:
    for index, turn in enumerate(chat.turns):
        draw_turn(
            settings,
            index,
            turn,
            num_turns=len(chat.turns),
            is_busy=chat.is_busy,
            ask=lambda question, at: _ask(settings, question, at=at),
            open_source=_open,
            ingest=chat.ingests.get(index),
        )


def _submit(settings: Settings, entered: ChatInputValue) -> None:
    """Take what was entered: a question, files, or both."""
    if entered.files:
        _send(settings, entered.text.strip(), entered.files)
    elif entered.text.strip():
        _ask(settings, entered.text)
    else:
        st.session_state[REFUSED_KEY] = "The connection was lost, and the files with it. Choose them again."


def _send(settings: Settings, question: str, files: Sequence[UploadedFile]) -> None:
    """Take files in, in the background; a question that came along waits for them."""
    if question:
        try:
            count_question(settings, question)
        except QuotaError as exc:
            st.session_state[REFUSED_KEY] = f"The files are taken in, the question is not: {exc}"
            question = ""
    take(files, set())
    release(files)
    message = Message(
        question=question,
        files=[IncomingFile(name=name_of(file), size_bytes=file.size, read=file.getvalue) for file in files],
        knowledge_base=current_kb(),
        session=session_id(),
        is_open=presence(),
    )
    chat = current_chat(settings)
    begin(settings, chat)
    chat.sent = send(settings, message)
    if question:
        _answer(settings, chat, question)


def _ask(settings: Settings, question: str, *, at: int | None = None) -> None:
    """Start to answer, unless the host of a shared app refuses the question.

    The turn `at` is replaced, with all after it; None makes a new one.
    """
    try:
        count_question(settings, question)
    except QuotaError as exc:
        st.session_state[REFUSED_KEY] = str(exc)
        return
    chat = current_chat(settings)
    begin(settings, chat)
    if at is not None:
        chat.replace_from(at)
    _answer(settings, chat, question)


def _answer(settings: Settings, chat: Chat, question: str) -> None:
    """Start to answer, from files too that came with the question."""
    name, sent = current_kb(), chat.sent
    job_of = partial(
        AnswerJob,
        question,
        open_knowledge_base(settings, name),
        retrieval=chosen_retrieval(),
        knowledge_base_name=name,
        filling=partial(filling, settings, name),
        is_sent_in=lambda: sent is None or not sent.is_running,
        conversation=exchanges(chat.turns),
    )
    llm = visitor_llm(settings)
    chat.job = job_of(llm_settings=llm).start()
    if llm is not None and st.session_state.get(BOTH_KEY):
        chat.beside = job_of(llm_settings=None).start()


def _draw_head(settings: Settings, kb: KnowledgeBase, documents: list[DocumentSummary], chat: Chat) -> None:
    """What can be asked, who answers, and how it is searched."""
    llm = visitor_llm(settings)
    mode = "extractive answers, no language model is set" if llm is None else f"answers by {llm_label(llm)}"
    num_chunks = sum(document.chunks_present for document in documents)
    is_filling = not documents and filling(settings, current_kb()) is not Filling.NOT
    held = f"{counted(len(documents), 'document')} · {counted(num_chunks, 'chunk')}"
    st.caption(f"{'documents are going in' if is_filling else held} · {escaped(mode)}")
    _draw_cut_short(settings, documents)
    if not documents:
        search_all_documents()
        if not (chat.turns or is_filling or chat.is_busy):
            draw_invitation(
                settings,
                lambda files: _send(settings, "", files),
                partial(_load_samples, settings, current_kb()),
            )
        return
    draw_misfit(kb.embedder.name, documents)
    with st.container(horizontal=True):
        draw_search_settings(documents)
        if llm is not None:
            st.session_state[BOTH_KEY] = st.toggle(
                "Extractive answer beside it", st.session_state.get(BOTH_KEY, False), key="set_both"
            )
        elif not settings.is_shared:
            with st.popover("Answers by a model on this machine", icon=":material/smart_toy:"):
                draw_local_models(settings, key="ask")
        if chat.turns and draw_conversation_menu(chat.turns, is_busy=chat.is_busy):
            chat.clear()
            begin(settings, chat)
            st.rerun()
    if not chat.turns and chat.job is None:
        newest_first = sorted(documents, key=lambda document: document.ingested_at, reverse=True)
        draw_suggestions([document.file for document in newest_first], partial(_ask, settings))


def _draw_cut_short(settings: Settings, documents: list[DocumentSummary]) -> None:
    """How many documents answers know only a part of, with the way to them."""
    said = partly_in(sum(not document.is_complete for document in documents))
    # Of those that are going in the progress is on the page.
    if said and filling(settings, current_kb()) is Filling.NOT:
        to_page("pages/documents.py", said, ":material/rule:")


def _load_samples(settings: Settings, name: str) -> None:
    from core.documents.sources.paths import files_of
    from core.evaluation.samples import sample_files

    try:
        start_ingest(settings, files_of(sample_files()), name)
    except OverlapError as exc:
        st.session_state[REFUSED_KEY] = str(exc)


@st.fragment(run_every=0.1)
def _answering(settings: Settings) -> None:
    """The answer as it comes, with Stop."""
    chat = current_chat(settings)
    job = chat.job
    if job is None:
        st.rerun()  # another page has the conversation now
    if chat.sent is not None and chat.sent.is_running:
        return  # what stops files stands beside them
    with st.chat_message("assistant", avatar=ASSISTANT):
        if st.button("Stop", icon=":material/stop:", key="answer_stop"):
            chat.stop_answering()
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
    if not chat.is_answering:
        st.session_state[REFUSED_KEY] = chat.finish()
        keep_last_question(chat)
        st.rerun()


def _places(job: AnswerJob) -> str:
    return ", ".join(dict.fromkeys(escaped(source.place) for source in job.sources))


def _open(turn: int, number: int) -> None:
    st.session_state[OPEN_KEY] = (turn, number)
    st.session_state.pop(PAGE_KEY, None)


def _draw_opened(settings: Settings, turns: list[Turn]) -> None:
    turn, number = st.session_state.pop(OPEN_KEY, (-1, -1))
    if 0 <= turn < len(turns) and 1 <= number <= len(turns[turn].answer.sources):
        open_source(settings, turns[turn].knowledge_base, turn, number, turns[turn].answer.sources)


if __name__ == "__main__":
    main()
