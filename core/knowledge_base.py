"""A knowledge base with its models, ready to use: what the command line, the pages and programs share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from core.answers.engine import AnswerEvent, Finished, stream_answer
from core.answers.llm import import_client, llm_label, opened_llm
from core.answers.models import Answer
from core.answers.retrieval import DEFAULT_RETRIEVAL, Retrieval
from core.config.settings import DEFAULT_KB, Settings
from core.documents.models import SameName
from core.documents.originals import Originals
from core.documents.sandbox.pool import shared_reader
from core.documents.sources.incoming import IncomingFile
from core.documents.sources.paths import files_of
from core.embedding.choices import setting_of
from core.embedding.model import DownloadProgress, Embedder, known_model, shared_embedder
from core.errors import ModelMismatchError, StoreError
from core.evaluation.samples import sample_vectors
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot
from core.ingest.vector_cache import VectorCache
from core.runtime.event_loop import in_background
from core.runtime.imports import uncollected
from core.store import KnowledgeStore, import_store_class, search_without_scipy

# A question that loads what the first one would wait for.
WARM_UP = "What is this about?"


class KnowledgeBase:
    """One knowledge base, its embedding model and, where one is set, its language model.

    All awaiting methods belong to one event loop.
    """

    def __init__(self, settings: Settings, *, store: KnowledgeStore, embedder: Embedder) -> None:
        self.settings, self.store, self.embedder = settings, store, embedder
        self.originals = Originals(settings.originals_dir)

    @classmethod
    def load(
        cls,
        name: str = DEFAULT_KB,
        settings: Settings | None = None,
        *,
        create: bool = True,
        on_download: DownloadProgress | None = None,
    ) -> KnowledgeBase:
        """Load the embedding model and open the knowledge base; blocks for seconds, so call it off the loop.

        Args:
            name: Which knowledge base.
            settings: None reads them from the environment.
            create: Make the knowledge base when it is missing; otherwise that is an error.
            on_download: Told of bytes done and in total while the embedding model is fetched; None where
                nobody asks.

        Raises:
            ModelUnavailableError: The embedding model can't be loaded or downloaded.
            StoreError: Milvus refused or failed a call.
            KnowledgeBaseNotFoundError: When it is missing and `create` is False.
            ModelMismatchError: When the settings name another model than the one it was made with.
        """
        settings = settings or Settings.from_env()
        if create:
            # The process that will read the first file starts while the model is loaded.
            shared_reader().warm_up()
        embedder, store = _side_by_side(settings, name, create=create, on_download=on_download)
        return cls(settings, store=store, embedder=embedder)

    @classmethod
    async def open(cls, name: str = DEFAULT_KB, settings: Settings | None = None) -> KnowledgeBase:
        """`load`, awaiting."""
        return await asyncio.to_thread(cls.load, name, settings)

    async def __aenter__(self) -> KnowledgeBase:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections to Milvus."""
        await self.store.aclose()

    @cached_property
    def _vectors(self) -> VectorCache:
        """What was embedded before; who only asks needs none of it."""
        vectors = VectorCache()
        for text_hash, vector in sample_vectors(self.embedder.name).items():
            vectors.put(text_hash, vector)
        return vectors

    def new_ingest(self, files: Sequence[IncomingFile]) -> Ingest:
        """An ingest that can be watched and stopped; start it with `await ingest.run()`."""
        shared_reader().warm_up()
        return Ingest(
            files,
            store=self.store,
            embedder=self.embedder,
            originals=self.originals,
            vectors=self._vectors,
        )

    async def ingest(self, *paths: str | Path, same_name: SameName = "keep") -> IngestSnapshot:
        """Ingest files, and folders with all that is in them; each file's outcome is in the result.

        Args:
            *paths: As `core.documents.sources.paths.files_of` takes them.
            same_name: "replace" deletes the documents whose names they have, once the new ones are all in.
        """
        return await self.new_ingest(files_of(paths, same_name=same_name)).run()

    @property
    def llm_label(self) -> str | None:
        """What answers, for people; None where answers are extractive."""
        return llm_label(self.settings)

    async def stream(
        self, question: str, *, retrieval: Retrieval = DEFAULT_RETRIEVAL
    ) -> AsyncGenerator[AnswerEvent, None]:
        """The answer as it comes: see `core.answers.engine.stream_answer`.

        Raises:
            ConfigError: When the settings name a server of language models, but no model.
        """
        async with opened_llm(self.settings) as llm:
            events = stream_answer(
                question,
                store=self.store,
                embedder=self.embedder,
                llm=llm,
                llm_label=self.llm_label,
                retrieval=retrieval,
            )
            async with aclosing(events):
                async for event in events:
                    yield event

    async def ask(self, question: str, *, retrieval: Retrieval = DEFAULT_RETRIEVAL) -> Answer:
        """The whole answer."""
        async for event in self.stream(question, retrieval=retrieval):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("an answer stream always ends in Finished")


def _side_by_side(
    settings: Settings, name: str, *, create: bool, on_download: DownloadProgress | None
) -> tuple[Embedder, KnowledgeStore]:
    """Load the embedding model and open the store, side by side.

    Importing LlamaIndex takes longest, so it goes first, and goes on after this returns: whoever looks at
    a page, or a reader at a file, need not wait for it.

    Raises:
        ModelMismatchError: When the settings name a model, and the knowledge base was made with another one.
    """
    rest = in_background(lambda: _import_the_rest(settings))
    model = in_background(lambda: _load_model(settings, on_download))
    try:
        known = known_model(settings)
        if known is None:
            known = model.result().name, model.result().dim
        try:
            store = KnowledgeStore.open(settings.target, name, model=known[0], dim=known[1], create=create)
        except ModelMismatchError as exc:
            if settings.embed_model is not None:
                raise
            # No model is asked for, so the knowledge base keeps to its own.
            own = replace(settings, embed_model=setting_of(exc.model))
            model = in_background(lambda: _load_model(own, on_download))
            store = KnowledgeStore.open(settings.target, name, model=exc.model, dim=exc.dim, create=False)
    except BaseException:
        # A process that ends on this must not do so in the middle of the others' work.
        for future in (rest, model):
            future.exception()
        raise
    in_background(lambda: _get_ready_to_search(store))
    return model.result(), store


def _get_ready_to_search(store: KnowledgeStore) -> None:
    """Import what else the first question would wait for."""
    _ = store.vector_store
    # What a failing Milvus has to say is said to the one who asks.
    with suppress(StoreError):
        store.word_search.search(WARM_UP, 1)


def _import_the_rest(settings: Settings) -> None:
    # One after the other: two threads must not import LlamaIndex at once.
    with uncollected():
        import_store_class()
        search_without_scipy()
        if llm_label(settings) is not None:
            import_client()


def prepare(settings: Settings) -> None:
    """Import and load what every knowledge base needs, before it is known which one is asked for."""
    rest = in_background(lambda: _import_the_rest(settings))
    _load_model(settings, None)
    rest.result()


def _load_model(settings: Settings, on_download: DownloadProgress | None) -> Embedder:
    embedder = shared_embedder(settings, on_download=on_download)
    # The first question must not pay for the model's first pass, nor hold up the event loop for this.
    _ = embedder.unrelated_similarity
    return embedder
