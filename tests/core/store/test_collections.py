"""Knowledge bases as Milvus holds them: made, named, listed, and never mixed up with what is not ours."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.errors import KnowledgeBaseNameError, ModelMismatchError, StoreError
from core.store import (
    BENCH_PREFIX,
    collection_name,
    collections,
    connect,
    open_ingest_store,
)
from tests.knowledge_bases import DIM, base_names, fill_base, made_base, open_base


def test_overview_shows_what_each_knowledge_base_holds(lite: Settings) -> None:
    store = made_base(lite, "Contracts", "What we\nsigned.")
    fill_base(store, "a", 2)
    fill_base(store, "b", 3)
    made_base(lite, "another")
    another, contracts = collections.overview(lite.target)
    assert (contracts.name, contracts.description) == ("Contracts", "What we signed.")
    assert (contracts.num_documents, contracts.num_chunks, contracts.size_bytes) == (2, 5, 2000)
    assert (contracts.info.model, contracts.info.dim) == ("m", DIM)
    assert contracts.created_at is not None
    assert (another.name, another.num_documents) == ("another", 0)


def test_overview_counts_the_documents_that_were_cut_short(lite: Settings) -> None:
    store = made_base(lite, "one")
    for number in range(12):
        fill_base(store, f"d{number}", 2, expected=5 if number in {3, 7} else None)
    (card,) = collections.overview(lite.target)
    assert (card.num_documents, card.num_cut_short) == (12, 2)


def test_what_is_made_for_a_measurement_is_not_shown(lite: Settings) -> None:
    open_ingest_store(lite.target, f"{BENCH_PREFIX}x", model="m", dim=DIM, is_lite=True)
    assert base_names(lite) == []
    assert collections.overview(lite.target) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_name_that_breaks_the_rules_is_refused(lite: Settings, name: str) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="Choose another name"):
        collections.create_knowledge_base(lite.target, name, model="m", dim=DIM)
    assert base_names(lite) == []


@pytest.mark.parametrize("name", ["x" * 60, "日本語", "../../etc", "a 'quoted' \"name\"", "Ünï"])
def test_any_other_name_can_be_given_and_opened(lite: Settings, name: str) -> None:
    assert made_base(lite, name).info.name == name


def test_name_that_is_taken_is_refused_whatever_its_case(lite: Settings) -> None:
    made_base(lite, "Contracts")
    with pytest.raises(KnowledgeBaseNameError, match="'Contracts' exists already"):
        collections.create_knowledge_base(lite.target, "contracts", model="m", dim=DIM)


def test_renamed_knowledge_base_opens_by_both_names_and_keeps_its_chunks(lite: Settings) -> None:
    fill_base(made_base(lite, "old"), "a", 2)
    assert collections.rename_knowledge_base(lite.target, "old", " new  name ") == "new name"
    assert base_names(lite) == ["new name"]
    assert open_base(lite, "new name").count() == 2
    assert open_base(lite, "old").info.name == "new name"


def test_first_name_of_a_renamed_one_is_free_for_another(lite: Settings) -> None:
    fill_base(made_base(lite, "old"), "a", 2)
    collections.rename_knowledge_base(lite.target, "old", "new")
    assert made_base(lite, "old").count() == 0
    assert open_base(lite, "new").count() == 2
    assert base_names(lite) == ["new", "old"]


def test_renaming_changes_case_but_never_takes_a_name(lite: Settings) -> None:
    made_base(lite, "one")
    made_base(lite, "two")
    assert collections.rename_knowledge_base(lite.target, "one", "ONE") == "ONE"
    with pytest.raises(KnowledgeBaseNameError, match="'two' exists already"):
        collections.rename_knowledge_base(lite.target, "ONE", "Two")


def test_description_can_be_changed(lite: Settings) -> None:
    made_base(lite, "one")
    collections.set_description(lite.target, "one", "First.")
    collections.set_description(lite.target, "one", "")
    assert collections.overview(lite.target)[0].description == ""


def test_foreign_collection_is_neither_shown_nor_deleted(lite: Settings) -> None:
    client = connect(lite.target)
    client.create_collection(collection_name("theirs"), dimension=4)
    assert base_names(lite) == []
    with pytest.raises(StoreError):
        collections.drop_knowledge_base(lite.target, "theirs")
    assert client.has_collection(collection_name("theirs"))


def test_one_made_with_another_model_is_listed_and_not_opened(lite: Settings) -> None:
    collections.create_knowledge_base(lite.target, "other", model="big", dim=16)
    assert [card.info.model for card in collections.overview(lite.target)] == ["big"]
    with pytest.raises(ModelMismatchError, match="big"):
        open_base(lite, "other")


def test_all_is_there_after_milvus_lite_was_started_again(lite: Settings) -> None:
    from core.store import close_lite

    fill_base(made_base(lite, "old", "Kept."), "a", 2)
    collections.rename_knowledge_base(lite.target, "old", "new")
    close_lite(lite.target)
    (card,) = collections.overview(lite.target)
    assert (card.name, card.description, card.num_chunks) == ("new", "Kept.", 2)
