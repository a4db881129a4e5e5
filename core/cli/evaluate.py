"""``python -m core evaluate``: how well a knowledge base is searched."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.answers.retrieval import Retrieval
from core.errors import EvaluationError
from core.evaluation.evaluate import CUTOFFS, Rate, Result, evaluate
from core.evaluation.questions import Question, parse_questions, sample_questions
from core.runtime.console import plain_json

if TYPE_CHECKING:
    from core.config.settings import Settings


def add_evaluate_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command `evaluate` and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "evaluate", help="how often the right passage is found, by questions with known answers"
    )
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE",
        help="JSON lines or CSV with question, file and contains; default: those of the sample documents",
    )  # fmt: skip
    parser.add_argument(
        "--mode",
        choices=["dense", "hybrid"],
        default="hybrid",
        help="search by meaning only, or by words too (default)",
    )
    return parser


def run_evaluate(args: argparse.Namespace, settings: Settings) -> int:
    """Run the measure; returns the exit code. Raises OverlapError."""
    own = None if args.file is None else _read(args.file)

    async def run() -> Result:
        from core.knowledge_base import KnowledgeBase

        async with await asyncio.to_thread(KnowledgeBase.load, args.kb, settings, create=False) as kb:
            retrieval = Retrieval(mode=args.mode)
            names = [] if own else [each.file for each in await asyncio.to_thread(kb.store.documents)]
            questions = own or sample_questions(names)
            return await evaluate(questions, store=kb.store, embedder=kb.embedder, retrieval=retrieval)

    result = asyncio.run(run())
    if args.json:
        print(plain_json(json.dumps(result.to_dict(), indent=2, ensure_ascii=False)))
    else:
        print_result(result)
    return 0


def _read(path: Path) -> tuple[Question, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise EvaluationError(
            f"The question file {path} can't be read as UTF-8 text. Check its path and encoding."
        ) from exc
    return parse_questions(text, is_csv=path.suffix.lower() == ".csv")


def print_result(result: Result) -> None:
    """The figures, one on each line."""
    for k in CUTOFFS:
        print(f"hit rate@{k}: {_shown(result.hit_rate(k))}")
    print(f"MRR: {'-' if result.mrr is None else format(result.mrr, '.2f')}")
    print(f"not answerable ones rejected: {_shown(result.rejection)}")
    print(f"answerable ones wrongly rejected: {_shown(result.wrongly_rejected)}")


def _shown(rate: Rate) -> str:
    if rate.value is None or rate.interval is None:
        return "no such question"
    low, high = rate.interval
    return f"{rate.value:.2f}, {rate.hits} of {rate.total} (95 % interval {low:.2f} to {high:.2f})"
