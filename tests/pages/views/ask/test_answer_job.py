from __future__ import annotations

from concurrent.futures import Future

from core.answers.retrieval import DEFAULT_RETRIEVAL
from core.knowledge_base import KnowledgeBase
from core.runtime.jobs import JobState
from pages.views.ask.answer_job import AnswerJob


def test_answer_that_is_stopped_while_the_model_loads_leaves_the_opening_alone() -> None:
    opening: Future[KnowledgeBase] = Future()
    job = AnswerJob(
        "How high?", opening, retrieval=DEFAULT_RETRIEVAL, llm_settings=None, knowledge_base_name="default"
    ).start()
    assert job.is_waiting_for_model
    job.stop()
    assert job.wait(30) is JobState.STOPPED
    assert not opening.cancelled()
