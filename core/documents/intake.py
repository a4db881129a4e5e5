"""The way of one file to the chunks that Milvus does not have yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from core.documents.job import IngestJob
from core.documents.patience import RETRY_AFTER_S, Patience
from core.documents.progress import FileState, IncomingFile
from core.documents.readers import document_id
from core.documents.reading import DocumentReader, ReadCall, shared_reader, until_stopped
from core.records import Chunk, CutDocument, Document, DocumentSummary, Stage

if TYPE_CHECKING:
    from core.documents.originals import Originals
    from core.embedding import Embedder
    from core.store import KnowledgeStore

T = TypeVar("T")


class Intake(IngestJob):
    """The first half of an ingest: its arguments are those of `core.documents.pipeline.Ingest`."""

    def __init__(
        self,
        files: Sequence[IncomingFile],
        *,
        store: KnowledgeStore,
        embedder: Embedder,
        originals: Originals | None = None,
        reader: DocumentReader | None = None,
        clock: Callable[[], float] = time.perf_counter,
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
    ) -> None:
        super().__init__(files, clock=clock)
        self._store, self._embedder, self._originals = store, embedder, originals
        self._reader = reader or shared_reader()
        self._patience = Patience(retry_after_s)
        # Document ids with the file that brought them.
        self._seen: dict[str, int] = {}

    async def _missing_chunks(self, file: FileState) -> list[Chunk]:
        """The file's chunks that Milvus does not have; ends the file when there are none."""
        with self._read_then_chunk(file) as has_read:
            read = await self._read(file, has_read)
            if read is None or file.stage.is_final:
                return []
            data, cut, there = read
            document, chunks = cut.document, cut.chunks
            present: set[str] = set()
            if there is not None:
                present = await self._in_thread_patiently(file, self._store.chunk_ids, document.id)
        missing = [chunk for chunk in chunks if chunk.id not in present]
        file.take_document(document, num_chunks=len(chunks), num_missing=len(missing))
        file.num_tokens = sum(chunk.num_tokens for chunk in chunks)
        already = f", {len(present):,} of them there already" if present else ""
        self._note(file, f"has {len(chunks):,} chunks{already} (cut in {file.spans[-1].length_s:.2f} s)")
        # A picture of a page can't be made of a PDF whose password nobody has kept.
        if self._originals is not None and not file.is_protected:
            await asyncio.to_thread(self._originals.keep, document.id, data)
        if file.stage.is_final:
            return []
        if not missing:
            self._finish(file, Stage.PRESENT)
        else:
            file.stage = Stage.WAITING
        return missing

    @contextmanager
    def _read_then_chunk(self, file: FileState) -> Iterator[Callable[[Document], None]]:
        """Two steps, one after the other; gives what to call when the first has ended."""
        with ExitStack() as step:
            step.enter_context(self._step(file, "read"))

            def has_read(document: Document) -> None:
                if file.stage.is_final:
                    return
                step.close()
                pages = "" if document.num_pages is None else f", {document.num_pages:,} pages"
                self._note(file, f"was read in {file.spans[-1].length_s:.2f} s{pages}")
                file.stage = Stage.CHUNKING
                step.enter_context(self._step(file, "chunk"))

            yield has_read

    async def _read(
        self, file: FileState, has_read: Callable[[Document], None]
    ) -> tuple[bytes, CutDocument, DocumentSummary | None] | None:
        """Its bytes, what they say, and what Milvus has of it; None when it is no news, and has ended.

        has_read: called when the bytes are read and are being cut.
        """
        loop = asyncio.get_running_loop()
        call, incoming = ReadCall(), file.incoming
        self._reading = file, call
        # A password is wanted for this once; nothing keeps it.
        file.incoming, file.is_protected = replace(incoming, password=None), bool(incoming.password)

        def on_pages(done: int, of: int) -> None:
            file.pages_read = done, of

        def read() -> tuple[bytes, str]:
            data = file.read()
            return data, document_id(data)

        self._note(file, "is being read")
        try:
            data, found_id = await until_stopped(call, read)
            if self._is_copy(file, found_id):
                return None
            there = await self._in_thread_patiently(file, self._store.document, found_id)
            if there is not None and not incoming.ocr and self._is_whole(there, data):
                file.take_summary(there)
                self._finish(file, Stage.PRESENT)
                return None
            parse = partial(
                self._reader.read,
                password=incoming.password,
                ocr=incoming.ocr,
                on_pages=on_pages,
                on_read=lambda document: loop.call_soon_threadsafe(has_read, document),
                call=call,
            )
            cut = await until_stopped(call, lambda: parse(file.name, data, self._embedder.tokenization))
            return data, cut, there
        finally:
            self._reading = None

    def _is_copy(self, file: FileState, found_id: str) -> bool:
        """Whether another file of this ingest has the same content; then this one has ended."""
        twin = self._files[self._seen.get(found_id, file.index)]
        if twin is file or twin.stage in {Stage.FAILED, Stage.STOPPED}:
            self._seen[found_id] = file.index
            return False
        file.error = f"The same content as {twin.name}."
        self._finish(file, Stage.PRESENT)
        return True

    def _is_whole(self, there: DocumentSummary, data: bytes) -> bool:
        """Whether nothing of the document is wanting: neither a chunk nor the PDF for the pictures."""
        return there.is_complete and not (self._originals and self._originals.lacks(there.id, data))

    async def _in_thread_patiently(self, file: FileState, call: Callable[[str], T], argument: str) -> T:
        return await self._patiently(file, lambda: asyncio.to_thread(call, argument))

    async def _patiently(self, file: FileState, call: Callable[[], Awaitable[T]]) -> T:
        """Inserting is an upsert by content and the rest only reads, so repeating either is safe."""
        return await self._patience.call(
            call,
            say=lambda text: self._note(file, text),
            goes_on=lambda: not (self._stop.is_set() or file.stage.is_final),
        )
