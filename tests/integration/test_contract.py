"""What works on Milvus Lite works on a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from core import store as milvus
from core.answers.engine import Finished, stream_answer
from core.answers.models import Answer
from core.bench.load.runner import run_plan
from core.bench.plan.plan import CONSISTENCIES, Plan
from core.config.settings import Settings, Target
from core.documents.file_identity import document_id
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import KnowledgeBaseNotFoundError
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot
from core.store import KnowledgeStore, knowledge_bases
from tests.bench_runs import RUN_ID
from tests.conftest import release_lite

TEXT = b"The lighthouse was built in 1897. It is 37 metres high and still in service."


@pytest.fixture(params=["lite", "server"])
def target(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Target]:
    if request.param == "lite":
        yield settings.target
        release_lite(settings.target.uri)
    else:
        yield request.getfixturevalue("server")


@pytest.fixture
async def kb(target: Target, embedder: Embedder) -> AsyncIterator[KnowledgeStore]:
    opened = _open(target, embedder, f"contract {uuid4().hex[:8]}")
    yield opened
    opened.drop()
    await opened.aclose()


def _open(target: Target, embedder: Embedder, name: str, *, create: bool = True) -> KnowledgeStore:
    return KnowledgeStore.open(target, name, model=embedder.name, dim=embedder.dim, create=create)


async def _ingest(kb: KnowledgeStore, embedder: Embedder) -> IngestSnapshot:
    file = IncomingFile(name="harbour.txt", size_bytes=len(TEXT), read=lambda: TEXT)
    return await Ingest([file], store=kb, embedder=embedder).run()


async def _ask(kb: KnowledgeStore, embedder: Embedder) -> Answer:
    async for event in stream_answer("How high is the lighthouse?", store=kb, embedder=embedder, llm=None):
        if isinstance(event, Finished):
            return event.answer
    raise AssertionError("an answer ends in Finished")


async def test_document_is_ingested_once_asked_and_deleted(kb: KnowledgeStore, embedder: Embedder) -> None:
    assert (await _ingest(kb, embedder)).num_chunks_added == 1
    assert (await _ingest(kb, embedder)).num_chunks_added == 0
    assert "37 metres" in (await _ask(kb, embedder)).text
    (document,) = kb.documents()
    assert (document.file, document.is_complete) == ("harbour.txt", True)
    assert kb.delete_document(document_id(TEXT)) == 1
    assert (kb.documents(), kb.count()) == ([], 0)
    assert (await _ask(kb, embedder)).is_refusal


async def test_knowledge_base_is_there_for_a_new_connection(kb: KnowledgeStore, embedder: Embedder) -> None:
    await _ingest(kb, embedder)
    again = _open(kb.target, embedder, kb.info.name, create=False)
    assert again.count() == 1
    assert "37 metres" in (await _ask(again, embedder)).text
    assert kb.info.name in [info.name for info in knowledge_bases(kb.target)]
    await again.aclose()


async def test_knowledge_base_that_was_dropped_is_a_sentence(target: Target, embedder: Embedder) -> None:
    dropped = _open(target, embedder, f"dropped {uuid4().hex[:8]}")
    dropped.drop()
    with pytest.raises(KnowledgeBaseNotFoundError):
        _open(target, embedder, dropped.info.name, create=False)
    await dropped.aclose()


# "Eventually" promises nothing about rows that were just added, so nothing can be proven there.
@pytest.mark.parametrize("consistency", [level for level in CONSISTENCIES if level != "Eventually"])
def test_benchmark_proves_the_same_work_at_levels_that_promise_it(
    consistency: str, target: Target, tmp_path: Path
) -> None:
    plan = Plan(target=target.label, counts=(10,), dim=8, consistency=consistency, repeats=1, warmup=0)
    path = tmp_path / f"{RUN_ID}.json"
    run = run_plan(plan, target, run_id=RUN_ID, path=path, emit=lambda event: None)
    assert (run.status, run.note) == ("complete", "")
    assert run.checks and all(check.passed for check in run.checks)
    assert not [
        name for name in milvus.connect(target).list_collections() if name.startswith("overlap_bench")
    ]
