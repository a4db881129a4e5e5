"""What visitors of a shared app own in Milvus, seen from the host's side: counted, and dropped."""

from __future__ import annotations

from contextlib import suppress

from core.config.settings import Target
from core.errors import KnowledgeBaseNotFoundError
from core.store.connection import CALL_TIMEOUT_S, connect, count_where, drop_collection, properties_of
from core.store.milvus_errors import store_errors
from core.store.names import CREATED_KEY, KB_PREFIX, is_ours, owner_of


def owners(target: Target) -> dict[str, str]:
    """Every visitor who has a knowledge base, with when their newest one was made (ISO 8601 in UTC)."""
    client = connect(target)
    found: dict[str, str] = {}
    with store_errors(target):
        for name in client.list_collections(timeout=CALL_TIMEOUT_S):
            owner = owner_of(name)
            if name.startswith(KB_PREFIX) and owner:
                made = properties_of(client, name).get(CREATED_KEY, "")
                found[owner] = max(made, found.get(owner, ""))
    return found


def count_chunks(target: Target, owner: str | None = None) -> int:
    """How many chunks the visitor `owner` holds; None counts those of all visitors."""
    client = connect(target)
    with store_errors(target):
        names = client.list_collections(timeout=CALL_TIMEOUT_S)
    total = 0
    for name in names:
        of = owner_of(name)
        # One that was dropped since has none.
        with suppress(KnowledgeBaseNotFoundError), store_errors(target):
            if of and owner in {None, of}:
                # Milvus Lite comes up with every collection released.
                client.load_collection(name, timeout=CALL_TIMEOUT_S)
                total += count_where(client, name)
    return total


def drop_all(target: Target, owner: str) -> int:
    """Drop every knowledge base of a visitor; returns how many there were. What lacks our mark stays."""
    client = connect(target)
    dropped = 0
    with store_errors(target):
        for name in client.list_collections(timeout=CALL_TIMEOUT_S):
            if owner and owner_of(name) == owner and is_ours(properties_of(client, name), owner):
                drop_collection(client, target, name)
                dropped += 1
    return dropped
