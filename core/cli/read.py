"""``python -m core read FILE``: what Overlap reads of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.exit_codes import EXIT_OK
from core.cli.options import Encoding, Ocr, PasswordEnv, check_encoding_flag, secret_from
from core.errors import OverlapError
from core.runtime.console import plain, plain_json

if TYPE_CHECKING:
    from core.documents.models import Document, Page


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A document of any type that is read.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the kind of each block of text.")
    ] = False,
    encoding: Encoding = "",
    ocr: Ocr = False,
    password_env: PasswordEnv = None,
) -> int:
    """Show what is read of a file."""
    from core.config.settings import Secret
    from core.documents.sandbox.pool import shared_reader

    check_encoding_flag(encoding)
    password = Secret(value=secret_from("--password-env", password_env))
    if file.is_dir():
        raise OverlapError(f"{file} is a folder. Name a file in it.")
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise OverlapError(f"{file} can't be read: {exc.strerror or exc}.") from exc
    document = shared_reader().read_pages(file.name, data, password=password, encoding=encoding, ocr=ocr)
    if as_json:
        print(plain_json(json.dumps(_as_dict(document), indent=2, ensure_ascii=False)))
    else:
        print(plain(_as_text(document)))
    return EXIT_OK


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
