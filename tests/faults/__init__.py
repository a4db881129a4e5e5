"""What the tests of faults share: a text of many chunks, an embedder that acts in between, ids to compare."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.config.settings import Target
from core.documents.file_identity import document_id
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.store import KnowledgeStore, connect

KB = "faults"
WAIT_S = 60.0
TEXT = " ".join(
    f"Sentence number {i} tells about thing {i * 31} and nothing else at all." for i in range(900)
).encode()
SMALL_TEXT = b"The lighthouse was built in 1897. It is 37 metres high and still in service."
DOCUMENT_ID = document_id(TEXT)


class ActingEmbedder:
    """The real model, which does something once, before the batch of this number (from 0) is embedded."""

    def __init__(
        self, embedder: Embedder, act: Callable[[], Awaitable[object]], *, before_batch: int = 1
    ) -> None:
        self._embedder, self._act, self._left = embedder, act, before_batch
        self.tokenization = embedder.tokenization
        self.parallel = 1

    async def aembed(self, texts: Sequence[str]) -> Any:
        if self._left == 0:
            await self._act()
        self._left -= 1
        return await self._embedder.aembed(texts)


def text_file(data: bytes = TEXT, name: str = "long.txt") -> IncomingFile:
    return IncomingFile(name=name, size_bytes=len(data), read=lambda: data)


def open_store(target: Target, embedder: Embedder, *, create: bool = True) -> KnowledgeStore:
    return KnowledgeStore.open(target, KB, model=embedder.name, dim=embedder.dim, create=create)


def collections_of(target: Target) -> list[str]:
    found: list[str] = connect(target).list_collections()
    return found


def wait_until(is_so: Callable[[], object], what: str, *, timeout_s: float = WAIT_S) -> None:
    """Look again and again until it is so."""
    until_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < until_s, f"{what} did not happen within {timeout_s:g} s"
        time.sleep(0.02)
