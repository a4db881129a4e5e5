"""What a knowledge base may be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import (
    KnowledgeBaseNameError,
)
from core.store.names import checked_name, collection_name, is_same_name
from tests.visitors import ANN, BEN

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a zero width non-joiner
        "\u0915\u094d\u200d\u0937",  # Devanagari, with a zero width joiner
        "Family \U0001f469\u200d\U0001f469\u200d\U0001f467",
    ],
)
def test_joiners_are_part_of_a_name(name: str) -> None:
    assert checked_name(name) == name


def test_name_is_one_however_its_accents_are_typed() -> None:
    assert checked_name("Cafe\u0301") == checked_name("Caf\u00e9") == "Caf\u00e9"
    assert is_same_name("Cafe\u0301", "CAF\u00c9")


@pytest.mark.parametrize("name", ["Contracts\u200b", "\ufeffContracts", "a\u202eb", "a\x00b"])
def test_character_that_cannot_be_shown_has_a_sentence_of_its_own(name: str) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="a character that can't be shown"):
        checked_name(name)


@pytest.mark.parametrize("name", ["", "  ", "\u200d", "x" * 61])
def test_length_is_said_where_it_is_the_reason(name: str) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="1 to 60 characters; this one has"):
        checked_name(name)


@pytest.mark.parametrize("name", ["random", "Tutorial"])
def test_name_of_made_data_is_no_knowledge_bases(name: str) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="is what benchmarks call data"):
        checked_name(name)


@pytest.mark.parametrize("kb", ["default", "My Docs", "../../x", "日本", "a" * 300, "My docs"])
def test_collection_name_is_valid_whatever_the_knowledge_base_is_called(kb: str) -> None:
    name = collection_name(kb)
    assert name.replace("_", "a").isalnum() and name.isascii() and len(name) < 64


def test_collection_names_of_different_knowledge_bases_differ() -> None:
    names = ["my docs", "my_docs", "My Docs", "my-docs", "日本", "中国"]
    assert len({collection_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", [f"v{ANN}__default", f"overlap_kb_v{ANN}__default", f"V{ANN}  default"])
def test_no_name_leads_to_another_visitors_collection(name: str) -> None:
    theirs = collection_name("default", ANN)
    assert collection_name(name) != theirs
    assert collection_name(name, BEN) != theirs
