"""``python -m core ask QUESTION``: an answer with its sources."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, WrongUseError
from core.cli.options import AsJson, Kb
from core.cli.terminal import print_download
from core.config.settings import DEFAULT_KB, Settings
from core.runtime.console import as_unicode, plain, plain_json

if TYPE_CHECKING:
    from core.answers.models import Answer


def ask(
    question: Annotated[str, typer.Argument(parser=as_unicode, metavar="QUESTION", help="In any words.")],
    top_k: Annotated[
        int, typer.Option("--top-k", min=1, metavar="N", help="How many passages to search for.")
    ] = 5,
    kb: Kb = DEFAULT_KB,
    as_json: AsJson = False,
) -> int:
    """Ask a knowledge base."""
    if not question.strip():
        raise WrongUseError("the question is empty")
    answer = asyncio.run(_answer(question, top_k, kb, Settings.from_env()))
    if as_json:
        print(plain_json(json.dumps(answer.to_dict(), indent=2, ensure_ascii=False)))
    else:
        kind = "Extractive answer, no language model is set" if answer.mode == "extractive" else answer.model
        print(plain(f"{answer.plain_text.strip()}\n\n({kind})"))
        for source in answer.sources:
            print(f"[{source.number}] {plain(source.description)} (cosine similarity {source.score:.2f})")
    if answer.error:
        print(f"error: {plain(answer.error)}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


async def _answer(question: str, top_k: int, kb_name: str, settings: Settings) -> Answer:
    from core.answers.retrieval import Retrieval
    from core.knowledge_base import KnowledgeBase

    kb = await asyncio.to_thread(
        KnowledgeBase.load, kb_name, settings, create=False, on_download=print_download
    )
    async with kb:
        return await kb.ask(question, retrieval=Retrieval(top_k=top_k))
