from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.cli.main import main
from core.config.settings import Settings
from core.documents.originals import Originals
from core.errors import KnowledgeBaseNameError, KnowledgeBaseNotFoundError, ModelMismatchError, StoreError
from core.knowledge_base import delete_documents, delete_knowledge_base, empty_knowledge_base
from core.store import (
    BENCH_PREFIX,
    KnowledgeStore,
    collection_name,
    collections,
    connect,
    open_ingest_store,
)
from core.store.summaries import present_chunks
from tests.nodes import made_node

DIM = 8


def _id(document: str) -> str:
    return hashlib.md5(document.encode()).hexdigest()


def _fill(store: KnowledgeStore, document: str, num_chunks: int, *, expected: int | None = None) -> str:
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
            document_id=_id(document),
            file=f"{document}.txt",
            position=position,
            num_tokens=5,
            extra=extra,
        )
        for position in range(num_chunks)
    ]
    store.add(nodes)
    return _id(document)


def _open(settings: Settings, name: str, *, create: bool = False) -> KnowledgeStore:
    return KnowledgeStore.open(settings.target, name, model="m", dim=DIM, create=create)


def _made(settings: Settings, name: str, description: str = "") -> KnowledgeStore:
    collections.create_knowledge_base(settings.target, name, model="m", dim=DIM, description=description)
    return _open(settings, name)


def _names(settings: Settings) -> list[str]:
    return collections.knowledge_base_names(settings.target)


def test_overview_shows_what_each_knowledge_base_holds(lite: Settings) -> None:
    store = _made(lite, "Contracts", "What we\nsigned.")
    _fill(store, "a", 2)
    _fill(store, "b", 3)
    _made(lite, "another")
    another, contracts = collections.overview(lite.target)
    assert (contracts.name, contracts.description) == ("Contracts", "What we signed.")
    assert (contracts.num_documents, contracts.num_chunks, contracts.size_bytes) == (2, 5, 2000)
    assert (contracts.info.model, contracts.info.dim) == ("m", DIM)
    assert contracts.created_at is not None
    assert (another.name, another.num_documents) == ("another", 0)


def test_overview_counts_the_documents_that_were_cut_short(lite: Settings) -> None:
    store = _made(lite, "one")
    for number in range(12):
        _fill(store, f"d{number}", 2, expected=5 if number in {3, 7} else None)
    (card,) = collections.overview(lite.target)
    assert (card.num_documents, card.num_cut_short) == (12, 2)


def test_what_is_made_for_a_measurement_is_not_shown(lite: Settings) -> None:
    open_ingest_store(lite.target, f"{BENCH_PREFIX}x", model="m", dim=DIM, is_lite=True)
    assert _names(lite) == []
    assert collections.overview(lite.target) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_name_that_breaks_the_rules_is_refused(lite: Settings, name: str) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="Choose another name"):
        collections.create_knowledge_base(lite.target, name, model="m", dim=DIM)
    assert _names(lite) == []


@pytest.mark.parametrize("name", ["x" * 60, "日本語", "../../etc", "a 'quoted' \"name\"", "Ünï"])
def test_any_other_name_can_be_given_and_opened(lite: Settings, name: str) -> None:
    assert _made(lite, name).info.name == name


def test_name_that_is_taken_is_refused_whatever_its_case(lite: Settings) -> None:
    _made(lite, "Contracts")
    with pytest.raises(KnowledgeBaseNameError, match="'Contracts' exists already"):
        collections.create_knowledge_base(lite.target, "contracts", model="m", dim=DIM)


def test_renamed_knowledge_base_opens_by_both_names_and_keeps_its_chunks(lite: Settings) -> None:
    _fill(_made(lite, "old"), "a", 2)
    assert collections.rename_knowledge_base(lite.target, "old", " new  name ") == "new name"
    assert _names(lite) == ["new name"]
    assert _open(lite, "new name").count() == 2
    assert _open(lite, "old").info.name == "new name"


def test_first_name_of_a_renamed_one_is_free_for_another(lite: Settings) -> None:
    _fill(_made(lite, "old"), "a", 2)
    collections.rename_knowledge_base(lite.target, "old", "new")
    assert _made(lite, "old").count() == 0
    assert _open(lite, "new").count() == 2
    assert _names(lite) == ["new", "old"]


def test_renaming_changes_case_but_never_takes_a_name(lite: Settings) -> None:
    _made(lite, "one")
    _made(lite, "two")
    assert collections.rename_knowledge_base(lite.target, "one", "ONE") == "ONE"
    with pytest.raises(KnowledgeBaseNameError, match="'two' exists already"):
        collections.rename_knowledge_base(lite.target, "ONE", "Two")


def test_description_can_be_changed(lite: Settings) -> None:
    _made(lite, "one")
    collections.set_description(lite.target, "one", "First.")
    collections.set_description(lite.target, "one", "")
    assert collections.overview(lite.target)[0].description == ""


def test_emptied_knowledge_base_stays_and_takes_documents_again(lite: Settings) -> None:
    store = _made(lite, "one", "Kept.")
    _fill(store, "a", 3)
    assert empty_knowledge_base(lite, "one") == 3
    assert store.count() == 0
    _fill(store, "a", 3)
    assert [document.file for document in store.documents()] == ["a.txt"]
    assert collections.overview(lite.target)[0].description == "Kept."


def test_deleted_knowledge_base_is_a_clear_sentence_where_it_is_still_open(lite: Settings) -> None:
    store = _made(lite, "one")
    _fill(store, "a", 3)
    assert delete_knowledge_base(lite, "one") == 3
    assert _names(lite) == []
    with pytest.raises(KnowledgeBaseNotFoundError, match="it was deleted"):
        store.documents()
    with pytest.raises(KnowledgeBaseNotFoundError, match="it was deleted"):
        store.search([1.0] * DIM, 3)


def test_missing_knowledge_base_is_named(lite: Settings) -> None:
    with pytest.raises(KnowledgeBaseNotFoundError, match="'nope'"):
        collections.rename_knowledge_base(lite.target, "nope", "x")
    with pytest.raises(KnowledgeBaseNotFoundError, match="'nope'"):
        delete_knowledge_base(lite, "nope")


def test_foreign_collection_is_neither_shown_nor_deleted(lite: Settings) -> None:
    client = connect(lite.target)
    client.create_collection(collection_name("theirs"), dimension=4)
    assert _names(lite) == []
    with pytest.raises(StoreError):
        collections.delete_knowledge_base(lite.target, "theirs")
    assert client.has_collection(collection_name("theirs"))


def test_one_made_with_another_model_is_listed_and_not_opened(lite: Settings) -> None:
    collections.create_knowledge_base(lite.target, "other", model="big", dim=16)
    assert [card.info.model for card in collections.overview(lite.target)] == ["big"]
    with pytest.raises(ModelMismatchError, match="big"):
        _open(lite, "other")


def test_all_is_there_after_milvus_lite_was_started_again(lite: Settings) -> None:
    from core.store import close_lite

    _fill(_made(lite, "old", "Kept."), "a", 2)
    collections.rename_knowledge_base(lite.target, "old", "new")
    close_lite(lite.target)
    (card,) = collections.overview(lite.target)
    assert (card.name, card.description, card.num_chunks) == ("new", "Kept.", 2)


def test_original_goes_with_its_last_document(lite: Settings) -> None:
    originals = Originals(lite.originals_dir)
    one, two = _made(lite, "one"), _made(lite, "two")
    document_id = _fill(one, "a", 2)
    _fill(two, "a", 2)
    originals.keep(document_id, b"%PDF-1.7")
    assert delete_documents(lite, one, [document_id]) == {document_id: 2}
    assert originals.find(document_id) is not None, "the other knowledge base has it still"
    delete_knowledge_base(lite, "two")
    assert originals.find(document_id) is None


def test_several_documents_are_deleted_and_the_rest_stays(lite: Settings) -> None:
    store = _made(lite, "one")
    first, second = _fill(store, "a", 2), _fill(store, "b", 3)
    _fill(store, "c", 4)
    assert delete_documents(lite, store, [first, second]) == {first: 2, second: 3}
    assert [document.file for document in store.documents()] == ["c.txt"]


def test_documents_carry_their_tokens_and_which_of_many_is_cut_short(lite: Settings) -> None:
    store = _made(lite, "one")
    for number in range(12):
        _fill(store, f"d{number}", 2, expected=5 if number in {3, 7} else None)
    documents = {document.file: document for document in store.documents()}
    incomplete = {file for file, document in documents.items() if not document.is_complete}
    assert incomplete == {"d3.txt", "d7.txt"}
    assert documents["d3.txt"].chunks_present == 2
    assert documents["d0.txt"].num_tokens == 10


def test_counting_asks_seldom_however_many_documents_there_are() -> None:
    there = {f"d{number}": 3 for number in range(1000)} | {"d500": 1}
    asked: list[int] = []

    def count(ids: object) -> int:
        assert isinstance(ids, list)
        asked.append(len(ids))
        return sum(there[document_id] for document_id in ids)

    expected = [(document_id, 3) for document_id in there]
    assert present_chunks(expected, count, total=2998) == there
    assert len(asked) <= 60


def test_command_line_makes_lists_renames_and_deletes(
    lite: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["kb", "create", "Contracts", "--description", "Signed ones."]) == 0
    assert main(["kb", "rename", "Contracts", "Papers"]) == 0
    assert main(["kb", "list"]) == 0
    out = capsys.readouterr().out
    assert "Papers: empty, " in out
    assert "Signed ones." in out
    assert main(["kb", "delete", "Papers"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert main(["kb", "delete", "Papers", "--yes"]) == 0
    assert main(["kb", "list", "--json"]) == 0
    assert capsys.readouterr().out.endswith("[]\n")
