"""The uploaded PDFs, kept so that an answer can show the page that it came from.

Knowledge is in Milvus alone: where an original is missing, its passages are shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from core.errors import StoreError

_ID = re.compile(r"[0-9a-f]{32}")
_PDF_MAGIC = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Originals:
    """A folder of PDFs, each under its document's id: a visitor's file name never becomes a path."""

    folder: Path

    def keep(self, document_id: str, data: bytes) -> None:
        """Keep `data` if it is a PDF. A full or read-only disk costs the picture, never the ingest."""
        if not self.lacks(document_id, data):
            return
        part = self.folder / f"{uuid4().hex}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(self._path(document_id))
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def lacks(self, document_id: str, data: bytes) -> bool:
        """Whether `data` is a PDF that is not kept."""
        return _PDF_MAGIC in data[:1024] and self.find(document_id) is None

    def find(self, document_id: str) -> Path | None:
        """Where the document's PDF is; None when there is none."""
        path = self._path(document_id)
        return path if path.is_file() else None

    def forget(self, document_id: str) -> None:
        """Remove it, if it is there."""
        with suppress(OSError):
            self._path(document_id).unlink(missing_ok=True)

    def forget_unneeded(
        self, document_ids: Sequence[str], needed_of: Callable[[Sequence[str]], Collection[str]]
    ) -> None:
        """Remove those of these documents that no knowledge base has any more. Blocks.

        Args:
            document_ids: The documents to look at, such as those that were just deleted.
            needed_of: Says which of some documents a knowledge base still has; may raise StoreError.
        """
        kept = [document_id for document_id in document_ids if self.find(document_id) is not None]
        if not kept:
            return
        try:
            needed = needed_of(kept)
        except StoreError:
            # What can't be asked may still be needed; a file too many does no harm.
            return
        for document_id in kept:
            if document_id not in needed:
                self.forget(document_id)

    def _path(self, document_id: str) -> Path:
        if not _ID.fullmatch(document_id):
            raise ValueError(f"{document_id!r} is no document id")
        return self.folder / f"{document_id}.pdf"
