"""``python -m core evaluate``: how well a knowledge base is searched."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.cli.exit_codes import EXIT_OK, WrongUseError
from core.cli.options import AsJson, Kb
from core.cli.terminal import print_message
from core.config.settings import DEFAULT_KB, Settings
from core.errors import EvaluationError, KnowledgeBaseNotFoundError
from core.runtime.console import plain_json
from core.runtime.words import counted

if TYPE_CHECKING:
    from core.evaluation.evaluate import Rate, Result
    from core.evaluation.questions import Question


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="JSON lines or CSV with question, file and contains; without it, the questions about the "
            "sample documents.",
        ),
    ] = None,
    other_languages: Annotated[
        bool,
        typer.Option(
            "--other-languages",
            help="Of the questions about the sample documents those in German, Spanish and Chinese.",
        ),
    ] = False,
    load_samples: Annotated[
        bool, typer.Option("--load-samples", help="Put the sample documents into the knowledge base first.")
    ] = False,
    mode: Annotated[
        Literal["dense", "hybrid"],
        typer.Option("--mode", help="Search by meaning only, or by words too."),
    ] = "hybrid",
    kb: Kb = DEFAULT_KB,
    as_json: AsJson = False,
) -> int:
    """Measure how often questions with known answers find the right passage."""
    for flag, is_given in (("--other-languages", other_languages), ("--load-samples", load_samples)):
        if file is not None and is_given:
            raise WrongUseError(f"{flag} is about the sample documents: leave FILE out.")
    own = () if file is None else _read(file)
    settings = Settings.from_env()
    if load_samples:
        asyncio.run(_load_samples(kb, settings))
    result = asyncio.run(_evaluate(own, other_languages, mode, kb, settings))
    if as_json:
        print(plain_json(json.dumps(result.to_dict(), indent=2, ensure_ascii=False)))
    else:
        print_result(result)
    return EXIT_OK


async def _load_samples(kb_name: str, settings: Settings) -> None:
    from core.evaluation.samples import sample_files
    from core.knowledge_base import KnowledgeBase

    async with await asyncio.to_thread(KnowledgeBase.load, kb_name, settings) as kb:
        await kb.ingest(*sample_files())


async def _evaluate(
    own: tuple[Question, ...],
    other_languages: bool,
    mode: Literal["dense", "hybrid"],
    kb_name: str,
    settings: Settings,
) -> Result:
    from core.answers.retrieval import Retrieval
    from core.evaluation.evaluate import evaluate as evaluate_questions
    from core.evaluation.questions import missing_files, sample_questions
    from core.knowledge_base import KnowledgeBase

    try:
        opened = await asyncio.to_thread(KnowledgeBase.load, kb_name, settings, create=False)
    except KnowledgeBaseNotFoundError as exc:
        if own:
            raise
        raise EvaluationError(
            f"{exc} The bundled questions are about the sample documents: add --load-samples to put them in."
        ) from exc
    async with opened as kb:
        names = [each.file for each in await asyncio.to_thread(kb.store.documents)]
        if missing := missing_files(own, names):
            print_message(missing)
        return await evaluate_questions(
            own or sample_questions(names, are_in_english=not other_languages),
            store=kb.store,
            embedder=kb.embedder,
            retrieval=Retrieval(mode=mode),
        )


def _read(path: Path) -> tuple[Question, ...]:
    from core.evaluation.questions import questions_of_file

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise EvaluationError(f"The question file {path} can't be read: {exc.strerror or exc}.") from exc
    return questions_of_file(path.name, data)


def print_result(result: Result) -> None:
    """The figures, one on each line."""
    from core.documents.languages import language_name
    from core.evaluation.evaluate import CUTOFFS

    for k in CUTOFFS:
        print(f"hit rate@{k}: {_shown(result.hit_rate(k))}")
    print(f"MRR: {'-' if result.mrr is None else format(result.mrr, '.2f')}")
    print(f"not answerable ones rejected: {_shown(result.rejection)}")
    print(f"answerable ones wrongly rejected: {_shown(result.wrongly_rejected)}")
    if len(result.languages) > 1:
        for language in result.languages:
            own = result.of_language(language)
            name = language_name(language) if language else "language not clear"
            print(f"{name}, {counted(len(own.outcomes), 'question')}: hit rate@1 {_shown(own.hit_rate(1))}")


def _shown(rate: Rate) -> str:
    if rate.value is None or rate.interval is None:
        return "no such question"
    low, high = rate.interval
    return f"{rate.value:.2f}, {rate.hits} of {rate.total} (95 % interval {low:.2f} to {high:.2f})"
