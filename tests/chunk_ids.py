"""The chunk ids of texts, in short: a knowledge base that exists holds the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from core.documents.models import Chunk


def in_short(chunks: Iterable[Chunk]) -> tuple[int, str]:
    """How many they are, and a digest of their ids in order."""
    ids = [chunk.id for chunk in chunks]
    return len(ids), hashlib.sha256("".join(ids).encode()).hexdigest()[:16]
