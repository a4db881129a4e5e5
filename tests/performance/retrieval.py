"""How often is the right passage found? By meaning and words, with and without MMR, and by meaning only.

    python tests/performance/retrieval.py
    python tests/performance/retrieval.py --folder DIR --questions FILE

Without arguments: the bundled questions over the bundled documents, in a new Milvus Lite collection;
exit code 1 when a goal is missed by the best mode. With a folder and a file of questions (JSON lines
{"question", "file", "contains"}): the same figures, without goals.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.answers.retrieval import DEFAULT_TOP_K, MIN_RELEVANCE, MMR_WEIGHT, Retrieval
from core.config.settings import Settings
from core.documents.chunking import OVERLAP_DIVISOR
from core.evaluation.evaluate import CUTOFFS, Rate, Result, evaluate
from core.evaluation.questions import Question, parse_questions
from core.evaluation.samples import questions_file, sample_files
from core.knowledge_base import KnowledgeBase
from tests.performance.report import check_at_least, check_at_most, print_settings

LEAST_HIT_AT_5, LEAST_HIT_AT_1 = 0.95, 0.75
LEAST_REJECTION, MOST_WRONGLY_REJECTED = 0.8, 0.05
WAYS = {
    "hybrid": Retrieval(),
    "hybrid, MMR": Retrieval(mmr=MMR_WEIGHT),
    "dense": Retrieval(mode="dense"),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="documents to search in")
    parser.add_argument("--questions", type=Path, help="questions about them, one JSON object on each line")
    parser.add_argument("--failed", action="store_true", help="list the questions that failed")
    args = parser.parse_args()
    if (args.folder is None) != (args.questions is None):
        parser.error("--folder and --questions belong together")
    questions = parse_questions((args.questions or questions_file()).read_text(encoding="utf-8"))
    paths = [args.folder] if args.folder else list(sample_files())
    results = asyncio.run(measure(paths, questions))
    for label, result in results.items():
        print_result(label, result)
        if args.failed:
            print_failed(result)
    return 0 if args.folder else check_goals(results)


async def measure(paths: list[Path], questions: tuple[Question, ...]) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env({"OVERLAP_DATA_DIR": folder})
        async with await KnowledgeBase.open(settings=settings) as kb:
            await kb.ingest(*paths)
            print_settings(
                "torch",
                "llama-index-core",
                "milvus-lite",
                model=kb.embedder.name,
                tokens_per_chunk=kb.embedder.max_tokens,
                overlap=f"1/{OVERLAP_DIVISOR}",
                chunks=kb.store.count(),
                questions=len(questions),
                top_k=DEFAULT_TOP_K,
                threshold=MIN_RELEVANCE,
                MMR=MMR_WEIGHT,
            )
            return {
                label: await evaluate(questions, store=kb.store, embedder=kb.embedder, retrieval=retrieval)
                for label, retrieval in WAYS.items()
            }


def print_result(label: str, result: Result) -> None:
    print(f"\n{label}")
    parts = [("all", result), *((kind, result.of_kind(kind)) for kind in result.kinds)]
    for name, part in parts:
        figures = [f"hit@{k} {_shown(part.hit_rate(k))}" for k in CUTOFFS if part.hit_rate(k).total]
        if part.mrr is not None:
            figures += [f"MRR {part.mrr:.2f}", f"wrongly rejected {_shown(part.wrongly_rejected)}"]
        if name == "multi-chunk":
            figures.append(f"all pieces found {_shown(part.complete)}")
        if part.rejection.total:
            figures.append(f"rejection {_shown(part.rejection)}")
        print(f"  {name:<15}" + "  ".join(figures))


def _shown(rate: Rate) -> str:
    if rate.value is None or rate.interval is None:
        return "-"
    return f"{rate.value:.2f} ({rate.interval[0]:.2f}-{rate.interval[1]:.2f})"


def print_failed(result: Result) -> None:
    for each in result.outcomes:
        if each.verdict not in {"found at rank 1", "rightly rejected"}:
            score = "" if each.score is None else f"{each.score:.2f}"
            print(f"    {each.verdict:<18}{score:>5}  {each.question.text}")


def check_goals(results: dict[str, Result]) -> int:
    label, best = max(results.items(), key=lambda item: (item[1].hit_rate(5).hits, item[1].mrr or 0.0))
    print(f"\ngoals, for {label}")
    figures = [
        check_at_least("hit rate@5", best.hit_rate(5).value or 0.0, LEAST_HIT_AT_5),
        check_at_least("hit rate@1", best.hit_rate(1).value or 0.0, LEAST_HIT_AT_1),
        check_at_least("not answerable ones rejected", best.rejection.value or 0.0, LEAST_REJECTION),
        check_at_most("answerable ones rejected", best.wrongly_rejected.value or 0.0, MOST_WRONGLY_REJECTED),
    ]
    return 0 if all(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
