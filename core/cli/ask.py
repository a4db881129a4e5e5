"""``python -m core ask QUESTION``: an answer with its sources."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, WrongUseError
from core.cli.options import AsJson, Kb
from core.cli.terminal import print_download, print_message
from core.cli.wording import in_a_terminal
from core.config.settings import DEFAULT_KB, Settings
from core.documents.models import partly_in
from core.runtime.console import plain, plain_json
from core.runtime.surrogates import as_unicode
from core.runtime.words import listed

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
    answer = asyncio.run(_ask(question, top_k, kb, Settings.from_env(), as_json=as_json))
    if answer.error:
        print(f"error: {plain(in_a_terminal(answer.error))}", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_OK


async def _ask(question: str, top_k: int, kb_name: str, settings: Settings, *, as_json: bool) -> Answer:
    """Print the answer, and then what it may lack: looking for that must not hold it up."""
    from core.answers.retrieval import Retrieval
    from core.knowledge_base import KnowledgeBase

    kb = await asyncio.to_thread(
        KnowledgeBase.load, kb_name, settings, create=False, on_download=print_download
    )
    async with kb:
        answer = await kb.ask(question, retrieval=Retrieval(top_k=top_k))
        _print(answer, as_json=as_json)
        documents = await asyncio.to_thread(kb.store.documents)
    if cut_short := [document.file for document in documents if not document.is_complete]:
        print_message(f"{partly_in(len(cut_short))}: {listed(cut_short)}")
    return answer


def _print(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        print(plain_json(json.dumps(answer.to_dict(), indent=2, ensure_ascii=False)), flush=True)
        return
    from core.answers.refusals import EMPTY

    if answer.text == EMPTY:
        print(in_a_terminal(EMPTY), flush=True)
        return
    text = answer.plain_text.strip()
    if text:
        print(plain(f"{text}\n"))
    if text and answer.mode == "llm":
        print(plain(f"({answer.model})"))
    elif text and not answer.is_refusal:
        print("(Extractive answer, no language model is set)")
    if answer.sources and (answer.is_refusal or not text):
        # Why there is no text is said last, on standard error.
        print("The nearest passages:")
    for source in answer.sources:
        print(f"[{source.number}] {plain(source.description)} (cosine similarity {source.score:.2f})")
    sys.stdout.flush()
