"""``python -m core read FILE``: what Overlap reads of a file."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.documents.models import Document, Page
from core.errors import OverlapError
from core.runtime.console import plain, plain_json

if TYPE_CHECKING:
    from core.config.settings import Settings


def add_read_parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command `read` and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser("read", help="show what is read of a file")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print JSON, with the kind of each block")
    add_encoding_argument(parser)
    parser.add_argument(
        "--password-env", metavar="VAR", help="environment variable that holds the file's password"
    )
    return parser


def add_encoding_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--encoding",
        default="",
        metavar="NAME",
        help="encoding of a text, such as windows-1250, where it is guessed wrong",
    )


def run_read(args: argparse.Namespace, settings: Settings) -> int:
    """Print a file's pages and notes; returns the exit code. Raises OverlapError."""
    from core.config.settings import Secret
    from core.documents.sandbox.pool import shared_reader

    try:
        data = args.file.read_bytes()
    except OSError as exc:
        raise OverlapError(f"{args.file.name} can't be read: {exc.strerror or exc}.") from exc
    password = Secret(value=_password(args.password_env))
    document = shared_reader().read_pages(args.file.name, data, password=password, encoding=args.encoding)
    if args.json:
        print(plain_json(json.dumps(_as_dict(document), indent=2, ensure_ascii=False)))
    else:
        print(plain(_as_text(document)))
    return 0


def _password(variable: str | None) -> str:
    if variable is None:
        return ""
    if variable not in os.environ:
        raise OverlapError(f"password-env names {variable}, which is not set. Set it, or leave the flag out.")
    return os.environ[variable]


def _as_text(document: Document) -> str:
    pages = [f"{_heading(page, document)}{page.text}" for page in document.pages]
    return "\n\n".join([*pages, *(f"note: {note}" for note in document.notes)])


def _heading(page: Page, document: Document) -> str:
    if page.number is None:
        return ""
    damaged = ", damaged" if page.is_damaged else ""
    return f"--- {page.label or f'page {page.number}'}{damaged} ---\n"


def _as_dict(document: Document) -> dict[str, Any]:
    return {
        "file": document.file,
        "id": document.id,
        "size_bytes": document.size_bytes,
        "notes": list(document.notes),
        "pages": [
            {
                "number": page.number,
                "label": page.label,
                "is_damaged": page.is_damaged,
                "text": page.text,
                "blocks": [
                    {"kind": block.kind, "start": block.start, "end": block.end, "level": block.level}
                    for block in page.blocks
                ],
            }
            for page in document.pages
        ],
    }
