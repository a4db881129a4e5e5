"""The way to Milvus slow, frozen, or cut in the middle of a message: it ends, and a repeat succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from core.bench.delay_proxy.client import DelayProxy
from core.config.settings import Target
from core.documents.file_identity import document_id
from core.documents.models import DocumentSummary, Version
from core.embedding.model import Embedder
from core.errors import StoreError, StoreUnavailableError
from core.ingest.pipeline import Ingest
from core.ingest.progress import Stage
from core.store import KnowledgeStore, store_errors
from core.store.connection import grpc_options
from tests.faults import DOCUMENT_ID, SMALL_TEXT, ActingEmbedder, open_store, text_file
from tests.lite_process import LiteProcess

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

FROZEN_S = 600.0


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteProcess]:
    with LiteProcess(tmp_path_factory.mktemp("link") / "milvus") as running:
        yield running


@pytest.fixture
def link(milvus: LiteProcess) -> Iterator[DelayProxy]:
    with DelayProxy("127.0.0.1", milvus.port) as proxy:
        yield proxy


@pytest.fixture
async def kb(milvus: LiteProcess, link: DelayProxy, embedder: Embedder) -> AsyncIterator[KnowledgeStore]:
    opened = open_store(Target(uri=link.uri), embedder)
    yield opened
    link.cut()
    await opened.aclose()
    # The next test begins with an empty one; the link may be frozen for good.
    direct = open_store(milvus.target, embedder)
    direct.drop()
    await direct.aclose()


async def _failure(call: Awaitable[object]) -> str:
    """The sentence with which it fails."""
    with pytest.raises(StoreError) as caught:
        await call
    return str(caught.value)


async def test_frozen_link_ends_every_call_with_a_sentence_and_another_way_still_works(
    milvus: LiteProcess, link: DelayProxy, kb: KnowledgeStore, embedder: Embedder
) -> None:
    await Ingest([text_file(SMALL_TEXT)], store=kb, embedder=embedder).run()
    vector = embedder.embed_query("How high is the lighthouse?")
    link.freeze(FROZEN_S)
    # Few enough for the threads that asyncio has, so that none waits for another.
    calls: list[Callable[[], object]] = [
        lambda: kb.search(vector, 1),
        kb.documents,
        lambda: kb.delete_document(DOCUMENT_ID),
        lambda: open_store(kb.target, embedder),
    ]
    job = Ingest([text_file(SMALL_TEXT + b"!")], store=kb, embedder=embedder, retry_after_s=())
    running = asyncio.create_task(job.run())
    failures = [_failure(kb.asearch(vector, 1)), *[_failure(asyncio.to_thread(call)) for call in calls]]
    sentences = await asyncio.gather(*failures)
    snapshot = await running
    assert snapshot.files[0].stage is Stage.FAILED
    for sentence in [*sentences, str(snapshot.files[0].error)]:
        assert "does not answer. Start it, correct MILVUS_URI, or wait where it is busy" in sentence
    direct = await asyncio.to_thread(open_store, milvus.target, embedder)
    assert [hit.node.get_content() for hit in await direct.asearch(vector, 1)] == [SMALL_TEXT.decode()]
    again = await Ingest([text_file(SMALL_TEXT + b"!")], store=direct, embedder=embedder).run()
    assert (again.files[0].stage, direct.count()) == (Stage.DONE, 2)
    direct.drop()
    await direct.aclose()


async def test_call_without_a_timeout_of_its_own_ends_at_the_deadline(link: DelayProxy) -> None:
    from pymilvus import AsyncMilvusClient, MilvusClient

    target, options = Target(uri=link.uri), grpc_options(deadline_s=4.0)
    client = await asyncio.to_thread(MilvusClient, link.uri, grpc_options=options)
    awaiting = AsyncMilvusClient(link.uri, grpc_options=options)
    assert await awaiting.list_collections() == client.list_collections()
    link.freeze(FROZEN_S)
    # Which of two clocks ends it, ours or that of pymilvus' own reconnecting, depends on the machine.
    with pytest.raises(StoreUnavailableError, match="does not answer"), store_errors(target):
        await asyncio.to_thread(client.list_collections)
    with pytest.raises(StoreUnavailableError, match="does not answer"), store_errors(target):
        await awaiting.list_collections()
    link.cut()
    await awaiting.close()
    client.close()


async def test_ingest_over_a_link_that_is_cut_in_mid_message_ends_with_the_same_ids(
    link: DelayProxy, kb: KnowledgeStore, store: KnowledgeStore, embedder: Embedder
) -> None:
    link.set_rtt(200)
    cuts: list[asyncio.Task[None]] = []

    async def cut_soon() -> None:
        # Half of a round trip after it was sent: the insert has arrived, its answer has not.
        await asyncio.sleep(0.1)
        await asyncio.to_thread(link.cut)

    class CuttingStore:
        """The store, whose link is cut while its second insert is on the way."""

        num_inserts = 0

        async def aadd(self, nodes: list[TextNode]) -> list[str]:
            self.num_inserts += 1
            if self.num_inserts == 2:
                cuts.append(asyncio.create_task(cut_soon()))
            return await kb.aadd(nodes)

        def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
            return kb.look_up(document_id, file)

        def flush(self) -> None:
            kb.flush()

    snapshot = await Ingest([text_file()], store=CuttingStore(), embedder=embedder).run()  # type: ignore[arg-type]
    await cuts[0]
    assert snapshot.files[0].stage is Stage.DONE
    link.set_rtt(0)
    await Ingest([text_file()], store=store, embedder=embedder).run()
    assert kb.chunk_ids(DOCUMENT_ID) == store.chunk_ids(DOCUMENT_ID)
    assert kb.count(DOCUMENT_ID) == snapshot.files[0].num_chunks


async def test_link_that_is_frozen_for_a_while_only_delays_an_ingest(
    link: DelayProxy, kb: KnowledgeStore, store: KnowledgeStore, embedder: Embedder
) -> None:
    async def freeze() -> None:
        link.freeze(2.0)

    acting = ActingEmbedder(embedder, freeze)
    text = SMALL_TEXT * 200
    snapshot = await Ingest([text_file(text)], store=kb, embedder=acting).run()  # type: ignore[arg-type]
    assert snapshot.files[0].stage is Stage.DONE
    await Ingest([text_file(text)], store=store, embedder=embedder).run()
    assert kb.chunk_ids(document_id(text)) == store.chunk_ids(document_id(text)) != set()
