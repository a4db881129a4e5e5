"""What is done once all of a file is in: the chunks and versions that it takes the place of go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.documents.versions import replaced_words
from core.errors import StoreError
from core.ingest.file_state import FileState
from core.ingest.journal import Journal
from core.ingest.progress import Stage
from core.ingest.retry import FilePatience
from core.runtime.words import counted
from core.store.collections import documents_anywhere

if TYPE_CHECKING:
    from core.documents.originals import Originals
    from core.store import KnowledgeStore


class Conclusion:
    """Ends the files of one ingest that are in.

    Args:
        store: As that of `core.ingest.pipeline.Ingest`.
        originals: As those of `Ingest`.
        patience: What repeats a call that Milvus did not answer.
        deleted: Told how many chunks were deleted.
    """

    def __init__(
        self,
        journal: Journal,
        seen: Mapping[str, int],
        *,
        store: KnowledgeStore,
        originals: Originals | None,
        patience: FilePatience,
        deleted: Callable[[int], None],
    ) -> None:
        self._journal, self._store, self._originals = journal, store, originals
        self._seen = seen
        self._patience, self._deleted = patience, deleted

    async def conclude(self, file: FileState, stage: Stage, *, may_delete: bool = True) -> None:
        """All of it is in: now what it replaces may go, and it has ended in `stage`.

        Args:
            file: What has ended.
            stage: DONE, or PRESENT where nothing of it was missing.
            may_delete: False for the twin of a file that is still going in; it is concluded again with that.

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
        if not file.stage.is_final:
            self._journal.finish(file, stage)
        # What its notes tell may be a reason to read it in another way.
        if may_delete and not file.notes:
            file.let_go()

    async def _delete_outdated(self, file: FileState) -> None:
        """The passages that it has no more, now that it is read anew.

        Raises:
            StoreError: When they could not be deleted; the file itself is in.
        """
        assert file.document is not None
        delete = partial(asyncio.to_thread, self._store.delete_chunks, file.document.id, file.outdated_ids)
        try:
            await self._patience.call(file, delete)
        except StoreError as exc:
            raise StoreError(
                f"{file.name} is in as it reads now, but what it read before could not be deleted: {exc} "
                "Try again to delete it."
            ) from exc
        num_old = len(file.outdated_ids)
        self._deleted(num_old)
        self._journal.note(file, f"deleted: {counted(num_old, 'chunk')} of how it was read before")

    async def _delete_replaced(self, file: FileState) -> None:
        # One that another file of this ingest has brought meanwhile is wanted after all.
        file.beside = tuple(version for version in file.beside if version.id not in self._seen)
        while file.beside:
            version = file.beside[0]
            delete = partial(asyncio.to_thread, self._store.delete_document, version.id)
            num_chunks = await self._patience.call(file, delete)
            self._deleted(num_chunks)
            file.beside = file.beside[1:]
            file.replaced = (*file.replaced, replace(version, num_chunks=num_chunks))
        if not file.replaced:
            return
        self._journal.note(file, replaced_words(file.replaced))
        if self._originals is not None:
            ids = [version.id for version in file.replaced]
            needed_of = partial(documents_anywhere, self._store.target)
            await asyncio.to_thread(self._originals.forget_unneeded, ids, needed_of)
