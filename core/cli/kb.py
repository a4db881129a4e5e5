"""``python -m core kb list|create|rename|change-model|delete``."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.exit_codes import EXIT_OK, WrongUseError
from core.cli.options import AsJson
from core.cli.terminal import clear_status, print_message, print_status
from core.config.settings import BUNDLED_SETTING, DEFAULT_KB, Settings
from core.documents.models import partly_in
from core.embedding.choices import NANO_SETTING
from core.errors import OverlapError
from core.runtime.console import plain, plain_json
from core.runtime.surrogates import as_unicode
from core.runtime.words import counted, file_size

if TYPE_CHECKING:
    from core.store.collections import KnowledgeBaseCard

STATUS_EVERY_S = 0.5

Name = Annotated[str, typer.Argument(parser=as_unicode, metavar="NAME", help="The knowledge base's name.")]


def show(as_json: AsJson = False) -> int:
    """List all knowledge bases with what they hold."""
    from core.store import collections

    cards = collections.overview(Settings.from_env().target)
    if as_json:
        values = [dataclasses.asdict(card) for card in cards]
        print(plain_json(json.dumps(values, indent=2, ensure_ascii=False)))
        return EXIT_OK
    for card in cards:
        print(f"{plain(card.name)}: {_held(card)}, {plain(card.info.model)} ({card.info.dim} dimensions)")
        if card.num_cut_short:
            print(f"  {partly_in(card.num_cut_short)}")
        if card.description:
            print(f"  {plain(card.description)}")
    if not cards:
        print("no knowledge base yet; `python -m core ingest PATH` makes one", file=sys.stderr)
    return EXIT_OK


def _held(card: KnowledgeBaseCard) -> str:
    if not card.num_chunks and not card.num_documents:
        # The app makes it, and so does an ingest of files that could not be read: nobody asked for it.
        return "empty (the one that is used where no --kb is named)" if card.name == DEFAULT_KB else "empty"
    held = f"{counted(card.num_documents, 'document')}, {counted(card.num_chunks, 'chunk')}"
    return f"{held}, {file_size(card.size_bytes)}"


def create(
    name: Name,
    description: Annotated[
        str,
        typer.Option(
            "--description",
            parser=as_unicode,
            metavar="TEXT",
            show_default=False,
            help="What it is for, in a sentence.",
        ),
    ] = "",
) -> int:
    """Make an empty one for the embedding model that is set."""
    from core.embedding.model import shared_embedder
    from core.store import collections
    from core.store.names import checked_name

    settings = Settings.from_env()
    name = checked_name(name)
    embedder = shared_embedder(settings)
    info = collections.create_knowledge_base(
        settings.target, name, model=embedder.name, dim=embedder.dim, description=description
    )
    print(f"created {plain(info.name)}")
    return EXIT_OK


def rename(
    name: Name,
    new_name: Annotated[
        str, typer.Argument(parser=as_unicode, metavar="NEW_NAME", help="A name that none has yet.")
    ],
) -> int:
    """Give one another name."""
    from core.store import collections

    renamed = collections.rename_knowledge_base(Settings.from_env().target, name, new_name)
    print(f"renamed to {plain(renamed)}")
    return EXIT_OK


def change_model(
    name: Name,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help=f"{BUNDLED_SETTING}, {NANO_SETTING}, a Hugging Face name, or a folder with a model.",
        ),
    ],
) -> int:
    """Make one anew for another embedding model; the old one is used until that is whole."""
    from core.ingest.model_change import ModelChange

    job = ModelChange(Settings.from_env(), name, None if model == BUNDLED_SETTING else model).start()
    try:
        while job.is_running:
            print_status(job.phase)
            job.wait(STATUS_EVERY_S)
    except KeyboardInterrupt:
        job.stop()
        job.wait()
        print_message("what was done is kept: the same command goes on from there")
        raise
    clear_status()
    if job.error is not None:
        raise OverlapError(_of_the_argument(job.error))
    print(f"{plain(name)}: {counted(job.result or 0, 'chunk')}, now with {plain(model)}")
    return EXIT_OK


def _of_the_argument(error: str) -> str:
    """What is wrong with a model, said of MODEL: it is named there and not in the settings."""
    for setting, argument in (
        ("or unset it to use the bundled model", f"or name {BUNDLED_SETTING}"),
        ("unset EMBED_MODEL to use the bundled model", f"name {BUNDLED_SETTING}"),
        ("Unset EMBED_MODEL to use the bundled model", f"Name {BUNDLED_SETTING}"),
        ("EMBED_MODEL=", ""),
        ("EMBED_MODEL", "MODEL"),
    ):
        error = error.replace(setting, argument)
    return error


def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete it; there is no way back.")] = False,
) -> int:
    """Delete one with all its documents."""
    from core.knowledge_base_deletion import delete_knowledge_base
    from core.store.collections import find_knowledge_base

    settings = Settings.from_env()
    if not yes:
        find_knowledge_base(settings.target, name)
        raise WrongUseError(f"this deletes {name} with all its documents; add --yes to do it")
    num_chunks = delete_knowledge_base(settings, name)
    print(f"deleted {plain(name)}: {counted(num_chunks, 'chunk')}")
    return EXIT_OK
