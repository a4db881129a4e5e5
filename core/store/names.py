"""Which collection is which knowledge base: the names of people and those of Milvus."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from core.config.settings import SYNTHETIC_DATA
from core.errors import KnowledgeBaseNameError
from core.store.connection import CALL_TIMEOUT_S, properties_of

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# Collections carry this property; what lacks it is not ours and is never changed or dropped.
KIND_KEY = "overlap.kind"
KB_KIND = "knowledge-base"
KB_PREFIX = "overlap_kb_"
MODEL_KEY, DIM_KEY, NAME_KEY = "overlap.model", "overlap.dim", "overlap.name"
# Whose it is, in a shared app. A slug never holds two underscores, so no name leads to another owner's.
VISITOR_KEY = "overlap.visitor"
_OWNED = re.compile(rf"{KB_PREFIX}v([0-9a-f]{{24}})__")
DESCRIPTION_KEY, CREATED_KEY = "overlap.description", "overlap.created_at"
# A knowledge base of this name is being made anew for another embedding model; nobody is shown it.
CHANGING_PREFIX = "changing-model-"
MAX_NAME_CHARS = 60
# Invisible, yet part of words in Persian and in scripts of India, and of some emoji.
_JOINERS = dict.fromkeys((0x200C, 0x200D))


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeBaseInfo:
    """A knowledge base as the target has it.

    Attributes:
        name: What people call it.
        collection: What Milvus calls it.
        model: The embedding model that it was made with.
        dim: The length of that model's vectors.
        num_chunks: None where they were not counted.
    """

    name: str
    collection: str
    model: str
    dim: int
    num_chunks: int | None


def collection_name(kb: str, owner: str = "") -> str:
    """The collection of knowledge base `kb`: a readable slug, made unique where letters were lost."""
    slug = re.sub(r"[^a-z0-9]+", "_", kb.lower()).strip("_")[:40]
    if slug != kb:
        digest = hashlib.sha256(kb.encode(errors="surrogatepass")).hexdigest()[:8]
        slug = f"{slug}_{digest}" if slug else digest
    return _prefix(owner) + slug


def _prefix(owner: str) -> str:
    return f"{KB_PREFIX}v{owner}__" if owner else KB_PREFIX


def owner_of(collection: str) -> str:
    """Whose collection it is by its name; "" when it is no visitor's."""
    match = _OWNED.match(collection)
    return match[1] if match else ""


def checked_name(name: str) -> str:
    """`name` as a person typed it, without space around it.

    Raises:
        KnowledgeBaseNameError: No knowledge base may be called so: too long, empty, not to be shown, or
            kept for Overlap itself. Whether another one has the name is not asked.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    shown = name.translate(_JOINERS)
    if not shown.isprintable():
        raise KnowledgeBaseNameError(
            "This name has a character that can't be shown, such as an invisible mark that was copied along. "
            "Choose another name, or type it anew."
        )
    if not shown or len(name) > MAX_NAME_CHARS:
        raise KnowledgeBaseNameError(
            f"A knowledge base's name has 1 to {MAX_NAME_CHARS} characters; this one has "
            f"{len(name) if shown else 0}. "
            "Choose another name."
        )
    if name.casefold() in SYNTHETIC_DATA:
        raise KnowledgeBaseNameError(
            f"{name!r} is what benchmarks call data that is made for them. Choose another name."
        )
    # A name is found in any case of its letters.
    if name.casefold().startswith(CHANGING_PREFIX):
        raise KnowledgeBaseNameError(
            f"Names that begin with {CHANGING_PREFIX} are used by Overlap itself. Choose another name."
        )
    return name


def is_same_name(one: str, other: str) -> bool:
    """Whether both name one knowledge base: in any case of the letters, however accents are typed."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def our_collections(client: MilvusClient, owner: str = "") -> dict[str, dict[str, str]]:
    """Collection to properties, of every knowledge base of `owner`; without our mark it is left out."""
    candidates = [
        name
        for name in client.list_collections(timeout=CALL_TIMEOUT_S)
        if name.startswith(_prefix(owner)) and owner_of(name) == owner
    ]
    described = {name: properties_of(client, name) for name in sorted(candidates)}
    return {name: found for name, found in described.items() if is_ours(found, owner)}


def is_ours(properties: dict[str, str], owner: str) -> bool:
    """Whether a collection with these properties is a knowledge base of `owner`."""
    return properties.get(KIND_KEY) == KB_KIND and properties.get(VISITOR_KEY, "") == owner


def find_collection(client: MilvusClient, kb: str, owner: str = "") -> str | None:
    """The collection of the knowledge base that is called `kb` now, ignoring case; None without one."""
    usual = collection_name(kb, owner)
    if client.has_collection(usual, timeout=CALL_TIMEOUT_S):
        found = properties_of(client, usual)
        if is_ours(found, owner) and found.get(NAME_KEY) == kb:
            return usual
    names = {name: found.get(NAME_KEY, "") for name, found in our_collections(client, owner).items()}
    exact = [name for name, called in names.items() if called == kb]
    alike = [name for name, called in names.items() if is_same_name(called, kb)]
    return next(iter(exact + alike), None)


def resolve_collection(client: MilvusClient, kb: str, owner: str = "") -> tuple[str, bool]:
    """The collection to open for `kb`, and whether it exists.

    A knowledge base that was renamed is still found by its first name, until another one takes it: so
    links and settings that name it go on to work.
    """
    found = find_collection(client, kb, owner)
    if found is not None:
        return found, True
    usual = collection_name(kb, owner)
    return usual, client.has_collection(usual, timeout=CALL_TIMEOUT_S)


def free_collection(client: MilvusClient, kb: str, owner: str = "") -> str:
    """A collection name for a new knowledge base; its usual one may still belong to a renamed one."""
    usual = collection_name(kb, owner)
    if not client.has_collection(usual, timeout=CALL_TIMEOUT_S):
        return usual
    return f"{usual}_{uuid4().hex[:8]}"


def info_of(collection: str, properties: dict[str, str], num_chunks: int | None) -> KnowledgeBaseInfo:
    """A knowledge base from what is noted on its collection; `num_chunks` None where it was not counted."""
    return KnowledgeBaseInfo(
        name=properties[NAME_KEY],
        collection=collection,
        model=properties[MODEL_KEY],
        dim=int(properties[DIM_KEY]),
        num_chunks=num_chunks,
    )
