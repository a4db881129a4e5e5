"""The way of one file to the chunks that Milvus does not have yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.documents.file_identity import document_id
from core.documents.languages import language_of_document
from core.documents.models import Chunk, CutDocument, Document, DocumentSummary, Version
from core.documents.part_names import parts_counted
from core.documents.sandbox.pool import DocumentReader, ReadCall, shared_reader, until_stopped
from core.documents.sources.incoming import IncomingFile
from core.documents.versions import versions_of
from core.ingest.conclusion import Conclusion
from core.ingest.file_state import FileState
from core.ingest.journal import Journal
from core.ingest.progress import Stage
from core.ingest.retry import FilePatience
from core.runtime.event_loop import in_background
from core.runtime.words import counted

if TYPE_CHECKING:
    from core.documents.originals import Originals
    from core.embedding.model import Embedder
    from core.store import KnowledgeStore


class Intake:
    """Reads files and finds out what of them is missing.

    Args:
        files: Those of the ingest; `retry` puts others into their places.
        journal: Where what happens is noted.
        seen: Document ids with the file that brought them; written here.
        store: As that of `core.ingest.pipeline.Ingest`.
        embedder: As that of `Ingest`.
        originals: As those of `Ingest`.
        reader: As that of `Ingest`.
        patience: What repeats a call that Milvus did not answer.
        conclusion: What ends a file of which nothing is missing.
    """

    def __init__(
        self,
        files: Sequence[FileState],
        journal: Journal,
        seen: dict[str, int],
        *,
        store: KnowledgeStore,
        embedder: Embedder,
        originals: Originals | None,
        reader: DocumentReader | None,
        patience: FilePatience,
        conclusion: Conclusion,
    ) -> None:
        self._files, self._journal = files, journal
        self._store, self._embedder, self._originals = store, embedder, originals
        self._reader = reader or shared_reader()
        self._patience, self._conclusion = patience, conclusion
        self._seen = seen
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
                present = await self._patience.call(file, chunk_ids)
                outdated = present - {chunk.id for chunk in chunks}
                if there.is_outdated or outdated:
                    # It was read by an earlier version, or with another encoding, and gives other passages
                    # now. The old ones stay until all new ones are in; those of both are written anew.
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
        file.original = b"" if self._originals is None or file.is_protected else data
        if file.stage.is_final:
            return []
        if not missing:
            await self.keep_original(file)
            await self._conclusion.conclude(file, Stage.PRESENT)
        else:
            file.stage = Stage.WAITING
        return missing

    async def keep_original(self, file: FileState) -> None:
        """Keep the file itself where that is wanted, now that something of it is there, or about to be."""
        data, file.original = file.original, b""
        if data and self._originals is not None and file.document is not None:
            await asyncio.to_thread(self._originals.keep, file.document.id, data)

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
        call, incoming = ReadCall(), file.incoming
        self._reading = file, call
        # A password is wanted for this once; nothing keeps it.
        file.incoming, file.is_protected = replace(incoming, password=None), bool(incoming.password)
        self._journal.note(file, "is being read")
        try:
            data, found_id = await until_stopped(call, partial(_bytes_and_id, file))
            twin = self._twin(file, found_id)
            look_up = partial(asyncio.to_thread, self._store.look_up, found_id, file.name)
            there, others = await self._patience.call(file, look_up)
            file.beside = self._versions(file, others)
            if twin is not None:
                await self._end_as_twin(file, twin)
                return None
            if there is not None and self._is_no_news(incoming, there, data):
                await self._end_as_present(file, there)
                return None
            parse = self._parse(file, incoming, call, has_read)
            return data, await until_stopped(call, partial(parse, data)), there
        finally:
            self._reading = None

    def _parse(
        self, file: FileState, incoming: IncomingFile, call: ReadCall, has_read: Callable[[Document], None]
    ) -> Callable[[bytes], CutDocument]:
        """What reads and cuts the file's bytes, in a thread."""
        loop = asyncio.get_running_loop()

        def on_pages(done: int, of: int) -> None:
            file.pages_read = done, of

        return lambda data: self._reader.read(
            file.name,
            data,
            self._embedder.tokenization,
            password=incoming.password,
            ocr=incoming.ocr,
            encoding=incoming.encoding,
            main_only=bool(incoming.main_only),
            on_pages=on_pages,
            on_read=lambda document: loop.call_soon_threadsafe(has_read, document),
            call=call,
        )

    async def _end_as_twin(self, file: FileState, twin: FileState) -> None:
        """Leave the work to a file of the same ingest that has the same content."""
        file.twin, file.error = twin, f"The same content as {twin.name}."
        # While that is going in, what this name stands for must not go yet.
        is_in = twin.stage in {Stage.DONE, Stage.PRESENT}
        await self._conclusion.conclude(file, Stage.PRESENT, may_delete=is_in)

    async def _end_as_present(self, file: FileState, there: DocumentSummary) -> None:
        """Nothing to do: Milvus has all of it."""
        file.take_summary(there)
        if there.file != file.name:
            file.error = f"It is there as {there.file}."
        await self._conclusion.conclude(file, Stage.PRESENT)

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
        beside = {each.incoming.origin for each in self._files if each.name == file.name}
        versions = versions_of(file.incoming.origin, others, beside)
        return tuple(version for version in versions if version.id not in self._seen)

    def _is_no_news(self, incoming: IncomingFile, there: DocumentSummary, data: bytes) -> bool:
        """Whether nothing of the document is wanting: neither a chunk nor the PDF for the pictures."""
        return (
            # Of a web page the menus may be in, or not; its bytes do not tell what was asked for.
            not (incoming.ocr or incoming.encoding or incoming.main_only is not None)
            # Where there are more than it should have, some are left of how it was read before.
            and there.chunks_present == there.num_chunks
            and not there.is_outdated
            and not (self._originals and self._originals.lacks(there.id, data))
        )


def _bytes_and_id(file: FileState) -> tuple[bytes, str]:
    data = file.read()
    return data, document_id(data)
