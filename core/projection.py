"""A knowledge base's vectors in two dimensions: their two principal components (PCA).

The components are exact: they come from the covariance of all vectors, summed up batch by batch, so
that memory is one float32 copy of the vectors while it is computed, and two numbers each afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.runtime.jobs import Job
from core.store.chunks import vector_batches

if TYPE_CHECKING:
    import numpy as np

    from core.store import KnowledgeStore

MAX_POINTS = 50_000
# Beyond it the points carry file and page only: their texts would be megabytes.
MAX_WITH_TEXT = 10_000
EXCERPT_CHARS = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedDocument:
    """A document of the map, with how many of its chunks are on it."""

    id: str
    file: str
    num_chunks: int


@dataclass(frozen=True, kw_only=True)
class ChunkMap:
    """Every chunk as a point.

    Attributes:
        xy: Float32, one row for each chunk.
        documents: Those with the most chunks first.
        document_of: For each chunk the index of its document.
        pages: Of each chunk, 0 where there is none.
        excerpts: The beginning of each chunk's text; empty when there are more than `MAX_WITH_TEXT`.
        explained: The share of the variance that each axis keeps, 0 to 1.
        num_total: Chunks of the knowledge base; more than there are points when it has over `MAX_POINTS`.
    """

    xy: np.ndarray
    documents: tuple[MappedDocument, ...]
    document_of: np.ndarray
    pages: np.ndarray
    excerpts: tuple[str, ...]
    explained: tuple[float, float]
    num_total: int
    mean: np.ndarray
    components: np.ndarray
    index_of: dict[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.xy)

    def project(self, vector: Sequence[float] | np.ndarray) -> tuple[float, float]:
        """Where a vector, such as a question's, lies on the map."""
        import numpy as np

        x, y = (np.asarray(vector, dtype=np.float64) - self.mean) @ self.components.T
        return float(x), float(y)


def principal_components(batches: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Mean, the two principal components (2 rows) and the share of the variance that each keeps.

    Args:
        batches: Float32 matrices of one width, together at least one row.
    """
    import numpy as np

    dim, count = batches[0].shape[1], sum(len(batch) for batch in batches)
    mean = sum(batch.sum(axis=0, dtype=np.float64) for batch in batches) / count
    scatter = np.zeros((dim, dim))
    for batch in batches:
        # Centred first: the difference of two large sums would lose the small variances.
        centred = batch.astype(np.float64) - mean
        scatter += centred.T @ centred
    values, vectors = np.linalg.eigh(scatter)
    components = vectors[:, -2:].T[::-1]
    # A component's sign is arbitrary; this one makes the same data look the same every time.
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[np.arange(len(components)), largest])[:, None]
    total = float(values.sum())
    shares = [float(max(value, 0.0)) / total if total > 0 else 0.0 for value in values[::-1][:2]]
    return mean, components, (shares[0], shares[1])


class MapJob(Job[ChunkMap]):
    """A map on its way.

    Attributes:
        num_read: Chunks that are read.
        num_wanted: Chunks that the map is to have; None until they are counted.
    """

    def __init__(self, store: KnowledgeStore) -> None:
        super().__init__()
        self.num_read = 0
        self.num_wanted: int | None = None
        self._store = store

    async def work(self) -> ChunkMap:
        """The map, of as many chunks as one may have; the others are left out."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> ChunkMap:
        import numpy as np

        num_total = self._store.count()
        self.num_wanted = min(num_total, MAX_POINTS)
        with_text = self.num_wanted <= MAX_WITH_TEXT
        rows: list[dict[str, Any]] = []
        vectors: list[np.ndarray] = []
        batches = vector_batches(self._store, limit=MAX_POINTS, with_text=with_text)
        for batch in batches:
            self.check_stop()
            vectors.append(np.asarray([row.pop("embedding") for row in batch], dtype=np.float32))
            rows += batch
            self.num_read = len(rows)
        return build_map(rows, vectors, num_total=num_total)


def build_map(rows: Sequence[dict[str, Any]], batches: Sequence[np.ndarray], *, num_total: int) -> ChunkMap:
    """The map of `rows` (id, doc_id, file, page and perhaps text), whose vectors are `batches`."""
    import numpy as np

    if not rows:
        batches = [np.zeros((1, 2), dtype=np.float32)]
    mean, components, explained = principal_components(batches)
    points = [(batch - mean) @ components.T for batch in batches]
    xy = np.concatenate(points).astype(np.float32)[: len(rows)]
    documents, document_of = _documents(rows)
    return ChunkMap(
        xy=xy,
        documents=documents,
        document_of=document_of,
        pages=np.array([row.get("page") or 0 for row in rows], dtype=np.int32),
        excerpts=tuple(_excerpt(str(row["text"])) for row in rows if "text" in row),
        explained=explained,
        num_total=num_total,
        mean=mean,
        components=components,
        index_of={str(row["id"]): index for index, row in enumerate(rows)},
    )


def _documents(rows: Sequence[dict[str, Any]]) -> tuple[tuple[MappedDocument, ...], np.ndarray]:
    import numpy as np

    files: dict[str, str] = {}
    counts: dict[str, int] = {}
    for row in rows:
        files.setdefault(row["doc_id"], str(row.get("file", "")))
        counts[row["doc_id"]] = counts.get(row["doc_id"], 0) + 1
    order = sorted(counts, key=lambda document_id: (-counts[document_id], files[document_id]))
    place = {document_id: index for index, document_id in enumerate(order)}
    documents = tuple(MappedDocument(id=id_, file=files[id_], num_chunks=counts[id_]) for id_ in order)
    return documents, np.array([place[row["doc_id"]] for row in rows], dtype=np.int32)


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT_CHARS else f"{text[:EXCERPT_CHARS].rstrip()} …"
