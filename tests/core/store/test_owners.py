"""Whose knowledge bases are on a shared Milvus, and that one visitor's are nobody else's."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.errors import ForeignCollectionError, KnowledgeBaseNotFoundError
from core.store import KnowledgeStore, connect
from core.store.collections import create_knowledge_base, document_ids, knowledge_base_names
from core.store.names import KB_KIND, KIND_KEY, NAME_KEY, collection_name
from core.store.owners import count_chunks, drop_all, owners
from tests.visitors import ANN, BEN, give


def test_knowledge_bases_of_a_visitor_are_found_under_that_visitor_only(
    shared: Settings, embedder: Embedder
) -> None:
    for who in (shared, shared.for_visitor(ANN), shared.for_visitor(BEN)):
        create_knowledge_base(who.target, "Notes", model=embedder.name, dim=embedder.dim)
    create_knowledge_base(shared.for_visitor(ANN).target, "Mine", model=embedder.name, dim=embedder.dim)
    assert knowledge_base_names(shared.for_visitor(ANN).target) == ["Mine", "Notes"]
    assert knowledge_base_names(shared.for_visitor(BEN).target) == ["Notes"]
    assert knowledge_base_names(shared.target) == ["Notes"]
    assert set(owners(shared.target)) == {ANN, BEN}
    with pytest.raises(KnowledgeBaseNotFoundError):
        document_ids(shared.for_visitor(BEN).target, "Mine")


def test_collection_in_a_visitors_name_but_without_the_mark_is_left_alone(
    shared: Settings, embedder: Embedder
) -> None:
    client = connect(shared.target)
    name = collection_name("default", ANN)
    client.create_collection(name, dimension=4)
    client.alter_collection_properties(name, {KIND_KEY: KB_KIND, NAME_KEY: "default"})
    target = shared.for_visitor(ANN).target
    with pytest.raises(ForeignCollectionError):
        KnowledgeStore.open(target, "default", model=embedder.name, dim=embedder.dim)
    assert drop_all(shared.target, ANN) == 0
    assert client.has_collection(name)


def test_chunks_are_counted_for_a_visitor_and_in_all(shared: Settings, embedder: Embedder) -> None:
    give(shared.for_visitor(ANN), embedder)
    give(shared.for_visitor(ANN), embedder, "more")
    give(shared.for_visitor(BEN), embedder)
    give(shared, embedder, "the host's own")
    assert (count_chunks(shared.target, ANN), count_chunks(shared.target)) == (4, 6)
    assert drop_all(shared.target, "") == 0, "nobody is no visitor"
