"""Data as text: CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from typing import Any

from core.documents.blocks import ReadResult
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.errors import CorruptFileError, FileTooLargeError

# Some 60,000 chunks. Headers and paths are repeated on every line, so that a small file could grow
# without end; and what is embedded for an hour is better cut by the person who knows it.
MAX_TEXT_CHARS = 50_000_000

_SAMPLE_BYTES = 64 * 1024
_SAMPLE_ROWS = 50
_DELIMITERS = "\t;|,"

_SPACE = re.compile(r"[ \t\r\n\f]+")
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[-+]?[\d.,\s]+%?")


def read_csv(file: str, data: bytes) -> ReadResult:
    """One line per row, each with its column names, so that any passage explains itself.

    Raises: UnsupportedFileError, CorruptFileError, FileTooLargeError.
    """
    text = decode_text(file, data)
    # The limit is the process's own and 128 KiB by default; a cell with a whole article is over it.
    csv.field_size_limit(2**31 - 1)
    try:
        rows = csv.reader(_lines(text), delimiter=_find_delimiter(text))
        return ReadResult((Page(number=None, text=join_lines(file, table_lines(rows))),))
    except csv.Error as exc:
        raise CorruptFileError(
            f"{file} is not valid CSV ({exc}). Save it as CSV again and upload that."
        ) from exc


def read_json(file: str, data: bytes) -> ReadResult:
    """One line per value, "path: value", with list positions from 0.

    Raises: UnsupportedFileError, CorruptFileError, FileTooLargeError.
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


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends. A StringIO would hold all of it a second time, at four bytes a character."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def join_lines(file: str, lines: Iterable[str]) -> str:
    """Raises: FileTooLargeError once the lines have more than MAX_TEXT_CHARS characters together."""
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


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as "header: value; header: value", or "value; value" where no row is a header.

    Titles and other rows of a single cell before the table come as they are.
    """
    filled = ([_SPACE.sub(" ", cell).strip() for cell in row] for row in rows)
    header: list[str] | None = None
    is_header_shown = True
    for row in filled:
        num_cells = sum(map(bool, row))
        if header is None and num_cells > 1:
            header = row if _is_header(row) else []
            is_header_shown = not header
            if header:
                continue
        if num_cells:
            is_header_shown = True
            # As long as the row: a header of a million names over a million short rows would take hours.
            cells = zip(chain(header or (), repeat("")), row, strict=False)
            yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)
    if header and not is_header_shown:
        yield "; ".join(filter(None, header))


def _find_delimiter(text: str) -> str:
    """The delimiter that cuts the most rows into the same number of cells, a comma if none does.

    The standard library's sniffer guesses letters and fails on quoted line breaks.
    """

    def score(delimiter: str) -> float:
        sample = io.StringIO(text[:_SAMPLE_BYTES], newline="")
        rows = islice((row for row in csv.reader(sample, delimiter=delimiter) if row), _SAMPLE_ROWS)
        widths = Counter(len(row) for row in rows)
        if not widths:
            return 0.0
        width, num_rows = widths.most_common(1)[0]
        return num_rows / widths.total() if width > 1 else 0.0

    best = max(_DELIMITERS, key=score)
    return best if score(best) > 0 else ","


def _is_header(row: Sequence[str]) -> bool:
    """Whether a table's first row names columns: mostly filled, nothing twice, no numbers but years."""
    names = [cell for cell in row if cell]
    is_named = not any(_NUMBER.fullmatch(name) and not _YEAR.fullmatch(name) for name in names)
    return is_named and len(names) * 2 > len(row) and len(set(names)) == len(names)


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
