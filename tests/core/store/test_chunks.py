from __future__ import annotations

import pytest

from core.documents.file_identity import document_id
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import KnowledgeBaseNotFoundError
from core.ingest.pipeline import Ingest
from core.store import KnowledgeStore, surroundings

# Long enough for several chunks that overlap.
TEXT = " ".join(
    f"Sentence number {number} says that the harbour has {number} boats." for number in range(120)
)


async def _fill(store: KnowledgeStore, embedder: Embedder) -> str:
    data = TEXT.encode()
    file = IncomingFile(name="boats.txt", size_bytes=len(data), read=lambda: data)
    snapshot = await Ingest([file], store=store, embedder=embedder).run()
    assert (snapshot.files[0].num_chunks or 0) >= 4
    return document_id(data)


async def test_passage_is_shown_between_its_neighbours_without_repeating_what_they_share(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    document = await _fill(store, embedder)
    around = surroundings(store, document, 2, reach=1)
    assert around.before and around.after
    assert " ".join([around.before.strip(), around.text, around.after.strip()]) in TEXT


async def test_first_passage_has_nothing_before_it(store: KnowledgeStore, embedder: Embedder) -> None:
    document = await _fill(store, embedder)
    around = surroundings(store, document, 0)
    assert around.before == ""
    assert TEXT.startswith(f"{around.text} {around.after.strip()}")


async def test_passage_that_is_gone_is_a_sentence(store: KnowledgeStore, embedder: Embedder) -> None:
    document = await _fill(store, embedder)
    store.delete_document(document)
    with pytest.raises(KnowledgeBaseNotFoundError, match="no longer"):
        surroundings(store, document, 2)
