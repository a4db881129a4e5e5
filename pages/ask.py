"""Chat over the knowledge base: answers stream in and name the passage they come from."""

from __future__ import annotations

import streamlit as st

from core.config import Settings
from core.records import Answer, Source
from core.retrieval import Retrieval
from pages.shared.answering import AnswerJob
from pages.shared.ingest_view import draw_ingest
from pages.shared.kb_view import opened
from pages.shared.markup import counted, escaped, model_markdown, passage_text
from pages.shared.page import setup_page
from pages.shared.resources import open_knowledge_base, start_ingest

HISTORY_KEY = "chat_history"  # list of (question, Answer)
JOB_KEY = "chat_job"


def main() -> None:
    settings = setup_page("Ask")
    st.title("Ask your documents")
    history: list[tuple[str, Answer]] = st.session_state.setdefault(HISTORY_KEY, [])
    job: AnswerJob | None = st.session_state.get(JOB_KEY)
    _state(settings, has_history=bool(history or job))
    draw_ingest(settings, with_outcome=False)
    for index, (question, answer) in enumerate(history):
        _draw_question(question)
        with st.chat_message("assistant", avatar=":material/join_inner:"):
            _draw_answer(answer)
            if answer.is_partial and index == len(history) - 1 and job is None:
                st.button("Retry", icon=":material/refresh:", key="retry", on_click=_retry, args=(settings,))
    if job is not None:
        _draw_question(job.question)
        _answering()
    if asked := st.chat_input("Ask a question about your documents", disabled=job is not None):
        _ask(settings, asked)
        st.rerun()


def _ask(settings: Settings, question: str) -> None:
    st.session_state[JOB_KEY] = AnswerJob(question, open_knowledge_base(settings), retrieval=Retrieval())


def _retry(settings: Settings) -> None:
    question, _ = st.session_state[HISTORY_KEY].pop()
    _ask(settings, question)


def _state(settings: Settings, *, has_history: bool) -> None:
    """What can be asked, and who answers."""
    found = opened(settings)
    if found is None:
        return
    kb, documents = found
    mode = "extractive answers, no language model is set" if kb.llm is None else f"answers by {kb.llm_label}"
    num_chunks = sum(document.chunks_present for document in documents)
    st.caption(f"{counted(len(documents), 'document')} · {counted(num_chunks, 'chunk')} · {escaped(mode)}")
    if not has_history:
        _suggest(settings, [document.file for document in documents])


def _suggest(settings: Settings, files: list[str]) -> None:
    from core.samples import SUGGESTED_QUESTIONS, sample_files

    names = {path.name for path in sample_files()}
    if not files:
        with st.container(border=True):
            st.markdown("#### Nothing here yet")
            st.markdown(
                "Upload documents of your own, or try six short ones about async, Milvus and measuring."
            )
            left, right = st.columns(2)
            if left.button(
                "Upload documents", icon=":material/upload_file:", type="primary", width="stretch"
            ):
                st.switch_page("pages/documents.py")
            if right.button("Load the sample documents", icon=":material/auto_stories:", width="stretch"):
                from core.knowledge import files_of

                start_ingest(settings, files_of(sample_files()))
                st.rerun()
    elif names & set(files):
        st.markdown("**Try one of these**")
        for question in SUGGESTED_QUESTIONS:
            st.button(
                question, key=f"suggest-{question}", on_click=_ask, args=(settings, question), width="stretch"
            )


@st.fragment(run_every=0.1)
def _answering() -> None:
    """The answer as it comes, with Stop."""
    job: AnswerJob | None = st.session_state.get(JOB_KEY)
    if job is None:
        return
    with st.chat_message("assistant", avatar=":material/join_inner:"):
        if st.button("Stop", icon=":material/stop:", key="answer_stop"):
            job.stop()
        if job.text:
            st.markdown(model_markdown(job.text))
        elif job.is_waiting_for_model:
            st.caption("Loading the embedding model …")
        else:
            st.caption("Searching …" if not job.sources else "Reading the passages …")
    if not job.is_running:
        st.session_state[HISTORY_KEY].append((job.question, job.answer))
        del st.session_state[JOB_KEY]
        st.rerun()


def _draw_question(question: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.text(question)


def _draw_answer(answer: Answer) -> None:
    if answer.mode == "extractive":
        if answer.sources:
            st.caption(
                "Extractive answer: the best-matching sentences, word for word. No language model is set."
            )
        st.markdown(escaped(answer.text))
    elif answer.text:
        st.markdown(model_markdown(answer.text))
    if answer.error:
        st.error(escaped(answer.error), icon=":material/error:")
    elif answer.is_partial:
        st.warning("Stopped. What came is kept.", icon=":material/stop_circle:")
    for source in answer.sources:
        _draw_source(source)
    if "total" in answer.timings_s:
        steps = " · ".join(
            f"{name.replace('_', ' ')} {1000 * seconds:.0f} ms" for name, seconds in answer.timings_s.items()
        )
        st.caption(steps)


def _draw_source(source: Source) -> None:
    with st.expander(
        f"**\\[{source.number}\\]** {escaped(source.place)} · cosine similarity {source.score:.2f}"
    ):
        st.text(passage_text(source))


if __name__ == "__main__":
    main()
