"""A document that is read anew keeps what it was until it is all in; on a real Milvus Lite."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.config.environ import bare_environ
from core.config.settings import Settings
from core.documents.models import Chunk, DocumentSummary, Version
from core.documents.sandbox.pool import shared_reader
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import StoreError
from core.ingest.metadata import document_metadata
from core.ingest.pipeline import Ingest
from core.ingest.progress import Stage
from core.runtime.paths import REPOSITORY
from core.store import KnowledgeStore, chunk_node
from tests.conftest import release_lite

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

TEXT = " ".join(
    f"Sentence number {i} tells about thing {i * 31} and nothing else at all." for i in range(300)
)
FILE = IncomingFile(name="long.txt", size_bytes=len(TEXT), read=TEXT.encode)
OLD_WORDS = "As an earlier version has read it"


def _chunks(embedder: Embedder) -> tuple[Chunk, ...]:
    """What the file is cut into now."""
    return tuple(shared_reader().read(FILE.name, TEXT.encode(), embedder.tokenization).chunks)


def _old(chunks: tuple[Chunk, ...]) -> list[Chunk]:
    """As an earlier version has cut it: the beginning and the tenth are others, and there is one more."""
    others = {position: chunks[position] for position in (0, 1, 9)}
    others[len(chunks)] = replace(chunks[-1], position=len(chunks))
    changed = {
        position: replace(chunk, id=f"{position:032x}", text=f"{OLD_WORDS}: {position}.")
        for position, chunk in others.items()
    }
    return [changed.get(chunk.position, chunk) for chunk in (*chunks, changed[len(chunks)])]


def _read_before(store: KnowledgeStore, embedder: Embedder) -> set[str]:
    """Put the document in as an earlier version did; returns the ids of its chunks."""
    cut = shared_reader().read(FILE.name, TEXT.encode(), embedder.tokenization)
    old = _old(tuple(cut.chunks))
    about = document_metadata(cut.document, len(old), ingested_at="2026-01-01") | {"reader_version": 1}
    vector = embedder.embed(["The same for all."])[0].tolist()
    store.add([chunk_node(chunk, embedding=vector, extra=about) for chunk in old])
    return {chunk.id for chunk in old}


class CutOffStore:
    """The store, where inserting fails from a number of calls on, or deleting does."""

    def __init__(self, store: KnowledgeStore, *, num_inserts: int = 99, may_delete: bool = True) -> None:
        self._store, self.target = store, store.target
        self._num_inserts, self._may_delete = num_inserts, may_delete

    async def aadd(self, nodes: list[TextNode]) -> list[str]:
        self._num_inserts -= 1
        if self._num_inserts < 0:
            raise StoreError("Milvus refused the insert.")
        return await self._store.aadd(nodes)

    def delete_chunks(self, document_id: str, chunk_ids: frozenset[str]) -> None:
        if not self._may_delete:
            raise StoreError("Milvus refused the deletion.")
        self._store.delete_chunks(document_id, chunk_ids)

    def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
        return self._store.look_up(document_id, file)

    def chunk_ids(self, document_id: str) -> set[str]:
        return self._store.chunk_ids(document_id)

    def flush(self) -> None:
        self._store.flush()


async def _whole(store: KnowledgeStore, embedder: Embedder) -> None:
    """Add the file again, and see that exactly its chunks are there."""
    (done,) = (await Ingest([FILE], store=store, embedder=embedder).run()).files
    assert done.stage is Stage.DONE, done.error
    (document,) = store.documents()
    assert (document.is_outdated, document.chunks_present) == (False, document.num_chunks)
    assert store.chunk_ids(document.id) == {chunk.id for chunk in _chunks(embedder)}
    (again,) = (await Ingest([FILE], store=store, embedder=embedder).run()).files
    assert again.stage is Stage.PRESENT, "nothing of it is left to do"


async def test_document_read_anew_has_exactly_its_new_chunks(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    _read_before(store, embedder)
    assert [document.is_outdated for document in store.documents()] == [True]
    assert store.word_search.search(OLD_WORDS, 9) is not None
    await _whole(store, embedder)
    found = store.word_search.search(OLD_WORDS, 9)
    assert found is not None
    assert not [chunk_id for chunk_id in found.best if chunk_id.startswith("0000")]


@pytest.mark.parametrize("num_inserts", [0, 1])
async def test_document_is_what_it_was_where_reading_it_anew_fails_in_between(
    num_inserts: int, store: KnowledgeStore, embedder: Embedder
) -> None:
    old = _read_before(store, embedder)
    failing = CutOffStore(store, num_inserts=num_inserts)
    (failed,) = (await Ingest([FILE], store=failing, embedder=embedder).run()).files  # type: ignore[arg-type]
    assert failed.stage is Stage.FAILED
    (document,) = store.documents()
    assert document.is_outdated and document.is_complete
    assert old <= store.chunk_ids(document.id)
    vector = embedder.embed_query("The same for all.")
    found = store.search(vector, 9, document_ids=[document.id])
    assert any(OLD_WORDS in hit.node.get_content() for hit in found)
    await _whole(store, embedder)


async def test_old_chunks_that_could_not_be_deleted_are_said_and_go_with_the_next_try(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    _read_before(store, embedder)
    failing = CutOffStore(store, may_delete=False)
    (failed,) = (await Ingest([FILE], store=failing, embedder=embedder).run()).files  # type: ignore[arg-type]
    assert failed.error is not None and "is in as it reads now" in failed.error
    (document,) = store.documents()
    assert not document.is_outdated, "the document's own row is the new one"
    assert document.chunks_present > document.num_chunks
    await _whole(store, embedder)


class StoppingStore(CutOffStore):
    """Kills its process, as the system does, at the insert that would fail."""

    async def aadd(self, nodes: list[TextNode]) -> list[str]:
        try:
            return await super().aadd(nodes)
        except StoreError:
            os.kill(os.getpid(), signal.SIGKILL)
            raise


KILLED = """
import asyncio
from core.config.settings import Settings
from core.embedding.model import shared_embedder
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore
from tests.core.ingest.test_intake import FILE, StoppingStore

settings = Settings.from_env()
embedder = shared_embedder(settings)
store = KnowledgeStore.open(settings.target, "default", model=embedder.name, dim=embedder.dim)
asyncio.run(Ingest([FILE], store=StoppingStore(store, num_inserts=1), embedder=embedder).run())
"""


@pytest.fixture
def closed_store(lite: Settings, embedder: Embedder) -> Iterator[set[str]]:
    """A knowledge base that nobody has open, with a document that an earlier version has read: its chunks."""
    opened = KnowledgeStore.open(lite.target, "default", model=embedder.name, dim=embedder.dim)
    old = _read_before(opened, embedder)
    opened.flush()
    release_lite(lite.target.uri)
    yield old


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
async def test_document_is_what_it_was_where_the_process_is_killed_in_between(
    closed_store: set[str], lite: Settings, embedder: Embedder
) -> None:
    environ = bare_environ() | {"OVERLAP_DATA_DIR": str(lite.data_dir)}
    argv = [sys.executable, "-c", KILLED]
    done = await asyncio.to_thread(
        lambda: subprocess.run(argv, cwd=REPOSITORY, env=environ, capture_output=True, check=False)
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    store = KnowledgeStore.open(lite.target, "default", model=embedder.name, dim=embedder.dim)
    try:
        (document,) = store.documents()
        assert document.is_outdated
        assert closed_store < store.chunk_ids(document.id), "some of the new ones are in beside them"
        await _whole(store, embedder)
    finally:
        await store.aclose()
