"""What do we add to a question? Until its sources are shown, and until the model's first word.

    python tests/performance/answer.py [--chunks 20000] [--questions 15]

(a) `stream_answer` until the sources, against embedding the same question and searching with a bare
pymilvus client, in the same process, in turns. (b) `stream_answer` with a stand-in for a language model
that answers at once, until the first word, less its own embedding and search and less what a bare
streaming request to the same stand-in takes until its first word. Milvus Lite, the bundled model,
synthetic chunks. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.answers.engine import SourcesFound, Token, stream_answer
from core.answers.llm import build_llm
from core.answers.retrieval import DEFAULT_TOP_K, Retrieval
from core.config.settings import Settings
from core.documents.models import Chunk
from core.evaluation.samples import SUGGESTED_QUESTIONS, sample_files
from core.knowledge_base import KnowledgeBase
from core.store import chunk_node
from tests.openai_server import OpenAIServer
from tests.performance.report import check_at_most, print_settings, print_side

MOST_RATIO = 1.5
MOST_OWN_MS = 50.0
BATCH = 1000
# Vectors are random, so nothing may be left out for its similarity.
SEARCH = Retrieval(min_relevance=-1.0)
FIELDS = ["text", "_node_content"]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, OpenAIServer() as server:
        settings = Settings.from_env(
            {
                "OVERLAP_DATA_DIR": folder,
                "OPENAI_BASE_URL": server.base_url,
                "OPENAI_API_KEY": "sk-none",
                "LLM_MODEL": "stand-in",
            }
        )
        return asyncio.run(measure(settings, args.chunks, args.questions))


async def measure(settings: Settings, num_chunks: int, num_questions: int) -> int:
    async with await KnowledgeBase.open(settings=settings) as kb:
        await asyncio.to_thread(fill, kb, num_chunks)
        llm: Any = build_llm(settings)
        print_settings(
            "torch", "llama-index-core", "pymilvus", "milvus-lite",
            chunks=kb.store.count(), questions=num_questions, top_k=DEFAULT_TOP_K, mode=SEARCH.mode,
        )  # fmt: skip
        questions = [
            f"{SUGGESTED_QUESTIONS[number % len(SUGGESTED_QUESTIONS)]} ({number})"
            for number in range(num_questions + 1)
        ]
        ours_ms, bare_ms, own_ms = [], [], []
        for number, question in enumerate(questions):
            sides = [ours_until_sources, bare_until_hits]
            # Each side goes first in turn: a machine that slows down meanwhile treats both alike.
            order = sides if number % 2 else sides[::-1]
            times = {side: await side(kb, question) for side in order}
            own = await own_until_token(kb, llm, question)
            if number > 0:  # the first warms both sides up
                ours_ms.append(1000 * times[ours_until_sources])
                bare_ms.append(1000 * times[bare_until_hits])
                own_ms.append(1000 * own)
    ours = print_side("question to first source, ours", ours_ms, "ms")
    bare = print_side("bare embedding and bare search", bare_ms, "ms")
    own = print_side("our own share of time to first word", own_ms, "ms")
    goals = [
        check_at_most("ours / bare, until the sources", ours / bare, MOST_RATIO),
        check_at_most("our own share of time to first word, ms", own, MOST_OWN_MS),
    ]
    ratios = [left / right for left, right in zip(ours_ms, bare_ms, strict=True)]
    print(f"  (median of the ratios of each question: {statistics.median(ratios):.2f})")
    return 0 if all(goals) else 1


def fill(kb: KnowledgeBase, num_chunks: int) -> None:
    """Synthetic chunks: random vectors, words drawn from the sample documents."""
    import numpy as np

    generator, chooser = np.random.default_rng(7), random.Random(7)
    words = " ".join(
        path.read_text(encoding="utf-8") for path in sample_files() if path.suffix == ".md"
    ).split()
    for first in range(0, num_chunks, BATCH):
        vectors = generator.normal(size=(min(BATCH, num_chunks - first), kb.embedder.dim))
        kb.store.add(
            [
                chunk_node(
                    _chunk(first + row, " ".join(chooser.choices(words, k=150)), num_chunks),
                    embedding=vector.tolist(),
                    extra={"num_chunks": num_chunks, "num_pages": None, "size_bytes": 0},
                )
                for row, vector in enumerate(vectors)
            ]
        )
    kb.store.flush()


def _chunk(position: int, text: str, num_chunks: int) -> Chunk:
    return Chunk(
        id=f"chunk-{position}",
        document_id="synthetic",
        file="synthetic.txt",
        page=None,
        position=position,
        start=0,
        end=len(text),
        text=text,
        text_hash=str(position),
        num_tokens=200,
    )


async def ours_until_sources(kb: KnowledgeBase, question: str) -> float:
    started_s = time.perf_counter()
    stream = stream_answer(question, store=kb.store, embedder=kb.embedder, llm=None, retrieval=SEARCH)
    async for event in stream:
        if isinstance(event, SourcesFound):
            elapsed_s = time.perf_counter() - started_s
            assert len(event.sources) == DEFAULT_TOP_K
            await stream.aclose()
            return elapsed_s
    raise AssertionError("no sources")


async def bare_until_hits(kb: KnowledgeBase, question: str) -> float:
    client = kb.store.vector_store.aclient
    started_s = time.perf_counter()
    vector = await asyncio.to_thread(kb.embedder.model.encode_query, question)
    found = await client.search(
        kb.store.info.collection, [vector], limit=DEFAULT_TOP_K, output_fields=FIELDS, anns_field="embedding"
    )
    elapsed_s = time.perf_counter() - started_s
    assert len(found[0]) == DEFAULT_TOP_K
    return elapsed_s


async def own_until_token(kb: KnowledgeBase, llm: Any, question: str) -> float:
    """Time to first word less embedding, search, and the stand-in's own time. In s."""
    started_s = time.perf_counter()
    sources_s = first_s = 0.0
    timings_s: dict[str, float] = {}
    stream = stream_answer(
        question, store=kb.store, embedder=kb.embedder, llm=llm, llm_label="Stand-in", retrieval=SEARCH
    )
    async for event in stream:
        if isinstance(event, SourcesFound):
            sources_s = time.perf_counter() - started_s
        elif isinstance(event, Token):
            first_s = first_s or time.perf_counter() - started_s
        else:
            timings_s = dict(event.answer.timings_s)
    assert first_s > sources_s > 0, "the stand-in did not answer"
    return first_s - timings_s["embed"] - timings_s["search"] - await bare_until_token(llm, question)


async def bare_until_token(llm: Any, question: str) -> float:
    from llama_index.core.llms import ChatMessage

    started_s = time.perf_counter()
    pieces = await llm.astream_chat([ChatMessage(content=question)])
    async for piece in pieces:
        if piece.delta:
            elapsed_s = time.perf_counter() - started_s
            await pieces.aclose()
            return elapsed_s
    raise AssertionError("the stand-in did not answer")


if __name__ == "__main__":
    sys.exit(main())
