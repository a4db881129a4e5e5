"""What who runs the app reads, and what is never written there."""

from __future__ import annotations

import http.client
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.answers.llm_errors import llm_errors
from core.bench.plan.plan import Plan
from core.bench.supervisor import BenchProcess
from core.config.settings import Settings, Target
from core.config.shared_limits import SharedLimits
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import ConfigError, LLMTimeoutError, QuotaError, StoreError
from core.hosting.host import Host
from core.hosting.ingest_admission import IngestJob, admit
from core.hosting.quotas import Quotas
from core.knowledge_base import KnowledgeBase
from core.runtime import logs
from core.store.collections import knowledge_base_names
from tests.browser.app import running_app

ANN = "aa" * 12
SECRETS = {"MILVUS_TOKEN": "root:token-of-milvus", "OPENAI_API_KEY": "sk-key-of-openai"}


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """Where the lines of this process go while the test runs."""
    before = {name: (log.handlers, log.level, log.propagate) for name, log in _loggers().items()}
    stream = StringIO()
    logs.begin("info", stream)
    yield stream
    for name, log in _loggers().items():
        log.handlers, log.level, log.propagate = before[name]


def _loggers() -> dict[str, logging.Logger]:
    return {name: logging.getLogger(name) for name in logs.OURS}


@pytest.mark.usefixtures("lines")
def test_redrawn_parts_of_a_page_are_no_news() -> None:
    chatty = logging.getLogger(logs.CHATTY)
    before = chatty.level
    try:
        chatty.setLevel(logging.INFO)
        logs.begin("debug", StringIO())
        assert (chatty.isEnabledFor(logging.INFO), chatty.isEnabledFor(logging.WARNING)) == (False, True)
    finally:
        chatty.setLevel(before)


@pytest.mark.slow
def test_start_tells_the_settings_without_secrets_and_refusals_are_told(tmp_path: Path) -> None:
    with running_app(tmp_path, OVERLAP_SHARED="1", OVERLAP_SHARED_CHUNKS="123", **SECRETS) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        connection.request("GET", "/?q=where+is+it", headers={"Host": "evil.example"})
        connection.getresponse().read()
        connection.close()
    log = (tmp_path / "app.log").read_text()
    assert "INFO overlap: Overlap starts: shared, Milvus lite" in log
    assert "chunks=123" in log
    assert "INFO core.hosting.middleware: Refused a request: 400" in log
    assert not any(secret in log for secret in SECRETS.values())


@pytest.mark.slow
def test_level_is_a_setting(tmp_path: Path) -> None:
    with running_app(tmp_path, OVERLAP_LOG="error"):
        pass
    assert "INFO overlap" not in (tmp_path / "app.log").read_text()
    assert Settings.from_env({"OVERLAP_LOG": "WARNING"}).log_level == "warning"
    with pytest.raises(ConfigError, match="OVERLAP_LOG is 'loud'; use one of debug, info, warning, error"):
        Settings.from_env({"OVERLAP_LOG": "loud"})


def test_ingest_is_told_with_outcome_and_duration_and_nothing_of_its_documents(
    lite: Settings, embedder: Embedder, lines: StringIO
) -> None:
    shared = replace(lite, is_shared=True)
    kb = KnowledgeBase.load("default", shared.for_visitor(ANN))
    texts = {"payroll.txt": b"The lighthouse is 37 metres high.", "diary.pdf": b"no PDF at all"}
    files = [
        IncomingFile(name=name, size_bytes=len(text), read=lambda text=text: text)  # type: ignore[misc]
        for name, text in texts.items()
    ]
    admission = admit(Host(shared, forget=lambda visitor: None), ANN, [1])
    IngestJob(kb.new_ingest(files), admission).start().wait()
    told = lines.getvalue()
    assert f"Ingest of visitor {ANN[:8]} begins" in told
    assert "ended after" in told and "1 failed" in told and "1 chunk\n" in told
    for word in ("payroll", "diary", "lighthouse"):
        assert word not in told


def test_benchmark_is_told_with_outcome_and_duration(lines: StringIO, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('the lighthouse is dark')"]
    process = BenchProcess(argv, env=os.environ, run_path=tmp_path / "run-1.json", plan=Plan(), owner=ANN)
    assert process.wait(60).state == "failed"
    told = lines.getvalue()
    assert f"INFO core.bench.supervisor: Benchmark run-1 of visitor {ANN[:8]} begins" in told
    assert f"ERROR core.bench.supervisor: Benchmark run-1 of visitor {ANN[:8]} ended after" in told
    assert "lighthouse" not in told


def test_error_is_told_with_its_cause_and_once_a_minute(lines: StringIO) -> None:
    away = Target.parse("http://127.0.0.1:9")
    for _ in range(2):
        with pytest.raises(StoreError):
            knowledge_base_names(away)
    told = lines.getvalue()
    assert told.count("WARNING core.store.milvus_errors: Milvus: StoreUnavailableError from ") == 1


def test_question_is_never_told_where_the_language_model_fails(lines: StringIO) -> None:
    with pytest.raises(LLMTimeoutError), llm_errors("some-llm"):
        raise TimeoutError("while answering: where is the lighthouse")
    told = lines.getvalue()
    assert "WARNING core.answers.llm_errors: Language model: LLMTimeoutError from TimeoutError" in told
    assert "lighthouse" not in told


def test_quota_that_is_used_up_is_told(lines: StringIO) -> None:
    with pytest.raises(QuotaError):
        Quotas(SharedLimits(questions_per_minute=0)).ask(ANN)
    assert f"Refused of visitor {ANN[:8]}: 0 questions within a minute" in lines.getvalue()
