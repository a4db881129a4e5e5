"""Does a flush after ingest pay? Milvus Lite searched after it against the same rows without it.

    python tests/performance/search.py [--rows 20000] [--blocks 10] [--queries 5]

Two knowledge bases in two Lite files hold the same rows; only one is flushed, as ingest does.
Blocks of the same queries take turns on both. Exit code 1 when the ratio is under 5.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from core.config.settings import Target
from core.documents.models import Chunk
from core.store import KnowledgeStore, chunk_node, close_lite
from tests.performance.report import check_at_least, print_settings, print_side

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

LEAST_RATIO = 5
DIM = 384
TEXT_CHARS = 800
TOP_K = 5
ROWS_PER_ADD = 1000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--blocks", type=int, default=10, help="blocks of queries per side")
    parser.add_argument("--queries", type=int, default=5, help="queries per block")
    args = parser.parse_args()
    print_settings(
        "pymilvus",
        "milvus-lite",
        "llama-index-vector-stores-milvus",
        rows=args.rows,
        dim=DIM,
        text_characters=TEXT_CHARS,
        top_k=TOP_K,
        queries=f"{args.blocks} blocks of {args.queries} per side",
    )
    with tempfile.TemporaryDirectory() as folder:
        targets = [Target(uri=str(Path(folder) / f"{name}.db")) for name in ("flushed", "unflushed")]
        try:
            return compare([_filled(target, args.rows) for target in targets], args.blocks, args.queries)
        finally:
            for target in targets:
                close_lite(target)


def _filled(target: Target, num_rows: int, *, model: str = "random") -> KnowledgeStore:
    """A knowledge base of random rows, not flushed."""
    store = KnowledgeStore.open(target, "search", model=model, dim=DIM)
    random = np.random.default_rng(7)
    for first in range(0, num_rows, ROWS_PER_ADD):
        positions = range(first, min(first + ROWS_PER_ADD, num_rows))
        vectors = _unit_vectors(random, len(positions))
        store.add([_node(*pair, num_rows) for pair in zip(positions, vectors, strict=True)])
    return store


def _unit_vectors(random: np.random.Generator, num: int) -> np.ndarray:
    vectors = random.standard_normal((num, DIM), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _node(position: int, vector: np.ndarray, num_rows: int) -> TextNode:
    text = f"row {position} ".ljust(TEXT_CHARS, "x")
    chunk = Chunk(
        id=f"{position:032x}",
        document_id="random",
        file="random.txt",
        page=1,
        position=position,
        start=0,
        end=TEXT_CHARS,
        text=text,
        text_hash=f"{position:032x}",
        num_tokens=256,
    )
    extra = {"size_bytes": 0, "num_pages": 1, "num_chunks": num_rows, "ingested_at": "2026-01-01T00:00:00"}
    return chunk_node(chunk, embedding=vector.tolist(), extra=extra)


def compare(stores: list[KnowledgeStore], num_blocks: int, num_queries: int) -> int:
    flushed, unflushed = stores
    flushed.flush()
    queries = _unit_vectors(np.random.default_rng(8), num_queries).tolist()
    for store in stores:
        store.search(queries[0], TOP_K)  # connects and loads
    flushed_s, unflushed_s = [], []
    for _ in range(num_blocks):
        flushed_s += [_search_s(flushed, query) for query in queries]
        unflushed_s += [_search_s(unflushed, query) for query in queries]
    for query in queries:
        assert _ids(flushed, query) == _ids(unflushed, query), "both sides must find the same rows"
    fast_s = print_side("after ingest (flushed)", [value * 1000 for value in flushed_s], "ms")
    slow_s = print_side("the same rows, not flushed", [value * 1000 for value in unflushed_s], "ms")
    is_met = check_at_least("not flushed / flushed, median per search", slow_s / fast_s, LEAST_RATIO)
    return 0 if is_met else 1


def _search_s(store: KnowledgeStore, query: list[float]) -> float:
    started_s = time.perf_counter()
    hits = store.search(query, TOP_K)
    elapsed_s = time.perf_counter() - started_s
    assert len(hits) == TOP_K
    return elapsed_s


def _ids(store: KnowledgeStore, query: list[float]) -> list[str]:
    return [hit.node.node_id for hit in store.search(query, TOP_K)]


if __name__ == "__main__":
    sys.exit(main())
