"""What a collection's documents are, counted with few calls."""

from __future__ import annotations

from core.config.settings import Settings
from core.store.summaries import present_chunks
from tests.knowledge_bases import fill_base, made_base


def test_documents_carry_their_tokens_and_which_of_many_is_cut_short(lite: Settings) -> None:
    store = made_base(lite, "one")
    for number in range(12):
        fill_base(store, f"d{number}", 2, expected=5 if number in {3, 7} else None)
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
