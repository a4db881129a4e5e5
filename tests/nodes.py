"""Chunks made by hand, as Milvus stores them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core.documents.models import Chunk
from core.store import chunk_node

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode


def made_node(
    text: str,
    embedding: Iterable[float],
    *,
    id: str,
    document_id: str,
    extra: dict[str, Any],
    file: str = "",
    page: int | None = None,
    position: int = 0,
    num_tokens: int = 9,
) -> TextNode:
    """A chunk that is all of its place.

    Args:
        text: Of the chunk.
        embedding: Its vector.
        id: Its own.
        document_id: Its document's.
        extra: What is stored about its document.
        file: Its document's name; by default made of its id.
        page: Where it stands; None for a document without pages.
        position: Which of the document's chunks it is.
        num_tokens: How many the text has.
    """
    chunk = Chunk(
        id=id,
        document_id=document_id,
        file=file or f"{document_id}.txt",
        page=page,
        position=position,
        start=0,
        end=len(text),
        text=text,
        text_hash="h",
        num_tokens=num_tokens,
    )
    return chunk_node(chunk, embedding=[float(value) for value in embedding], extra=extra)


def map_rows(sizes: dict[str, int], **extra: Any) -> list[dict[str, Any]]:
    """Rows as a map of chunks reads them: of each file so many."""
    return [
        {"id": f"{file}-{number}", "doc_id": file, "file": file, "page": number + 1, **extra}
        for file, size in sizes.items()
        for number in range(size)
    ]
