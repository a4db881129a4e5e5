"""How long does it take to list, and to delete, a document of 10,000 chunks on Milvus Lite?

    python tests/performance/delete.py [--chunks 10000] [--others 40000] [--rounds 3]

Beside the large document there are `--others` chunks in 1,000 other documents. Each round fills a
knowledge base anew, lists the documents, and deletes the large one until a count finds none of its
chunks. The other side, in turn: what a plain program does, a query for the ids of the document's
chunks and a delete of those ids in batches of 1,000. Exit code 1 when the goal is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.performance.report import check_at_most, print_settings, print_side

GOAL_S = 2.0
DIM = 384
NUM_OTHERS = 1000
BATCH = 1000
WORDS = "Asynchronous calls overlap their waiting, and a batch overlaps more of it than one call. " * 9


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--others", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    print_settings(
        "pymilvus",
        "milvus-lite",
        chunks=f"{args.chunks:,}",
        chunks_of_others=f"{args.others:,} in {NUM_OTHERS:,} documents",
        dimensions=DIM,
        rounds=args.rounds,
    )
    times: dict[str, list[float]] = {"list": [], "ours": [], "by ids": []}
    for number in range(args.rounds):
        sides: list[tuple[str, Callable[[Any, str], None]]] = [("ours", _ours), ("by ids", _by_ids)]
        with tempfile.TemporaryDirectory() as folder:
            store = _filled(Path(folder), args.chunks, args.others)
            for label, delete in reversed(sides) if number % 2 else sides:
                document_id = _add(store, f"large for {label}", args.chunks)
                store.flush()
                if label == "ours":
                    times["list"].append(_timed(lambda store=store: store.documents()))
                times[label].append(
                    _timed(lambda delete=delete, store=store, id_=document_id: delete(store, id_))
                )
                assert store.count(document_id) == 0
                assert store.count() == args.others // NUM_OTHERS * NUM_OTHERS
    listing_s = print_side(f"list {NUM_OTHERS + 1:,} documents", times["list"], "s")
    ours_s = print_side("delete, ours", times["ours"], "s")
    other_s = print_side("delete, ids in batches of 1,000", times["by ids"], "s")
    print(f"ids in batches / ours: {other_s / ours_s:.2f}")
    goals = [
        check_at_most(f"delete of {args.chunks:,} chunks, s", ours_s, GOAL_S),
        check_at_most(f"list of {NUM_OTHERS + 1:,} documents, s", listing_s, GOAL_S),
    ]
    return 0 if all(goals) else 1


def _timed(action: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    action()
    return time.perf_counter() - started_s


def _ours(store: Any, document_id: str) -> None:
    store.delete_document(document_id)


def _by_ids(store: Any, document_id: str) -> None:
    client, collection = store.vector_store.client, store.info.collection
    iterator = client.query_iterator(
        collection, batch_size=BATCH, filter=f'doc_id == "{document_id}"', output_fields=["id"]
    )
    ids: list[str] = []
    while rows := iterator.next():
        ids += [row["id"] for row in rows]
    iterator.close()
    for start in range(0, len(ids), BATCH):
        client.delete(collection, ids=ids[start : start + BATCH])


def _filled(folder: Path, num_chunks: int, num_others: int) -> Any:
    from core.config.settings import Settings
    from core.store import KnowledgeStore

    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(folder)})
    store = KnowledgeStore.open(settings.target, "large", model="random", dim=DIM)
    rows: list[dict[str, Any]] = []
    for number in range(NUM_OTHERS):
        rows += _rows(f"other {number}", num_others // NUM_OTHERS)
    _insert(store, rows)
    return store


def _add(store: Any, document: str, num_chunks: int) -> str:
    _insert(store, _rows(document, num_chunks))
    return _id(document)


def _insert(store: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        store.vector_store.client.insert(store.info.collection, rows[start : start + BATCH])
    store.flush()


def _rows(document: str, num_chunks: int) -> list[dict[str, Any]]:
    """Rows as an ingest makes them, with random vectors."""
    import numpy as np

    vectors = np.random.default_rng(7).normal(size=(num_chunks, DIM)).astype(np.float32)
    return [
        {
            "id": _id(f"{document} {position}"),
            "doc_id": _id(document),
            "text": WORDS,
            "position": position,
            "embedding": vector.tolist(),
            "file": f"{document}.pdf",
            "page": position // 4 + 1,
            "start": 0,
            "end": len(WORDS),
            "num_tokens": 180,
            "size_bytes": 1_000_000,
            "num_pages": num_chunks // 4 + 1,
            "num_chunks": num_chunks,
            "ingested_at": "2026-11-22T10:00:00+00:00",
            "_node_content": WORDS,
            "_node_type": "TextNode",
        }
        for position, vector in enumerate(vectors)
    ]


def _id(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
