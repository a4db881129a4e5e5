"""How often the right passage is found: questions with known answers, run over the knowledge base."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.retrieval import MMR_WEIGHT, Retrieval
from core.config.settings import Settings
from core.documents.languages import language_name
from core.documents.models import DocumentSummary
from core.errors import EvaluationError, QuotaError
from core.evaluation.evaluate import CUTOFFS, Rate, Result, outcome_row
from core.evaluation.questions import Question, missing_files, questions_of_file, sample_questions
from core.evaluation.samples import sample_files
from core.runtime.csv import csv_text
from core.runtime.jobs import JobState
from core.runtime.words import counted
from pages.components.chart import draw_chart, for_screen
from pages.components.kb_picker import choose_kb, opened
from pages.components.layout import empty_place, page_head, setup_page, to_page
from pages.components.markdown import escaped
from pages.components.screen import watch_width
from pages.components.uploads import draw_gone
from pages.components.while_running import draw_while_running
from pages.state.app_state import jobs
from pages.state.evaluation_job import EvaluationJob, evaluation_key
from pages.state.quota import count_measurement

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

FILE_KEY = "evaluate_file"
REFUSED_KEY = "evaluation_refused"  # why the last one was not begun
BUNDLED, OWN = "Sample questions", "My own questions"
OTHERS = "Sample questions in German, Spanish, Chinese"
EXAMPLE = """\
{"question": "What is a time tick?", "file": "consistency-levels.md", "contains": "A time tick says"}
{"question": "Who won the cup?", "file": null, "contains": null}"""


def main() -> None:
    """Draw the page: the questions, the button to measure, and how far it is or what was found."""
    settings = setup_page("Evaluate", wide=True)
    watch_width()
    page_head(
        "Evaluate",
        "How often does search find the right passage? Measured by questions whose answers are known.",
    )
    choose_kb(settings)
    found = opened(settings)
    if found is None:
        return
    kb, documents = found
    # Kept by the app, not by the page: a reload finds it again, with its Stop.
    job = jobs.get(EvaluationJob, evaluation_key(settings.target, kb.store.info.collection))
    is_running = job is not None and job.is_running
    if refused := st.session_state.pop(REFUSED_KEY, None):
        st.warning(escaped(refused), icon=":material/hourglass_disabled:")
    # Drawn while it is measured, too: a field that is left out forgets its file.
    questions = _questions(documents)
    if questions:
        st.button(
            f"Measure with {counted(len(questions), 'question')}",
            type="primary",
            icon=":material/play_arrow:",
            key="evaluate_start",
            disabled=is_running,
            on_click=_start,
            args=(settings, questions, kb),
        )
    if job is not None and is_running:
        draw_while_running(job, lambda: _live(job))
    elif job is not None:
        _outcome(job)


def _questions(documents: list[DocumentSummary]) -> tuple[Question, ...]:
    """The questions that are chosen; empty while there are none, and the page says why."""
    if not documents:
        with empty_place(
            "The knowledge base is empty, so there is nothing to find yet. The samples on Ask bring "
            "questions of their own along."
        ):
            to_page("pages/ask.py", "Load the samples", ":material/auto_stories:")
        return ()
    names = {document.file for document in documents}
    has_samples = {path.name for path in sample_files()} <= names
    source = st.segmented_control(
        "Questions", [BUNDLED, OTHERS, OWN], default=BUNDLED if has_samples else OWN, key="evaluate_source"
    )
    if source in {BUNDLED, OTHERS}:
        try:
            return sample_questions(names, are_in_english=source == BUNDLED)
        except EvaluationError as exc:
            st.info(escaped(str(exc)), icon=":material/inbox:")
            return ()
    return _own_questions(names)


def _own_questions(names: set[str]) -> tuple[Question, ...]:
    upload = st.file_uploader(
        "Question file: JSON lines or CSV", type=["jsonl", "json", "csv", "tsv"], key=FILE_KEY
    )
    draw_gone(FILE_KEY)
    if upload is None:
        with st.expander("What the file looks like", icon=":material/help:"):
            st.markdown(
                "One question on each line, with the name of the file that answers it and a piece of its "
                "text, word for word. A question that no document answers has null for both. "
                "A CSV file has the same columns, with their names in its first line."
            )
            st.code(EXAMPLE, language="json", wrap_lines=True)
        return ()
    try:
        questions = questions_of_file(upload.name, upload.getvalue())
    except EvaluationError as exc:
        st.error(escaped(str(exc)), icon=":material/error:")
        return ()
    if missing := missing_files(questions, names):
        st.warning(escaped(missing), icon=":material/warning:")
    return questions


def _start(settings: Settings, questions: tuple[Question, ...], kb: KnowledgeBase) -> None:
    try:
        count_measurement(settings)
    except QuotaError as exc:
        st.session_state[REFUSED_KEY] = str(exc)
        return
    ways = {
        "Meaning and words": Retrieval(),
        "Meaning and words, MMR": Retrieval(mmr=MMR_WEIGHT),
        "Meaning only": Retrieval(mode="dense"),
    }
    key = evaluation_key(settings.target, kb.store.info.collection)
    jobs.begin(EvaluationJob, key, lambda: EvaluationJob(questions, kb, ways))


def _live(job: EvaluationJob) -> None:
    st.progress(job.done / job.total, f"{job.done:,} of {job.total:,} searches")
    st.button("Stop", icon=":material/stop_circle:", key="evaluate_stop", on_click=job.stop)


def _outcome(job: EvaluationJob) -> None:
    if job.error:
        st.error(escaped(job.error), icon=":material/error:")
    elif job.state is JobState.STOPPED:
        st.warning("Stopped. What was finished is kept.", icon=":material/stop_circle:")
    if not job.results:
        return
    from core.charts.evaluation import HOW_TO_READ, hit_rates

    st.caption(escaped(f"Knowledge base: {job.kb_name}"))
    draw_chart(for_screen(hit_rates(job.results)), key="evaluate_chart", file_name="overlap-evaluation")
    with st.expander("How to read this"):
        st.markdown(HOW_TO_READ)
    st.dataframe(
        [{"search by": label, **_figures(result)} for label, result in job.results.items()],
        hide_index=True,
        width="stretch",
    )
    label = st.segmented_control(
        "Questions in detail", list(job.results), default=next(iter(job.results)), required=True
    )
    if label:
        _by_language(job.results[label])
        rows = [outcome_row(each) for each in job.results[label].outcomes]
        st.dataframe(rows, hide_index=True, width="stretch", height=420)
    _downloads(job.results)


def _by_language(result: Result) -> None:
    """The figures of each language, where the questions are in several."""
    if len(result.languages) < 2:
        return
    st.dataframe(
        [
            {
                "language": language_name(language) if language else "not clear",
                "questions": len((own := result.of_language(language)).outcomes),
                **_figures(own),
            }
            for language in result.languages
        ],
        hide_index=True,
        width="stretch",
    )


def _figures(result: Result) -> dict[str, str]:
    return {
        **{f"found in first {k}": _shown(result.hit_rate(k)) for k in CUTOFFS},
        "MRR": "-" if result.mrr is None else f"{result.mrr:.2f}",
        "rightly rejected": _shown(result.rejection),
        "wrongly rejected": _shown(result.wrongly_rejected),
    }


def _shown(rate: Rate) -> str:
    if rate.value is None or rate.interval is None:
        return "-"
    return f"{rate.value:.0%} ({rate.interval[0]:.0%} to {rate.interval[1]:.0%})"


def _downloads(results: dict[str, Result]) -> None:
    whole = {label: result.to_dict() for label, result in results.items()}
    rows = [
        {"search_by": label, **outcome_row(each)}
        for label, result in results.items()
        for each in result.outcomes
    ]
    with st.container(horizontal=True):
        st.download_button(
            "Download JSON", json.dumps(whole, indent=2, ensure_ascii=False), "evaluation.json",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download CSV", csv_text(rows), "evaluation.csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


if __name__ == "__main__":
    main()
