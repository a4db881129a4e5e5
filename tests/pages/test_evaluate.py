"""The page that measures how well search finds the right passage."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.knowledge_base import KnowledgeBase
from pages.state.app_state import jobs
from pages.state.evaluation_job import EvaluationJob
from tests.pages.conftest import OpenPage, texts
from tests.pages.evaluating import OWN, ingest_samples

OTHERS = "Sample questions in German, Spanish, Chinese"


def _measured(page: AppTest) -> AppTest:
    page.button(key="evaluate_start").click().run()
    assert not page.exception
    jobs.of_kind(EvaluationJob)[-1].wait()
    return page.run()


def test_empty_knowledge_base_says_what_to_do(open_page: OpenPage) -> None:
    page = open_page("evaluate")
    assert "The knowledge base is empty" in texts(page)
    assert not page.exception


def test_sample_questions_are_measured_in_every_mode(open_page: OpenPage, kb: KnowledgeBase) -> None:
    ingest_samples(kb)
    page = _measured(open_page("evaluate"))
    assert not page.exception
    figures = page.dataframe[0].value
    assert list(figures["search by"]) == [
        "Meaning and words", "Meaning and words, MMR", "Meaning only"
    ]  # fmt: skip
    assert len(page.dataframe[1].value) >= 60
    assert page.get("plotly_chart")


def test_questions_in_several_languages_have_their_figures_apart(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    ingest_samples(kb)
    page = open_page("evaluate")
    page.button_group(key="evaluate_source").set_value(OTHERS).run()
    page = _measured(page)
    (by_language,) = [
        frame.value for frame in page.dataframe if "language" in frame.value and "MRR" in frame.value
    ]
    assert {"Chinese", "German", "Spanish"} <= set(by_language["language"])
    assert sum(by_language["questions"]) == 48


def test_own_questions_are_measured(open_page: OpenPage, kb: KnowledgeBase) -> None:
    ingest_samples(kb, "consistency-levels.md")
    page = open_page("evaluate")
    page.file_uploader(key="evaluate_file").set_value([("mine.jsonl", OWN, "application/json")])
    page = _measured(page.run())
    assert list(page.dataframe[1].value["verdict"])[1] == "rightly rejected"


def test_bad_line_of_own_questions_is_named(open_page: OpenPage, kb: KnowledgeBase) -> None:
    ingest_samples(kb, "consistency-levels.md")
    page = open_page("evaluate")
    page.file_uploader(key="evaluate_file").set_value([("mine.jsonl", OWN + b"oops", "application/json")])
    page.run()
    assert "Line 3 is not valid JSON" in page.error[0].value
    assert not [button for button in page.button if button.key == "evaluate_start"]


def test_sample_questions_without_their_documents_are_not_measured(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    ingest_samples(kb, "consistency-levels.md")
    page = open_page("evaluate")
    page.button_group(key="evaluate_source").set_value("Sample questions").run()
    assert "need all sample documents" in texts(page)
