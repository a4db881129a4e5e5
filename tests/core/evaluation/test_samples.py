"""The handbook that comes with Overlap, and its vectors."""

from __future__ import annotations

import numpy as np
import pytest

from core.config.settings import Settings
from core.documents.chunking import Cutter, chunk_document
from core.documents.readers.reader import read_document
from core.embedding.model import Embedder
from core.evaluation.samples import sample_files, sample_vectors
from core.knowledge_base import KnowledgeBase


@pytest.mark.slow
def test_vectors_of_the_handbook_are_what_the_bundled_model_makes_of_its_chunks(
    embedder: Embedder, cutter: Cutter
) -> None:
    texts = {
        chunk.text_hash: chunk.text
        for path in sample_files()
        for chunk in chunk_document(read_document(path.name, path.read_bytes()), cutter)
    }
    kept = sample_vectors(embedder.name)
    # After a change of the texts, the readers or the chunker: `python -m deploy.embed_samples`.
    assert kept.keys() == texts.keys()
    made = embedder.embed(list(texts.values()))
    cosines = np.sum(made * np.stack([kept[text_hash] for text_hash in texts]), axis=1)
    assert cosines.min() > 0.999


def test_other_models_know_nothing_of_the_handbook() -> None:
    assert sample_vectors("intfloat/multilingual-e5-small") == {}


async def test_handbook_goes_in_without_being_embedded(lite: Settings) -> None:
    async with await KnowledgeBase.open(settings=lite) as kb:
        snapshot = await kb.ingest(*sample_files())
    assert snapshot.num_chunks_added == sum(file.chunks_reused for file in snapshot.files) == 27


@pytest.mark.portable
def test_samples_are_read_in_four_formats_and_hold_enough_text() -> None:
    documents = [read_document(path.name, path.read_bytes()) for path in sample_files()]
    assert sorted(document.file.rpartition(".")[2] for document in documents) == (
        ["html", "md", "md", "md", "pdf", "txt"]
    )
    for document in documents:
        assert 400 <= sum(len(page.text.split()) for page in document.pages) <= 900, document.file
    assert [document.num_pages for document in documents if document.num_pages] == [4]
