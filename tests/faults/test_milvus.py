"""Milvus killed and started again, with its data and without: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.answers.engine import Finished, stream_answer
from core.config.settings import Settings
from core.documents.file_identity import document_id
from core.embedding.model import Embedder
from core.errors import KnowledgeBaseNotFoundError, StoreError, StoreUnavailableError
from core.ingest.pipeline import Ingest
from core.ingest.progress import Stage
from core.knowledge_base_deletion import delete_documents
from core.store import KnowledgeStore
from core.store.collections import knowledge_base_names
from core.store.word_search import WordSearch
from tests.faults import DOCUMENT_ID, KB, SMALL_TEXT, ActingEmbedder, open_store, text_file, wait_until
from tests.lite_process import LiteProcess

QUESTION = "How high is the lighthouse?"


@pytest.fixture
def milvus(tmp_path: Path) -> Iterator[LiteProcess]:
    with LiteProcess(tmp_path / "milvus") as running:
        yield running


@pytest.fixture
async def kb(milvus: LiteProcess, embedder: Embedder) -> AsyncIterator[KnowledgeStore]:
    opened = open_store(milvus.target, embedder)
    yield opened
    await opened.aclose()


async def _undisturbed(store: KnowledgeStore, embedder: Embedder) -> set[str]:
    """The ids of an ingest to which nothing happens."""
    await Ingest([text_file()], store=store, embedder=embedder).run()
    ids = store.chunk_ids(DOCUMENT_ID)
    assert len(ids) > 60
    return ids


def _waits(job: Ingest) -> list[str]:
    return [entry.event for entry in job.snapshot().log if entry.event.startswith("waits ")]


async def _begun(kb: KnowledgeStore) -> None:
    """Until the first chunks are in."""
    await asyncio.to_thread(wait_until, kb.count, "the first insert")


async def _answer(kb: KnowledgeStore, embedder: Embedder) -> str:
    async for event in stream_answer(QUESTION, store=kb, embedder=embedder, llm=None):
        if isinstance(event, Finished):
            return event.answer.text
    raise AssertionError("an answer ends in Finished")


async def test_ingest_goes_on_when_the_server_is_back(
    milvus: LiteProcess, kb: KnowledgeStore, store: KnowledgeStore, embedder: Embedder
) -> None:
    restarts: list[asyncio.Task[None]] = []

    def restart() -> None:
        wait_until(lambda: _waits(job), "the first wait")
        milvus.start()

    async def kill() -> None:
        await _begun(kb)
        milvus.kill()
        restarts.append(asyncio.create_task(asyncio.to_thread(restart)))

    acting = ActingEmbedder(embedder, kill)
    job = Ingest([text_file()], store=kb, embedder=acting)  # type: ignore[arg-type]
    snapshot = await job.run()
    await restarts[0]
    assert snapshot.files[0].stage is Stage.DONE
    assert all("does not answer" in wait for wait in _waits(job))
    assert kb.chunk_ids(DOCUMENT_ID) == await _undisturbed(store, embedder)
    assert kb.count() == snapshot.files[0].num_chunks


async def test_file_that_failed_for_a_lost_server_is_completed_by_trying_again(
    milvus: LiteProcess, kb: KnowledgeStore, store: KnowledgeStore, embedder: Embedder
) -> None:
    async def kill() -> None:
        await _begun(kb)
        milvus.kill()

    acting = ActingEmbedder(embedder, kill)
    big = text_file()
    # Said to be as large, so that it comes after the other one.
    small = replace(text_file(SMALL_TEXT, "small.txt"), size_bytes=big.size_bytes)
    job = Ingest(
        [big, small],
        store=kb,
        embedder=acting,  # type: ignore[arg-type]
        retry_after_s=(0.1,),
    )
    failed = await job.run()
    assert [file.stage for file in failed.files] == [Stage.FAILED, Stage.FAILED]
    assert all("does not answer" in str(file.error) for file in failed.files)
    assert len(_waits(job)) == 1, "the second file does not wait too"
    milvus.start()
    assert [job.retry(0), job.retry(1)] == [True, False]
    done = await job.run()
    assert [file.stage for file in done.files] == [Stage.DONE, Stage.DONE]
    assert 0 < done.files[0].chunks_added < (done.files[0].num_chunks or 0), "what was in is not added again"
    assert kb.chunk_ids(DOCUMENT_ID) == await _undisturbed(store, embedder)
    assert all(document.is_complete for document in kb.documents())


async def test_search_and_answer_work_again_after_the_restart_without_reopening(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder
) -> None:
    await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()
    milvus.kill()
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        await _answer(kb, embedder)
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        kb.count()
    milvus.start()
    assert "37 metres" in await _answer(kb, embedder)
    assert kb.search(embedder.embed_query(QUESTION), 1)[0].node.get_content() == SMALL_TEXT.decode()


async def test_words_are_found_after_a_restart_though_nothing_has_loaded_the_collection_yet(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder
) -> None:
    await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()
    milvus.kill()
    milvus.start()
    found = WordSearch(kb).search("lighthouse", 1)
    assert found is not None
    assert len(found.best) == 1


async def test_delete_that_was_cut_is_repeated_and_leaves_nothing(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder, settings: Settings
) -> None:
    small = document_id(SMALL_TEXT)
    await Ingest([text_file(), text_file(SMALL_TEXT, "small.txt")], store=kb, embedder=embedder).run()
    kb.delete_document(small)
    milvus.kill()
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        delete_documents(settings, kb, [small, DOCUMENT_ID])
    milvus.start()
    deleted = delete_documents(settings, kb, [small, DOCUMENT_ID])
    assert deleted[small] == 0, "what was deleted before stays deleted"
    assert (kb.count(), kb.documents()) == (0, [])


async def test_server_that_comes_back_empty_says_that_the_knowledge_base_is_gone(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder
) -> None:
    await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()
    milvus.kill()
    milvus.lose_data()
    milvus.start()
    with pytest.raises(KnowledgeBaseNotFoundError, match="no longer there"):
        await _answer(kb, embedder)
    for call in (kb.documents, kb.count, lambda: kb.delete_document("x"), lambda: kb.chunk_ids("x")):
        with pytest.raises(KnowledgeBaseNotFoundError, match="no longer there"):
            call()
    (file,) = (await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()).files
    assert (file.stage, "no longer there" in str(file.error)) == (Stage.FAILED, True)
    assert knowledge_base_names(milvus.target) == []


async def test_lost_knowledge_base_is_made_anew_by_opening_it(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder
) -> None:
    milvus.kill()
    milvus.lose_data()
    milvus.start()
    with pytest.raises(KnowledgeBaseNotFoundError, match=KB):
        open_store(milvus.target, embedder, create=False)
    anew = open_store(milvus.target, embedder)
    await Ingest([text_file(SMALL_TEXT)], store=anew, embedder=embedder).run()
    assert "37 metres" in await _answer(anew, embedder)
    assert "37 metres" in await _answer(kb, embedder), "what was open finds the new one"
    await anew.aclose()


async def test_opening_while_the_server_is_away_is_a_sentence(
    milvus: LiteProcess, kb: KnowledgeStore, embedder: Embedder
) -> None:
    milvus.kill()
    with pytest.raises(StoreError, match="does not answer"):
        await asyncio.to_thread(open_store, milvus.target, embedder)
