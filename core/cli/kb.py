"""``python -m core kb list|create|rename|delete``."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Annotated

import typer

from core.cli.exit_codes import EXIT_OK
from core.cli.options import AsJson
from core.config.settings import Settings
from core.errors import OverlapError
from core.runtime.console import as_unicode, plain, plain_json

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
        print(
            f"{plain(card.name)}: {card.num_documents:,} documents, {card.num_chunks:,} chunks, "
            f"{card.size_bytes / 1e6:.1f} MB, {card.info.model} ({card.info.dim} dimensions)"
        )
        if card.description:
            print(f"  {plain(card.description)}")
    if not cards:
        print("no knowledge base yet", file=sys.stderr)
    return EXIT_OK


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


def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete it; there is no way back.")] = False,
) -> int:
    """Delete one with all its documents."""
    from core.knowledge_base import delete_knowledge_base

    if not yes:
        raise OverlapError(f"this deletes {name} with all its documents; add --yes to do it")
    num_chunks = delete_knowledge_base(Settings.from_env(), name)
    print(f"deleted {plain(name)}: {num_chunks:,} chunks")
    return EXIT_OK
