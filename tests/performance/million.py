"""A million chunks into a real Milvus server through the core's bulk path, and searches among them.

    MILVUS_URI=http://127.0.0.1:19530 python tests/performance/million.py [--chunks 1000000] [--dim 384]
                                                                          [--rank 24] [--resume NAME]

Random unit vectors and texts of some 1,000 characters go in; at 10,000, 100,000 and 1,000,000 chunks all
is indexed and 200 searches are measured one by one, half of them near a stored chunk (cosine similarity
0.8, as a question is to its answer), half of them for random vectors. recall@5 is against exact search
over all vectors; found@1 is how often the near chunk came first: the more chunks, the more often another
one is nearer still, which exact search tells. The knowledge base is dropped at the
end unless --keep is given; --resume goes on with one that was kept, or left by a run that was killed.

--rank: the vectors vary in so many directions, with a little noise in all others, so that neighbours mean
something, as they do with texts. 0 for all directions alike: every vector is then about as far away as
any other, and no approximate index finds the nearest of them well.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import psutil

from core.config.settings import Target
from core.documents.models import Chunk
from core.errors import OverlapError
from core.store import KnowledgeStore, server_version
from tests.performance.bulk_insert import BATCH_ROWS, Row, abulk_add, chunk_row, settle
from tests.performance.report import print_settings

SIZES = (10_000, 100_000, 1_000_000)
CHUNKS_OF_A_DOCUMENT = 500
TOP_K = 5
NUM_QUERIES = 200
WARM_UP = 20
NEAR = 0.8
# Length of the noise beside the directions that mean something.
NOISE = 0.1
WORDS = ["overlap", "waiting", "Milvus", "answers", "vectors", "async", "batch", "index", "segment", "why"]
TEXT_CHARS = 1000


class Exact:
    """The true best hits of some queries, kept up to date while vectors go by."""

    def __init__(self, queries: np.ndarray) -> None:
        self._queries = queries
        self._scores = np.full((len(queries), TOP_K), -2.0, dtype=np.float32)
        self._rows = np.full((len(queries), TOP_K), -1)

    def take(self, first: int, vectors: np.ndarray) -> None:
        """Compare the vectors of the rows from `first` on."""
        rows = np.broadcast_to(np.arange(first, first + len(vectors)), (len(self._queries), len(vectors)))
        scores = np.hstack([self._scores, self._queries @ vectors.T])
        best = np.argpartition(-scores, TOP_K - 1, axis=1)[:, :TOP_K]
        self._rows = np.take_along_axis(np.hstack([self._rows, rows]), best, axis=1)
        self._scores = np.take_along_axis(scores, best, axis=1)

    def ids(self, query: int) -> set[str]:
        return {_id(row) for row in self._rows[query]}

    def best(self, query: int) -> str:
        return _id(self._rows[query, self._scores[query].argmax()])


class Source:
    """Unit vectors. Each batch depends on its first row's number alone and so can be made again."""

    def __init__(self, dim: int, rank: int) -> None:
        self._dim = dim
        self._directions = _unit(np.random.default_rng(7).standard_normal((rank, dim), dtype=np.float32))

    def vectors(self, first: int, num: int) -> np.ndarray:
        """The vectors of the rows from `first` on."""
        random = np.random.default_rng(first)
        noise = _unit(random.standard_normal((num, self._dim), dtype=np.float32))
        if not len(self._directions):
            return noise
        parts = random.standard_normal((num, len(self._directions)), dtype=np.float32)
        return _unit(_unit(parts @ self._directions) + NOISE * noise)

    def queries(self) -> np.ndarray:
        """Half of them near the first stored vectors, half of them anywhere."""
        num_near = NUM_QUERIES // 2
        others = self.vectors(2**40, NUM_QUERIES)
        near = self.vectors(0, BATCH_ROWS)[:num_near]
        across = others[:num_near] - (others[:num_near] * near).sum(axis=1, keepdims=True) * near
        return np.vstack([NEAR * near + (1 - NEAR**2) ** 0.5 * _unit(across), others[num_near:]])


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--rank", type=int, default=24)
    parser.add_argument("--keep", action="store_true", help="leave the knowledge base there")
    parser.add_argument("--resume", metavar="NAME", help="go on with this knowledge base")
    args = parser.parse_args()
    uri = os.environ.get("MILVUS_URI", "")
    if not uri.startswith("http"):
        sys.exit("MILVUS_URI names no server. Start one (python -m core server start) and set it.")
    try:
        asyncio.run(_measure(Target.parse(uri, os.environ.get("MILVUS_TOKEN", "")), args))
    except OverlapError as exc:
        sys.exit(str(exc))
    return 0


async def _measure(target: Target, args: argparse.Namespace) -> None:
    print_settings(
        "pymilvus",
        server=server_version(target),
        chunks=f"{args.chunks:,}",
        dim=args.dim,
        rank=args.rank,
        text_characters=TEXT_CHARS,
        batch=BATCH_ROWS,
        top_k=TOP_K,
        queries=NUM_QUERIES,
    )
    name = args.resume or f"million {uuid4().hex[:8]}"
    print(f"knowledge base {name}", flush=True)
    store = KnowledgeStore.open(target, name, model="random", dim=args.dim, create=not args.resume)
    source = Source(args.dim, args.rank)
    queries = source.queries()
    exact = Exact(queries)
    done = await asyncio.to_thread(_seen_again, store, source, exact) if args.resume else 0
    try:
        for size in [*(size for size in SIZES if done < size < args.chunks), args.chunks]:
            await _grow(store, done, size, source, exact)
            await _search(store, queries, exact)
            done = size
    finally:
        if not args.keep:
            store.drop()
        await store.aclose()


def _seen_again(store: KnowledgeStore, source: Source, exact: Exact) -> int:
    """How many chunks are there; their vectors are made again, for the exact search."""
    settle(store)
    num_there = store.count()
    for start in range(0, num_there, BATCH_ROWS):
        exact.take(start, source.vectors(start, min(BATCH_ROWS, num_there - start)))
    return num_there


async def _grow(store: KnowledgeStore, done: int, size: int, source: Source, exact: Exact) -> None:
    """Add until there are `size` chunks, wait until all is indexed, and say what both took."""
    started_s = time.perf_counter()
    num_added = await abulk_add(store, _batches(done, size, source, exact), replace=False)
    added_s = time.perf_counter() - started_s
    assert num_added == size - done
    settling_s = await asyncio.to_thread(_timed_settle, store)
    assert store.count() == size, f"{store.count():,} chunks of {size:,}"
    print(f"{size:,} chunks:")
    print(
        f"  added {num_added:,} at {num_added / added_s:,.0f}/s; indexed and loaded {settling_s:.1f} s after"
    )
    print(
        f"  memory: client {_rss_mb(psutil.Process()):,} MB, server {_server_memory(store.target)}",
        flush=True,
    )


def _batches(first: int, until: int, source: Source, exact: Exact) -> Iterator[list[Row]]:
    for start in range(first, until, BATCH_ROWS):
        vectors = source.vectors(start, min(BATCH_ROWS, until - start))
        exact.take(start, vectors)
        yield [_row(start + offset, vector) for offset, vector in enumerate(vectors)]


def _row(number: int, vector: np.ndarray) -> Row:
    document, position = divmod(number, CHUNKS_OF_A_DOCUMENT)
    words = " ".join(WORDS[(number * 7 + step * step) % len(WORDS)] for step in range(TEXT_CHARS // 8))
    text = f"Passage {number}. {words}"[:TEXT_CHARS]
    chunk = Chunk(
        id=_id(number),
        document_id=f"{document:032x}",
        file=f"book-{document:05}.pdf",
        page=position // 3 + 1,
        position=position,
        start=0,
        end=len(text),
        text=text,
        text_hash=f"{number:032x}",
        num_tokens=200,
    )
    extra = {
        "size_bytes": 1_000_000,
        "num_pages": CHUNKS_OF_A_DOCUMENT // 3 + 1,
        "num_chunks": CHUNKS_OF_A_DOCUMENT,
        "document_tokens": 200 * CHUNKS_OF_A_DOCUMENT,
        "ingested_at": "2026-01-01T00:00:00+00:00",
    }
    return chunk_row(chunk, embedding=vector, extra=extra)


def _id(number: int) -> str:
    return f"{number:032x}"


async def _search(store: KnowledgeStore, queries: np.ndarray, exact: Exact) -> None:
    for query in queries[:WARM_UP]:
        await store.asearch(query.tolist(), TOP_K)
    times_ms, found, num_first = [], [], 0
    half = NUM_QUERIES // 2
    for number, query in enumerate(queries):
        vector = query.tolist()
        started_s = time.perf_counter()
        hits = await store.asearch(vector, TOP_K)
        times_ms.append((time.perf_counter() - started_s) * 1000)
        ids = [hit.node.node_id for hit in hits]
        found.append(len(set(ids) & exact.ids(number)) / TOP_K)
        num_first += number < half and ids[:1] == [_id(number)]
    true_first = sum(exact.best(number) == _id(number) for number in range(half))
    p50, p95, p99 = np.percentile(times_ms, [50, 95, 99])
    print(f"  search: median {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, max {max(times_ms):.1f} ms")
    print(
        f"  recall@{TOP_K}: near {np.mean(found[:half]):.3f}, random {np.mean(found[half:]):.3f}; "
        f"found@1 of near {num_first / half:.2f}, by exact search {true_first / half:.2f}",
        flush=True,
    )


def _timed_settle(store: KnowledgeStore) -> float:
    started_s = time.perf_counter()
    settle(store)
    return time.perf_counter() - started_s


def _server_memory(target: Target) -> str:
    """Of whoever listens at the target's port, if that is on this machine and may be asked."""
    port = int(target.uri.rsplit(":", 1)[-1].strip("/"))
    try:
        listening = {
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid
        }
        return f"{sum(_rss_mb(psutil.Process(pid)) for pid in listening):,} MB" if listening else "elsewhere"
    except psutil.Error:
        return "unknown"


def _rss_mb(process: psutil.Process) -> int:
    return int(process.memory_info().rss >> 20)


if __name__ == "__main__":
    sys.exit(main())
