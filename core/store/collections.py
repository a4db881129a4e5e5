"""Knowledge bases as a whole: make, rename, describe, empty and delete them, and what each one holds.

All that is known about one stands on its Milvus collection. A collection without our mark is never
read, changed or dropped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.config.settings import Target
from core.errors import KnowledgeBaseNameError, KnowledgeBaseNotFoundError
from core.store.connection import CALL_TIMEOUT_S, connect, count_where, drop_collection, properties_of
from core.store.milvus_errors import store_errors
from core.store.names import (
    CHANGING_PREFIX,
    CREATED_KEY,
    DESCRIPTION_KEY,
    NAME_KEY,
    KnowledgeBaseInfo,
    checked_name,
    find_collection,
    free_collection,
    info_of,
    is_same_name,
    our_collections,
)
from core.store.schema import create_collection
from core.store.summaries import first_rows, present_chunks

if TYPE_CHECKING:
    from pymilvus import MilvusClient

MAX_DESCRIPTION_CHARS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeBaseCard:
    """A knowledge base and what it holds.

    Attributes:
        created_at: ISO 8601 in UTC; None for one made before that was noted.
        size_bytes: Of its documents as they were uploaded, together.
        num_cut_short: How many of its documents have not all of their chunks.
    """

    info: KnowledgeBaseInfo
    description: str
    created_at: str | None
    num_documents: int
    num_chunks: int
    size_bytes: int
    num_cut_short: int = 0

    @property
    def name(self) -> str:
        """As people chose it, not the collection's."""
        return self.info.name


def knowledge_base_names(target: Target) -> list[str]:
    """The names of all knowledge bases, sorted; without counting anything, so it is quick."""
    client = connect(target)
    with store_errors(target):
        return sorted(_name(found) for found in _shown(client, target.owner).values())


def knowledge_bases(target: Target, *, with_begun: bool = False) -> list[KnowledgeBaseInfo]:
    """All knowledge bases of the target, by name.

    Args:
        target: Where they are, and whose: those of its owner alone.
        with_begun: Also those that are being made anew for another embedding model.
    """
    client = connect(target)
    found = []
    with store_errors(target):
        for collection, properties in our_collections(client, target.owner).items():
            if properties.get(NAME_KEY, "").startswith(CHANGING_PREFIX) and not with_begun:
                continue
            client.load_collection(collection, timeout=CALL_TIMEOUT_S)
            found.append(info_of(collection, properties, count_where(client, collection)))
    return sorted(found, key=lambda info: info.name)


def languages_of_knowledge_bases(
    target: Target,
) -> list[tuple[KnowledgeBaseInfo, list[tuple[str | None, float | None]]]]:
    """All knowledge bases of the target; of each document the language and what its model can't read of it.

    See `core.documents.models.DocumentSummary`.
    """
    client = connect(target)
    found = []
    for kb in knowledge_bases(target):
        with store_errors(target):
            rows = first_rows(client, kb.collection, ["language", "unknown_share"])
        found.append((kb, [(row.get("language"), row.get("unknown_share")) for row in rows]))
    return found


def overview(target: Target) -> list[KnowledgeBaseCard]:
    """Every knowledge base with what it holds, by name."""
    client = connect(target)
    with store_errors(target):
        cards = [_card(client, name, found) for name, found in _shown(client, target.owner).items()]
    return sorted(cards, key=lambda card: card.name.casefold())


def _shown(client: MilvusClient, owner: str) -> dict[str, dict[str, str]]:
    found = our_collections(client, owner)
    return {
        name: properties
        for name, properties in found.items()
        if not _name(properties).startswith(CHANGING_PREFIX)
    }


def _name(properties: dict[str, str]) -> str:
    return properties.get(NAME_KEY, "")


def _card(client: MilvusClient, collection: str, properties: dict[str, str]) -> KnowledgeBaseCard:
    # Milvus Lite comes up with every collection released.
    client.load_collection(collection, timeout=CALL_TIMEOUT_S)
    rows = first_rows(client, collection, ["doc_id", "size_bytes", "num_chunks"])
    num_chunks = count_where(client, collection)
    expected = [(str(row["doc_id"]), int(row["num_chunks"])) for row in rows]
    present = present_chunks(
        expected,
        lambda ids: count_where(client, collection, f"doc_id in {json.dumps(list(ids))}"),
        total=num_chunks,
    )
    return KnowledgeBaseCard(
        info=info_of(collection, properties, num_chunks),
        description=properties.get(DESCRIPTION_KEY, ""),
        created_at=properties.get(CREATED_KEY),
        num_documents=len(rows),
        num_chunks=num_chunks,
        size_bytes=sum(int(row["size_bytes"]) for row in rows),
        num_cut_short=sum(present[document_id] < wanted for document_id, wanted in expected),
    )


def create_knowledge_base(
    target: Target, name: str, *, model: str, dim: int, description: str = ""
) -> KnowledgeBaseInfo:
    """Make an empty knowledge base for the embedding model `model` of `dim` dimensions.

    Raises:
        KnowledgeBaseNameError: When the name is empty, too long or taken (case does not count).
    """
    name = checked_name(name)
    client = connect(target)
    with store_errors(target):
        _check_free(client, target, name)
        collection = free_collection(client, name, target.owner)
        create_collection(client, collection, kb=name, model=model, dim=dim, is_lite=target.is_lite)
        if description.strip():
            _set(client, collection, DESCRIPTION_KEY, _one_line(description))
        return info_of(collection, properties_of(client, collection), 0)


def find_knowledge_base(target: Target, name: str) -> KnowledgeBaseInfo:
    """What a knowledge base is; its chunks are not counted.

    Raises:
        KnowledgeBaseNotFoundError: No knowledge base of that name exists at the target.
    """
    client = connect(target)
    with store_errors(target):
        collection = _existing(client, target, name)
        return info_of(collection, properties_of(client, collection), None)


def twins_of(target: Target, kb: KnowledgeBaseInfo) -> list[KnowledgeBaseInfo]:
    """All that have its name, itself among them; several where `replace_knowledge_base` was cut off."""
    client = connect(target)
    with store_errors(target):
        found = our_collections(client, target.owner)
    return [info_of(name, each, None) for name, each in found.items() if _name(each) == kb.name]


def begin_replacement(target: Target, name: str, *, model: str, dim: int) -> KnowledgeBaseInfo:
    """A knowledge base that nobody is shown, to become `name` with `replace_knowledge_base`.

    One that was begun for the same model is the same again; one for another model is dropped.
    """
    hidden = f"{CHANGING_PREFIX}{name}"
    client = connect(target)
    with store_errors(target):
        collection = _begun(client, target, name)
        if collection is not None:
            begun = info_of(collection, properties_of(client, collection), None)
            if (begun.model, begun.dim) == (model, dim):
                return begun
            drop_collection(client, target, collection)
        collection = free_collection(client, name, target.owner)
        create_collection(client, collection, kb=hidden, model=model, dim=dim, is_lite=target.is_lite)
        return info_of(collection, properties_of(client, collection), 0)


def replace_knowledge_base(target: Target, old: KnowledgeBaseInfo, new: KnowledgeBaseInfo) -> None:
    """Let `new` be what `old` was: it gets its name, its description and its date, and `old` is dropped.

    Cut off in between, both have the name; called again, it ends what it began.
    """
    client = connect(target)
    with store_errors(target):
        properties = properties_of(client, old.collection)
        kept = {key: properties[key] for key in (NAME_KEY, DESCRIPTION_KEY, CREATED_KEY) if key in properties}
        client.alter_collection_properties(new.collection, kept, timeout=CALL_TIMEOUT_S)
        drop_collection(client, target, old.collection)


def rename_knowledge_base(target: Target, name: str, new_name: str) -> str:
    """Call knowledge base `name` something else; returns the new name as it is kept.

    The collection keeps its own name.

    Raises:
        KnowledgeBaseNameError: The name can't be given to a knowledge base: too long, empty or taken.
        KnowledgeBaseNotFoundError: No knowledge base of that name exists at the target.
    """
    new_name = checked_name(new_name)
    client = connect(target)
    with store_errors(target):
        collection = _existing(client, target, name)
        _check_free(client, target, new_name, besides=collection)
        begun = _begun(client, target, _name(properties_of(client, collection)))
        _set(client, collection, NAME_KEY, new_name)
        if begun is not None:
            _set(client, begun, NAME_KEY, f"{CHANGING_PREFIX}{new_name}")
    return new_name


def set_description(target: Target, name: str, description: str) -> None:
    """Say in a sentence what a knowledge base is for; at most `MAX_DESCRIPTION_CHARS` are kept."""
    client = connect(target)
    with store_errors(target):
        _set(client, _existing(client, target, name), DESCRIPTION_KEY, _one_line(description))


def delete_all_chunks(target: Target, name: str) -> int:
    """Delete every chunk and keep the knowledge base; returns how many there were.

    Kept PDFs stay: see `core.knowledge_base_deletion.empty_knowledge_base`.
    """
    client = connect(target)
    with store_errors(target):
        collection = _existing(client, target, name)
        client.load_collection(collection, timeout=CALL_TIMEOUT_S)
        num_chunks = count_where(client, collection)
        client.delete(collection, filter="position >= 0", timeout=CALL_TIMEOUT_S)
        if target.is_lite:
            client.flush(collection)
        _drop_begun(client, target, collection)
    return num_chunks


def drop_knowledge_base(target: Target, name: str) -> int:
    """Drop a knowledge base with all its chunks; returns how many there were.

    Kept PDFs stay: see `core.knowledge_base_deletion.delete_knowledge_base`.
    """
    client = connect(target)
    with store_errors(target):
        collection = _existing(client, target, name)
        client.load_collection(collection, timeout=CALL_TIMEOUT_S)
        num_chunks = count_where(client, collection)
        _drop_begun(client, target, collection)
        drop_collection(client, target, collection)
    return num_chunks


def _begun(client: MilvusClient, target: Target, name: str) -> str | None:
    """The collection in which `name` is being made anew for another model; None without one.

    By its exact name of now alone: the first name of its collection is an earlier replacement's, and in
    other letters somebody may have called a knowledge base of their own so.
    """
    found = our_collections(client, target.owner)
    return next((each for each in found if _name(found[each]) == f"{CHANGING_PREFIX}{name}"), None)


def _drop_begun(client: MilvusClient, target: Target, collection: str) -> None:
    """Drop what was begun for another model of this knowledge base: it has all passages too."""
    begun = _begun(client, target, _name(properties_of(client, collection)))
    if begun is not None:
        drop_collection(client, target, begun)


def document_ids(target: Target, name: str) -> set[str]:
    """Ids of all documents of a knowledge base."""
    client = connect(target)
    with store_errors(target):
        collection = _existing(client, target, name)
        client.load_collection(collection, timeout=CALL_TIMEOUT_S)
        return {str(row["doc_id"]) for row in first_rows(client, collection, ["doc_id"])}


def documents_anywhere(target: Target, wanted: Sequence[str]) -> set[str]:
    """Which of the documents `wanted` (ids) any knowledge base of the target still has."""
    client = connect(target)
    found: set[str] = set()
    with store_errors(target):
        for collection in our_collections(client, target.owner):
            missing = [document_id for document_id in wanted if document_id not in found]
            if not missing:
                break
            client.load_collection(collection, timeout=CALL_TIMEOUT_S)
            rows = first_rows(client, collection, ["doc_id"], f"doc_id in {json.dumps(missing)}")
            found |= {str(row["doc_id"]) for row in rows}
    return found


def _existing(client: MilvusClient, target: Target, name: str) -> str:
    collection = find_collection(client, name, target.owner)
    if collection is None:
        raise KnowledgeBaseNotFoundError(
            f"There is no knowledge base {name!r}{target.place}. It may have been renamed or deleted."
        )
    return collection


def _check_free(client: MilvusClient, target: Target, name: str, *, besides: str = "") -> None:
    for collection, found in our_collections(client, target.owner).items():
        if collection != besides and is_same_name(_name(found), name):
            raise KnowledgeBaseNameError(
                f"A knowledge base {_name(found)!r} exists already. Choose another name."
            )


def _set(client: MilvusClient, collection: str, key: str, value: str) -> None:
    client.alter_collection_properties(collection, {key: value}, timeout=CALL_TIMEOUT_S)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_DESCRIPTION_CHARS]
