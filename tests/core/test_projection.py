from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from core.charts.chunk_map import COLORS, chunk_map
from core.embedding.model import Embedder
from core.projection import MAX_WITH_TEXT, ChunkMap, MapJob, build_map, principal_components
from core.runtime.jobs import JobState
from core.store import KnowledgeStore
from tests.nodes import made_node


def _rows(sizes: dict[str, int], **extra: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"{file}-{number}", "doc_id": file, "file": file, "page": number + 1, **extra}
        for file, size in sizes.items()
        for number in range(size)
    ]


def _map(sizes: dict[str, int], **extra: Any) -> ChunkMap:
    rows = _rows(sizes, **extra)
    vectors = np.random.default_rng(1).normal(size=(len(rows), 16)).astype(np.float32)
    return build_map(rows, [vectors], num_total=len(rows))


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
    chunks = build_map(_rows({"a": 30}), [vectors], num_total=30)
    assert chunks.project(vectors[4]) == pytest.approx(tuple(chunks.xy[4]), abs=1e-4)


@pytest.mark.parametrize("num_rows", [1, 2])
def test_map_of_next_to_nothing_has_its_points(num_rows: int) -> None:
    vectors = np.ones((num_rows, 8), dtype=np.float32)
    chunks = build_map(_rows({"a": num_rows}), [vectors], num_total=num_rows)
    assert np.allclose(chunks.xy, 0)
    assert chunks.explained == (0.0, 0.0)
    assert chunk_map(chunks).data


def test_largest_documents_have_colours_and_the_others_are_grey() -> None:
    sizes = {f"d{number}.txt": 12 - number for number in range(11)}
    figure = chunk_map(_map(sizes))
    assert [trace.name for trace in figure.data] == ["other documents", *list(sizes)[: len(COLORS)]]
    assert len(figure.data[0].x) == 4 + 3 + 2
    assert len({trace.marker.color for trace in figure.data}) == 1 + len(COLORS)


def test_hover_text_from_documents_is_never_markup() -> None:
    figure = chunk_map(
        _map({"<b>x</b>%{y}.txt": 2}, text="<img src=x onerror=alert(1)> %{x} " + "long " * 60)
    )
    shown = str(figure.data[0].text) + figure.data[0].name + figure.data[0].hovertemplate
    assert "<img" not in shown
    assert "<b>x" not in shown
    assert "%{y}" not in shown
    assert all("…" in text for text in figure.data[0].text)


def test_many_points_carry_no_text() -> None:
    figure = chunk_map(_map({"a.pdf": MAX_WITH_TEXT + 1}))
    assert figure.data[0].text is None
    assert "page %{customdata}" in figure.data[0].hovertemplate
    assert figure.data[0].x.dtype == np.float32


def test_fifty_thousand_points_are_a_small_message() -> None:
    figure = chunk_map(_map({"a.pdf": 30_000, "b.pdf": 20_000}))
    assert len(figure.to_json()) < 1_000_000


def test_question_and_its_hits_are_marked() -> None:
    figure = chunk_map(_map({"a": 5}, text="words"), question=(0.5, 0.5), hits=["a-3", "gone", "a-1"])
    hits, question = figure.data[-2:]
    assert list(hits.text) == ["<b>1</b>", "<b>3</b>"]
    assert (question.x[0], question.marker.symbol) == (0.5, "star")
    assert "last question" in figure.layout.title.text


def test_subtitle_says_what_the_axes_keep_and_what_is_left_out() -> None:
    rows = _rows({"a": 4})
    vectors = np.array([[3, 0, 0], [-3, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
    figure = chunk_map(build_map(rows, [vectors], num_total=9))
    subtitle = figure.layout.meta["subtitle"]
    assert "keep 100 % of the variance" in subtitle
    assert "the first 4 of 9 chunks" in subtitle


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
