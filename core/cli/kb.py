"""``python -m core kb list|create|rename|delete``."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

from core.runtime.console import as_unicode, plain, plain_json
from core.store import collections
from core.store.names import checked_name

if TYPE_CHECKING:
    from core.config.settings import Settings


def add_kb_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command `kb` and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser("kb", help="list and manage knowledge bases")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="all knowledge bases with what they hold")
    listing.add_argument("--json", action="store_true", help="print JSON")
    create = actions.add_parser("create", help="make an empty one for the embedding model that is set")
    create.add_argument("name", type=as_unicode, metavar="NAME")
    create.add_argument(
        "--description", type=as_unicode, default="", metavar="TEXT", help="what it is for, in a sentence"
    )
    rename = actions.add_parser("rename", help="give one another name")
    rename.add_argument("name", type=as_unicode, metavar="NAME")
    rename.add_argument("new_name", type=as_unicode, metavar="NEW_NAME")
    delete = actions.add_parser("delete", help="delete one with all its documents")
    delete.add_argument("name", type=as_unicode, metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="really delete it; there is no way back")
    return parser


def run_kb(args: argparse.Namespace, settings: Settings) -> int:
    """Run one action; returns the exit code. Raises OverlapError."""
    return {"list": _list, "create": _create, "rename": _rename, "delete": _delete}[args.action](
        args, settings
    )


def _list(args: argparse.Namespace, settings: Settings) -> int:
    cards = collections.overview(settings.target)
    if args.json:
        values = [dataclasses.asdict(card) for card in cards]
        print(plain_json(json.dumps(values, indent=2, ensure_ascii=False)))
        return 0
    for card in cards:
        print(
            f"{plain(card.name)}: {card.num_documents:,} documents, {card.num_chunks:,} chunks, "
            f"{card.size_bytes / 1e6:.1f} MB, {card.info.model} ({card.info.dim} dimensions)"
        )
        if card.description:
            print(f"  {plain(card.description)}")
    if not cards:
        print("no knowledge base yet", file=sys.stderr)
    return 0


def _create(args: argparse.Namespace, settings: Settings) -> int:
    from core.embedding.model import shared_embedder

    name = checked_name(args.name)
    embedder = shared_embedder(settings)
    info = collections.create_knowledge_base(
        settings.target, name, model=embedder.name, dim=embedder.dim, description=args.description
    )
    print(f"created {info.name}")
    return 0


def _rename(args: argparse.Namespace, settings: Settings) -> int:
    print(f"renamed to {collections.rename_knowledge_base(settings.target, args.name, args.new_name)}")
    return 0


def _delete(args: argparse.Namespace, settings: Settings) -> int:
    from core.knowledge_base import delete_knowledge_base

    if not args.yes:
        print(f"error: this deletes {args.name} with all its documents; add --yes to do it", file=sys.stderr)
        return 1
    print(f"deleted {args.name}: {delete_knowledge_base(settings, args.name):,} chunks")
    return 0
