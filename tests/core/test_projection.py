from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.charts.chunk_map import chunk_map
from core.embedding.model import Embedder
from core.projection import MapJob, build_map, principal_components
from core.runtime.jobs import JobState
from core.store import KnowledgeStore
from tests.nodes import made_node, map_rows


def test_components_are_those_of_a_whole_decomposition() -> None:
    generator = np.random.default_rng(7)
    vectors = (generator.normal(size=(500, 6)) * [9, 5, 1, 1, 0.5, 0.1] + 3).astype(np.float32)
    mean, components, explained = principal_components([vectors[:10], vectors[10:300], vectors[300:]])
    centred = vectors - vectors.mean(axis=0)
    _, singular, expected = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(mean, vectors.mean(axis=0), atol=1e-4)
    assert np.allclose(np.abs((components * expected[:2]).sum(axis=1)), 1, atol=1e-4)
    assert np.allclose(explained, singular[:2] ** 2 / (singular**2).sum(), atol=1e-4)


def test_question_lies_where_a_chunk_of_the_same_vector_does() -> None:
    vectors = np.random.default_rng(2).normal(size=(30, 16)).astype(np.float32)
    chunks = build_map(map_rows({"a": 30}), [vectors], num_total=30)
    assert chunks.project(vectors[4]) == pytest.approx(tuple(chunks.xy[4]), abs=1e-4)


@pytest.mark.parametrize("num_rows", [1, 2])
def test_map_of_next_to_nothing_has_its_points(num_rows: int) -> None:
    vectors = np.ones((num_rows, 8), dtype=np.float32)
    chunks = build_map(map_rows({"a": num_rows}), [vectors], num_total=num_rows)
    assert np.allclose(chunks.xy, 0)
    assert chunks.explained == (0.0, 0.0)
    assert chunk_map(chunks).data


def _fill(store: KnowledgeStore, embedder: Embedder, num_chunks: int) -> None:
    vectors = embedder.embed([f"number {number}" for number in range(num_chunks)])
    extra = {"size_bytes": 1, "num_pages": 1, "num_chunks": num_chunks, "ingested_at": "2026-11-22T10:00:00"}
    store.add(
        [
            made_node(
                f"number {number}",
                vector,
                id=f"{number:032}",
                document_id="d" * 32,
                file="d.txt",
                page=1,
                position=number,
                extra=extra,
            )
            for number, vector in enumerate(vectors)
        ]
    )


async def test_map_of_a_knowledge_base_has_every_chunk(store: KnowledgeStore, embedder: Embedder) -> None:
    _fill(store, embedder, 12)
    job = MapJob(store).start()
    job.wait()
    chunks = job.result
    assert chunks is not None
    assert (len(chunks), chunks.num_total, job.num_read, job.num_wanted) == (12, 12, 12, 12)
    assert sorted(chunks.excerpts) == sorted(f"number {number}" for number in range(12))
    points = [tuple(chunks.xy[chunks.index_of[f"{number:032}"]]) for number in range(12)]
    assert all(first != second for first, second in itertools.pairwise(points))


async def test_map_of_an_empty_knowledge_base_is_empty(store: KnowledgeStore) -> None:
    job = MapJob(store).start()
    job.wait()
    chunks = job.result
    assert chunks is not None
    assert len(chunks) == 0


async def test_stopped_map_ends_without_one(store: KnowledgeStore, embedder: Embedder) -> None:
    _fill(store, embedder, 3)
    job = MapJob(store)
    job.stop()
    assert job.start().wait() is JobState.STOPPED
    assert (job.result, job.error) == (None, None)
