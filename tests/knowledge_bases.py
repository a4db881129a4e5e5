"""Small knowledge bases made by hand, on a real Milvus Lite."""

from __future__ import annotations

import hashlib

from core.config.settings import Settings
from core.store import KnowledgeStore, collections
from tests.nodes import made_node

DIM = 8


def id_of(document: str) -> str:
    """The id that a document of that name has here."""
    return hashlib.md5(document.encode()).hexdigest()


def fill_base(store: KnowledgeStore, document: str, num_chunks: int, *, expected: int | None = None) -> str:
    """Put a document of `num_chunks` chunks in; expected: how many it should have had."""
    extra = {
        "size_bytes": 1000,
        "num_pages": None,
        "num_chunks": expected or num_chunks,
        "document_tokens": 5 * num_chunks,
        "ingested_at": "2026-11-22T10:00:00+00:00",
    }
    nodes = [
        made_node(
            f"text {position}",
            [1.0] * DIM,
            id=hashlib.md5(f"{document}{position}".encode()).hexdigest(),
            document_id=id_of(document),
            file=f"{document}.txt",
            position=position,
            num_tokens=5,
            extra=extra,
        )
        for position in range(num_chunks)
    ]
    store.add(nodes)
    return id_of(document)


def open_base(settings: Settings, name: str, *, create: bool = False) -> KnowledgeStore:
    """One that is there, or a new one."""
    return KnowledgeStore.open(settings.target, name, model="m", dim=DIM, create=create)


def made_base(settings: Settings, name: str, description: str = "") -> KnowledgeStore:
    """A new one, empty."""
    collections.create_knowledge_base(settings.target, name, model="m", dim=DIM, description=description)
    return open_base(settings, name)


def base_names(settings: Settings) -> list[str]:
    """The names of all that are there."""
    return collections.knowledge_base_names(settings.target)
