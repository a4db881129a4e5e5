"""Options that several commands have."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from core.cli.exit_codes import WrongUseError
from core.errors import DocumentError
from core.runtime.surrogates import as_unicode

Kb = Annotated[str, typer.Option("--kb", parser=as_unicode, metavar="NAME", help="Knowledge base.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Encoding = Annotated[
    str,
    typer.Option(
        "--encoding",
        parser=as_unicode,
        metavar="NAME",
        show_default=False,
        help="Encoding of a text, such as windows-1250, where it is guessed wrong.",
    ),
]

Ocr = Annotated[
    bool, typer.Option("--ocr", help="Recognise the text on scanned pages of PDFs; needs Tesseract.")
]

PasswordEnv = Annotated[
    str | None,
    typer.Option(
        "--password-env", metavar="VAR", help="Environment variable with the password of protected files."
    ),
]


def check_encoding_flag(name: str) -> None:
    """Refuse a name that no encoding has; "" leaves the encoding to be guessed.

    Raises:
        WrongUseError: When there is no such encoding.
    """
    from core.documents.readers.encoding import check_encoding

    if not name:
        return
    try:
        check_encoding(name)
    except DocumentError as exc:
        raise WrongUseError(str(exc)) from exc


def secret_from(flag: str, variable: str | None) -> str:
    """What the environment variable holds that a flag names; "" without the flag.

    Raises:
        WrongUseError: Where that is not set, or empty.
    """
    if variable is None:
        return ""
    if not variable:
        raise WrongUseError(f"{flag} names no environment variable. Name one, or leave the flag out.")
    secret = os.environ.get(variable, "")
    if not secret:
        raise WrongUseError(f"{flag} names {variable}, which is not set. Set it, or leave the flag out.")
    return secret
