from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.documents.originals import Originals
from core.errors import KnowledgeBaseNotFoundError
from core.knowledge_base_deletion import delete_documents, delete_knowledge_base, empty_knowledge_base
from core.store import (
    collections,
)
from tests.knowledge_bases import DIM, base_names, fill_base, made_base


def test_emptied_knowledge_base_stays_and_takes_documents_again(lite: Settings) -> None:
    store = made_base(lite, "one", "Kept.")
    fill_base(store, "a", 3)
    assert empty_knowledge_base(lite, "one") == 3
    assert store.count() == 0
    fill_base(store, "a", 3)
    assert [document.file for document in store.documents()] == ["a.txt"]
    assert collections.overview(lite.target)[0].description == "Kept."


def test_deleted_knowledge_base_is_a_clear_sentence_where_it_is_still_open(lite: Settings) -> None:
    store = made_base(lite, "one")
    fill_base(store, "a", 3)
    assert delete_knowledge_base(lite, "one") == 3
    assert base_names(lite) == []
    with pytest.raises(KnowledgeBaseNotFoundError, match="it was deleted"):
        store.documents()
    with pytest.raises(KnowledgeBaseNotFoundError, match="it was deleted"):
        store.search([1.0] * DIM, 3)


def test_missing_knowledge_base_is_named(lite: Settings) -> None:
    with pytest.raises(KnowledgeBaseNotFoundError, match="'nope'"):
        collections.rename_knowledge_base(lite.target, "nope", "x")
    with pytest.raises(KnowledgeBaseNotFoundError, match="'nope'"):
        delete_knowledge_base(lite, "nope")


def test_original_goes_with_its_last_document(lite: Settings) -> None:
    originals = Originals(lite.originals_dir)
    one, two = made_base(lite, "one"), made_base(lite, "two")
    document_id = fill_base(one, "a", 2)
    fill_base(two, "a", 2)
    originals.keep(document_id, b"%PDF-1.7")
    assert delete_documents(lite, one, [document_id]) == {document_id: 2}
    assert originals.find(document_id) is not None, "the other knowledge base has it still"
    delete_knowledge_base(lite, "two")
    assert originals.find(document_id) is None


def test_several_documents_are_deleted_and_the_rest_stays(lite: Settings) -> None:
    store = made_base(lite, "one")
    first, second = fill_base(store, "a", 2), fill_base(store, "b", 3)
    fill_base(store, "c", 4)
    assert delete_documents(lite, store, [first, second]) == {first: 2, second: 3}
    assert [document.file for document in store.documents()] == ["c.txt"]
