"""A measurement of search quality outlives its page, and not its visitor."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from core.runtime.jobs import JobState
from pages.state.app_state import forget_visitor, jobs
from pages.state.evaluation_job import EvaluationJob, evaluation_key
from tests.pages.conftest import OpenPage
from tests.pages.evaluating import OWN, ingest_samples


def test_evaluation_is_found_again_by_a_page_that_is_loaded_anew(
    open_page: OpenPage, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_samples(kb, "consistency-levels.md")
    monkeypatch.setattr(EvaluationJob, "work", _until_stopped)
    page = open_page("evaluate")
    page.file_uploader(key="evaluate_file").set_value([("mine.jsonl", OWN, "application/json")]).run()
    page.button(key="evaluate_start").click().run()

    anew = open_page("evaluate")

    anew.button(key="evaluate_stop").click().run()
    assert jobs.of_kind(EvaluationJob)[-1].wait(10) is JobState.STOPPED


def test_evaluation_ends_when_its_visitor_deletes_everything(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EvaluationJob, "work", _until_stopped)
    visitor = "a" * 24
    key = evaluation_key(replace(Settings.from_env().target, owner=visitor), kb.store.info.collection)
    job = jobs.begin(EvaluationJob, key, lambda: EvaluationJob((), kb, {}))
    forget_visitor(visitor)
    assert job.wait(10) is JobState.STOPPED


async def _until_stopped(job: EvaluationJob) -> None:
    while True:
        job.check_stop()
        await asyncio.sleep(0.01)
