"""Another embedding model for a knowledge base: made anew from its own passages, in use until that is whole.

Not from the files: passages are there whatever became of a file, its password or the encoding that somebody
chose for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from core.config.settings import Settings
from core.documents.chunking import Cutter, refit, text_hash
from core.documents.models import Chunk, DocumentSummary
from core.documents.tokenization import unknown_share
from core.embedding.model import DownloadProgress, Embedder, shared_embedder
from core.errors import StoreError
from core.ingest.batches import nodes_of, windows_of
from core.ingest.metadata import summary_metadata
from core.runtime.jobs import Job
from core.store import KnowledgeStore
from core.store.chunks import StoredChunk, chunks_of_document
from core.store.collections import (
    begin_replacement,
    find_knowledge_base,
    replace_knowledge_base,
    twins_of,
)
from core.store.names import KnowledgeBaseInfo

# How often documents that were added or deleted meanwhile are looked for again, at most.
MAX_ROUNDS = 5


class LoadEmbedder(Protocol):
    """What loads the model that settings name."""

    def __call__(self, settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
        """The model that `settings` name; `on_download` is told of bytes done and in total meanwhile."""
        ...


class ModelChange(Job[int]):
    """Makes a knowledge base anew for another model; its result is the number of chunks.

    Begun again after a stop, a failure or the end of the process, it goes on from what is there.

    Attributes:
        name: The knowledge base's.
        model: As in EMBED_MODEL; None for the bundled one.
        on_replaced: Called when the new one is in use.
        chunks_done: Passages that are in already.
        num_chunks: Passages in all; 0 until that is known.
        download: Bytes done and in total (None while unknown), while the model is fetched.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        model: str | None,
        *,
        on_replaced: Callable[[], None] = lambda: None,
        load: LoadEmbedder = shared_embedder,
    ) -> None:
        super().__init__()
        self.name, self.model = name, model
        self.chunks_done = self.num_chunks = 0
        self.download: tuple[int, int | None] | None = None
        self._settings = replace(settings, embed_model=model)
        self._target, self._on_replaced, self._load = settings.target, on_replaced, load

    @property
    def share(self) -> float:
        """How far it is, 0 to 1; of the download while there is one."""
        done, of = self.download or (self.chunks_done, self.num_chunks)
        return min(1.0, done / of) if of else 0.0

    @property
    def phase(self) -> str:
        """What it is doing, in words."""
        if self.download is not None:
            done, of = self.download
            return f"fetching the model: {done / 1e6:.0f}" + (f" of {of / 1e6:.0f} MB" if of else " MB")
        if not self.num_chunks:
            return "loading the model"
        return f"{self.chunks_done:,} of {self.num_chunks:,} passages"

    async def work(self) -> int:
        """The number of chunks, once the new one is in use."""
        return await asyncio.to_thread(self._change)

    def _change(self) -> int:
        old = find_knowledge_base(self._target, self.name)
        embedder = self._load(self._settings, on_download=self._on_download())
        self.download = None
        for twin in (twins := twins_of(self._target, old)):
            if (twin.model, twin.dim) == (embedder.name, embedder.dim):
                return self._end_replacement(twin, twins)
        source = self._open(old)
        begun = begin_replacement(self._target, old.name, model=embedder.name, dim=embedder.dim)
        made = self._open(begun)
        try:
            with embedder.on_all_cores():
                self._catch_up(source, made, embedder)
            made.flush()
            self.check_stop()
            replace_knowledge_base(self._target, source.info, made.info)
            self._on_replaced()
            return made.count()
        finally:
            for store in (source, made):
                store.client.close()

    def _on_download(self) -> DownloadProgress:
        def tell(done: int, of: int | None) -> None:
            self.check_stop()
            self.download = done, of

        return tell

    def _end_replacement(self, new: KnowledgeBaseInfo, twins: Sequence[KnowledgeBaseInfo]) -> int:
        """End a change whose new one is whole already: drop the old one where that was cut off."""
        for twin in twins:
            if twin != new:
                replace_knowledge_base(self._target, twin, new)
                self._on_replaced()
        return self._open(new).count()

    def _open(self, info: KnowledgeBaseInfo) -> KnowledgeStore:
        return KnowledgeStore.open(self._target, info.name, model=info.model, dim=info.dim, create=False)

    def _catch_up(self, source: KnowledgeStore, made: KnowledgeStore, embedder: Embedder) -> None:
        """Put into the new one what the old one has, again until the old one has not changed meanwhile.

        Raises:
            StoreError: When the old one still changes after `MAX_ROUNDS` rounds.
        """
        cutter = Cutter.of(embedder.tokenization)
        known: list[DocumentSummary] = []
        for _ in range(MAX_ROUNDS):
            documents = source.documents()
            if documents == known:
                return
            known = documents
            self.num_chunks, self.chunks_done = sum(each.chunks_present for each in documents), 0
            for gone in {each.id for each in made.documents()} - {each.id for each in documents}:
                made.delete_document(gone)
            for document in documents:
                self._take(document, source, made, embedder, cutter)
        raise StoreError(
            f"Knowledge base {self.name!r} changes all the time. Let nobody add documents for a while, and "
            "change its model then."
        )

    def _take(
        self,
        document: DocumentSummary,
        source: KnowledgeStore,
        made: KnowledgeStore,
        embedder: Embedder,
        cutter: Cutter,
    ) -> None:
        """Put in what is missing of a document."""
        stored = chunks_of_document(source, document.id)
        chunks = list(refit([_chunk(each) for each in stored], cutter))
        present = made.chunk_ids(document.id)
        if not present <= {chunk.id for chunk in chunks}:
            made.delete_document(document.id)
            present = set()
        about = summary_metadata(
            document,
            # Where its ingest was cut short, as many chunks are missing as before.
            num_chunks=len(chunks) + document.num_chunks - len(stored),
            num_tokens=sum(chunk.num_tokens for chunk in chunks),
            unknown_share=unknown_share([chunk.text for chunk in chunks], cutter.tokenizer),
        )
        done_before = self.chunks_done
        num_in = len(present)
        for window in windows_of([chunk for chunk in chunks if chunk.id not in present]):
            self.check_stop()
            vectors = embedder.embed([chunk.text for chunk in window])
            made.add(nodes_of(window, vectors, about))
            num_in += len(window)
            # There may be more chunks than before, where some were cut again: counted as a share of those.
            self.chunks_done = done_before + len(stored) * num_in // len(chunks)
        self.chunks_done = done_before + len(stored)


def _chunk(stored: StoredChunk) -> Chunk:
    return Chunk(
        id=stored.id,
        document_id=stored.document_id,
        file=stored.file,
        page=stored.page,
        position=stored.position,
        start=stored.start,
        end=stored.end,
        text=stored.text,
        text_hash=text_hash(stored.text),
        num_tokens=stored.num_tokens or 0,
        label=stored.label,
    )
