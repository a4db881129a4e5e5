"""The way of one file to the chunks that Milvus does not have yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from core.documents.languages import language_of_document
from core.documents.models import Chunk, CutDocument, Document, DocumentSummary, Stage, Version
from core.documents.part_names import parts_counted
from core.documents.readers.reader import document_id
from core.documents.sandbox.pool import DocumentReader, ReadCall, shared_reader, until_stopped
from core.documents.versions import are_one, replaced_words
from core.errors import StoreError
from core.ingest.journal import Journal
from core.ingest.progress import FileState
from core.ingest.retry import Patience
from core.runtime.event_loop import in_background
from core.runtime.words import counted
from core.store.collections import documents_anywhere

if TYPE_CHECKING:
    from core.documents.originals import Originals
    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

T = TypeVar("T")


class Intake:
    """Reads files and finds out what of them is missing.

    Args:
        files: Of the ingest; `retry` puts others into their places.
        store: As that of `core.ingest.pipeline.Ingest`.
        embedder: As that of `Ingest`.
        originals: As those of `Ingest`.
        reader: As that of `Ingest`.
        retry_after_s: As that of `Ingest`.
        is_stopped: Whether the ingest is to end.
        deleted: Told how many chunks were deleted.
    """

    def __init__(
        self,
        files: Sequence[FileState],
        journal: Journal,
        *,
        store: KnowledgeStore,
        embedder: Embedder,
        originals: Originals | None,
        reader: DocumentReader | None,
        retry_after_s: Sequence[float],
        is_stopped: Callable[[], bool],
        deleted: Callable[[int], None],
    ) -> None:
        self._files, self._journal = files, journal
        self._store, self._embedder, self._originals = store, embedder, originals
        self._reader = reader or shared_reader()
        self._patience = Patience(retry_after_s)
        self._is_stopped, self._deleted = is_stopped, deleted
        # Document ids with the file that brought them.
        self._seen: dict[str, int] = {}
        self._reading: tuple[FileState, ReadCall] | None = None

    def end_reading(self, file: FileState | None = None) -> None:
        """End the reading that is under way; with `file` only where that is being read."""
        reading = self._reading
        if reading is not None and (file is None or reading[0] is file):
            reading[1].stop()

    async def missing_chunks(self, file: FileState) -> list[Chunk]:
        """The file's chunks that Milvus does not have; ends the file when there are none."""
        with self._read_then_chunk(file) as has_read:
            read = await self._read(file, has_read)
            if read is None or file.stage.is_final:
                return []
            data, cut, there = read
            document, chunks = cut.document, cut.chunks
            present: set[str] = set()
            if there is not None:
                chunk_ids = partial(asyncio.to_thread, self._store.chunk_ids, document.id)
                present = await self.patiently(file, chunk_ids)
                outdated = present - {chunk.id for chunk in chunks}
                if there.is_outdated or outdated:
                    # Its passages are others now: read by an earlier version, or with another encoding. Those
                    # that it had stay until all of these are in; what both have is written anew with them.
                    file.is_read_anew, file.outdated_ids, present = True, frozenset(outdated), set()
                    by = "by an earlier version" if there.is_outdated else "in another way"
                    self._journal.note(file, f"was read {by} and is added anew")
        missing = [chunk for chunk in chunks if chunk.id not in present]
        # While the passages are embedded: the first time it takes a second.
        file.telling_language = in_background(lambda: language_of_document(chunks))
        file.take_document(document, num_chunks=len(chunks), num_missing=len(missing))
        file.unknown_share = cut.unknown_share
        file.num_tokens = sum(chunk.num_tokens for chunk in chunks)
        already = f", {len(present):,} of them there already" if present else ""
        has, took = counted(len(chunks), "chunk"), f"(cut in {file.spans[-1].length_s:.2f} s)"
        self._journal.note(file, f"has {has}{already} {took}")
        for note in document.notes:
            self._journal.note(file, f"note: {note}")
        # A picture of a page can't be made of a PDF whose password nobody has kept.
        if self._originals is not None and not file.is_protected:
            await asyncio.to_thread(self._originals.keep, document.id, data)
        if file.stage.is_final:
            return []
        if not missing:
            await self.conclude(file, Stage.PRESENT)
        else:
            file.stage = Stage.WAITING
        return missing

    @contextmanager
    def _read_then_chunk(self, file: FileState) -> Iterator[Callable[[Document], None]]:
        """Two steps, one after the other; gives what to call when the first has ended."""
        with ExitStack() as step:
            step.enter_context(self._journal.step(file, "read"))

            def has_read(document: Document) -> None:
                if file.stage.is_final:
                    return
                step.close()
                took = f"{file.spans[-1].length_s:.2f} s"
                parts = parts_counted(document.file, document.num_pages)
                self._journal.note(file, f"was read in {', '.join(filter(None, [took, parts]))}")
                file.stage = Stage.CHUNKING
                step.enter_context(self._journal.step(file, "chunk"))

            yield has_read

    async def _read(
        self, file: FileState, has_read: Callable[[Document], None]
    ) -> tuple[bytes, CutDocument, DocumentSummary | None] | None:
        """Its bytes, what they say, and what Milvus has of it; None when it is no news, and has ended.

        Args:
            file: Its state is changed as it is read.
            has_read: Called when the bytes are read and are being cut.
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

        self._journal.note(file, "is being read")
        try:
            data, found_id = await until_stopped(call, read)
            twin = self._twin(file, found_id)
            look_up = partial(asyncio.to_thread, self._store.look_up, found_id, file.name)
            there, others = await self.patiently(file, look_up)
            file.beside = self._versions(file, others)
            if twin is not None:
                file.twin, file.error = twin, f"The same content as {twin.name}."
                # While that is going in, what this name stands for must not go yet.
                is_in = twin.stage in {Stage.DONE, Stage.PRESENT}
                await self.conclude(file, Stage.PRESENT, may_delete=is_in)
                return None
            if there is not None and not (incoming.ocr or incoming.encoding) and self._is_whole(there, data):
                file.take_summary(there)
                if there.file != file.name:
                    file.error = f"It is there as {there.file}."
                await self.conclude(file, Stage.PRESENT)
                return None
            parse = partial(
                self._reader.read,
                password=incoming.password,
                ocr=incoming.ocr,
                encoding=incoming.encoding,
                main_only=incoming.main_only,
                on_pages=on_pages,
                on_read=lambda document: loop.call_soon_threadsafe(has_read, document),
                call=call,
            )
            cut = await until_stopped(call, lambda: parse(file.name, data, self._embedder.tokenization))
            return data, cut, there
        finally:
            self._reading = None

    def _twin(self, file: FileState, found_id: str) -> FileState | None:
        """The file of this ingest that has the same content, if there is one; then this one adds nothing."""
        twin = self._files[self._seen.get(found_id, file.index)]
        has_begun = twin.started_s is not None
        if twin is file or not has_begun or twin.stage in {Stage.FAILED, Stage.STOPPED}:
            self._seen[found_id] = file.index
            return None
        return twin

    def _versions(self, file: FileState, others: Sequence[Version]) -> tuple[Version, ...]:
        """Which of `others`, which have the file's name, are versions of it: none of the same ingest."""
        origins = {other.origin for other in others}
        origins |= {each.incoming.origin for each in self._files if each.name == file.name}
        return tuple(
            other
            for other in others
            if other.id not in self._seen and (are_one(origins) or other.origin == file.incoming.origin)
        )

    async def conclude(self, file: FileState, stage: Stage, *, may_delete: bool = True) -> None:
        """All of it is in: now what it replaces may go, and it has ended in `stage`.

        Raises:
            StoreError: When the version that it replaces could not be deleted; the file itself is in.
        """
        if file.outdated_ids:
            await self._delete_outdated(file)
        if file.incoming.same_name == "replace" and file.beside and may_delete:
            try:
                await self._delete_replaced(file)
            except StoreError as exc:
                raise StoreError(
                    f"{file.name} is in, but the version that it replaces could not be deleted: {exc} "
                    "Try again to delete it."
                ) from exc
        self._journal.finish(file, stage)

    async def _delete_outdated(self, file: FileState) -> None:
        """The passages that it has no more, now that it is read anew.

        Raises:
            StoreError: When they could not be deleted; the file itself is in.
        """
        assert file.document is not None
        delete = partial(asyncio.to_thread, self._store.delete_chunks, file.document.id, file.outdated_ids)
        try:
            await self.patiently(file, delete)
        except StoreError as exc:
            raise StoreError(
                f"{file.name} is in as it reads now, but what it read before could not be deleted: {exc} "
                "Try again to delete it."
            ) from exc
        num_old = len(file.outdated_ids)
        self._deleted(num_old)
        self._journal.note(file, f"deleted: {counted(num_old, 'chunk')} of how it was read before")

    async def _delete_replaced(self, file: FileState) -> None:
        while file.beside:
            version = file.beside[0]
            delete = partial(asyncio.to_thread, self._store.delete_document, version.id)
            num_chunks = await self.patiently(file, delete)
            self._deleted(num_chunks)
            file.beside = file.beside[1:]
            file.replaced = (*file.replaced, replace(version, num_chunks=num_chunks))
        self._journal.note(file, replaced_words(file.replaced))
        if self._originals is not None:
            ids = [version.id for version in file.replaced]
            needed_of = partial(documents_anywhere, self._store.target)
            await asyncio.to_thread(self._originals.forget_unneeded, ids, needed_of)

    def _is_whole(self, there: DocumentSummary, data: bytes) -> bool:
        """Whether nothing of the document is wanting: neither a chunk nor the PDF for the pictures."""
        return (
            # More than it should have are left of how it was read before.
            there.chunks_present == there.num_chunks
            and not there.is_outdated
            and not (self._originals and self._originals.lacks(there.id, data))
        )

    async def patiently(self, file: FileState, call: Callable[[], Awaitable[T]]) -> T:
        """Inserting is an upsert by content and the rest reads or deletes, so repeating any is safe."""
        return await self._patience.call(
            call,
            say=lambda text: self._journal.note(file, text),
            goes_on=lambda: not (self._is_stopped() or file.stage.is_final),
        )
