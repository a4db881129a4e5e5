"""JSON and JSON Lines: a line per value, or per record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.documents.readers.limits import CountChars, char_limit, join_lines
from core.documents.readers.lines import line_label, read_code
from core.errors import CorruptFileError

RECORDS_A_PLACE = 50
WITH_COMMENTS = "has comments or commas that JSON does not know, and is read as text"
# Strings are kept: a // in an address is no comment.
_STRING = r'(?P<string>"(?:[^"\\\n]|\\.)*")'
_COMMENT = re.compile(_STRING + r"|//[^\n]*|/\*(?:.*?\*/|.*)", re.DOTALL)
_LAST_COMMA = re.compile(_STRING + r"|,(?=\s*[}\]])")
_BLANK = re.compile(r"\s*")


def read_json(file: str, data: bytes) -> ReadResult:
    """One line per value, "path: value", with list positions from 0.

    A file of many documents is read as JSON Lines or as a list of them, one with comments as text.

    Raises:
        UnsupportedFileError: When it is not text.
        CorruptFileError: When it is not valid JSON, or nested too deeply.
        FileTooLargeError: When its lines have more than `MAX_TEXT_CHARS` characters together.
    """
    try:
        text, num_pictures = without_pictures(decode_text(file, data))
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        if (result := _of_relatives(file, data, text)) is not None:
            return result
        raise CorruptFileError(
            f"{file} is not valid JSON: {exc.msg}, line {exc.lineno}. Correct it, or upload it as .txt."
        ) from exc
    # RecursionError: nested deeper than Python's parser goes. ValueError: a number of 4,300 digits.
    except (RecursionError, ValueError) as exc:
        raise CorruptFileError(
            f"{file} holds JSON that is nested too deeply or has a number too long. Upload it as .txt."
        ) from exc
    page = Page(number=None, text=join_lines(file, _value_lines(value)))
    return ReadResult((page,), picture_note(num_pictures))


def _of_relatives(file: str, data: bytes, text: str) -> ReadResult | None:
    """What a file named .json holds that is not one JSON document, as exports and settings often are."""
    if values := _documents(text):
        if len(values) == sum(bool(line.strip()) for line in text.split("\n")):
            return read_jsonl(file, data)
        return ReadResult((Page(number=None, text=join_lines(file, _value_lines(values))),))
    for extra in (_COMMENT, _LAST_COMMA):
        text = extra.sub(lambda found: found["string"] or "", text)
    if _parsed_line(text) is _NO_JSON:
        return None
    result = read_code(file, data)
    return ReadResult(result.pages, (*result.notes, WITH_COMMENTS))


def _documents(text: str) -> list[Any]:
    """The JSON documents that follow one another, none where anything else stands among them."""
    decoder, values, at = json.JSONDecoder(), [], _skip_blank(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        values.append(value)
        at = _skip_blank(text, at)
    return values


def _skip_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()


def read_jsonl(file: str, data: bytes) -> ReadResult:
    """JSON Lines: a line per record, "name: value; name: value".

    Raises:
        UnsupportedFileError: When it is not text.
        CorruptFileError: When not a single line is JSON.
        FileTooLargeError: When its records have more than `MAX_TEXT_CHARS` characters together.
    """
    text, num_pictures = without_pictures(decode_text(file, data))
    records: list[tuple[int, str]] = []
    num_bad = num_good = 0
    count_chars = char_limit(file)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        value = _parsed_line(line)
        is_bad = value is _NO_JSON
        num_bad, num_good = num_bad + is_bad, num_good + (not is_bad)
        records.append((number, line.strip() if is_bad else "; ".join(_record_parts(value, count_chars))))
    if num_bad and not num_good:
        raise CorruptFileError(f"{file} has no line of valid JSON. Correct it, or upload it as .txt.")
    bad = "1 line is" if num_bad == 1 else f"{num_bad:,} lines are"
    notes = (f"{bad} not valid JSON and read as text",) if num_bad else ()
    return ReadResult(tuple(_record_pages(records)), (*notes, *picture_note(num_pictures)))


_NO_JSON = object()


def _parsed_line(line: str) -> Any:
    try:
        return json.loads(line)
    # Nested deeper than the parser goes, or a number of thousands of digits.
    except (ValueError, RecursionError):
        return _NO_JSON


def _record_parts(value: Any, count_chars: CountChars) -> Iterator[str]:
    for part in _value_lines(value):
        count_chars(len(part) + 2)
        yield " ".join(part.split())


def _record_pages(records: Sequence[tuple[int, str]]) -> Iterator[Page]:
    for number, start in enumerate(range(0, len(records), RECORDS_A_PLACE), 1):
        some = records[start : start + RECORDS_A_PLACE]
        block = Block(BlockKind.TABLE, "\n".join(text for _, text in some))
        yield page_of(number, [block], label=line_label(some[0][0], some[-1][0]))


def _value_lines(root: Any) -> Iterator[str]:
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
