"""Visitors of a shared app, and a knowledge base for each."""

from __future__ import annotations

import asyncio

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.knowledge_base import KnowledgeBase
from tests.documents import build_pdf

ANN, BEN, CEM, DEA = "aa" * 12, "bb" * 12, "cc" * 12, "dd" * 12
PDF = build_pdf(["The lighthouse is 37 metres high.", "Bread needs flour."])
HOUR_S = 3600
NOW_S = 1_800_000_000.0


def give(settings: Settings, embedder: Embedder, name: str = "default") -> KnowledgeBase:
    """A knowledge base with one PDF of two chunks."""
    kb = KnowledgeBase.load(name, settings)
    file = IncomingFile(name="a.pdf", size_bytes=len(PDF), read=lambda: PDF)

    async def ingest() -> None:
        await kb.new_ingest([file]).run()
        await kb.aclose()

    asyncio.run(ingest())
    return kb
