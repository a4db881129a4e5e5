"""Data as text: JSON, and what limits every text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from core.documents.blocks import ReadResult
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.errors import CorruptFileError, FileTooLargeError

# Some 60,000 chunks. Headers and paths are repeated on every line, so that a small file could grow
# without end; and what is embedded for an hour is better cut by the person who knows it.
MAX_TEXT_CHARS = 50_000_000


def read_json(file: str, data: bytes) -> ReadResult:
    """One line per value, "path: value", with list positions from 0.

    Raises:
        UnsupportedFileError: The file's type is not one that is read, or its content is not what its name
            says.
        CorruptFileError: The file is damaged or empty.
        FileTooLargeError: The file, or what it unpacks to, is over the limit.
    """
    try:
        text, num_pictures = without_pictures(decode_text(file, data))
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        raise CorruptFileError(
            f"{file} is not valid JSON: {exc.msg}, line {exc.lineno}. Correct it, or upload it as .txt."
        ) from exc
    # RecursionError: nested deeper than Python's parser goes. ValueError: a number of 4,300 digits.
    except (RecursionError, ValueError) as exc:
        raise CorruptFileError(
            f"{file} holds JSON that is nested too deeply or has a number too long. Upload it as .txt."
        ) from exc
    page = Page(number=None, text=join_lines(file, json_lines(value)))
    return ReadResult((page,), picture_note(num_pictures))


def join_lines(file: str, lines: Iterable[str]) -> str:
    """The lines as one text.

    Raises:
        FileTooLargeError: When they have more than `MAX_TEXT_CHARS` characters together, line ends included.
    """
    kept: list[str] = []
    num_chars = 0
    for line in lines:
        num_chars += len(line) + 1
        if num_chars > MAX_TEXT_CHARS:
            raise too_much_text(file)
        kept.append(line)
    return "\n".join(kept)


def too_much_text(file: str) -> FileTooLargeError:
    """The error of a file with more than MAX_TEXT_CHARS characters."""
    return FileTooLargeError(
        f"{file} gives more than {MAX_TEXT_CHARS // 10**6} million characters of text. "
        "Split it into smaller files."
    )


def json_lines(root: Any) -> Iterator[str]:
    """ "path: value" for each value, list positions from 0."""
    # A stack, because nested generators run out of Python's call depth before the JSON parser does, and
    # lazy, because a long path times many values must meet the limit of `join_lines` first.
    stack: list[Iterator[tuple[str, Any]]] = [iter([("", root)])]
    while stack:
        for path, value in stack[-1]:
            if isinstance(value, dict | list):
                stack.append(_json_items(path, value))
                break
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"{path}: {text}" if path else text
        else:
            stack.pop()


def _json_items(path: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item
    else:
        for key, item in value.items():
            yield f"{path}.{key}" if path else key, item
