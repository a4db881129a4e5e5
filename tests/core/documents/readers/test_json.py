"""JSON and JSON Lines."""

from __future__ import annotations

import json

import pytest

from core.documents.readers.json import WITH_COMMENTS
from core.documents.readers.reader import read_document
from core.errors import (
    CorruptFileError,
    FileTooLargeError,
)
from tests.documents import labels, message_of, text_of

pytestmark = pytest.mark.portable


def test_json_gives_a_line_per_value() -> None:
    data = json.dumps({"users": [{"name": "Ada", "tags": []}, {"name": "Bo"}], "ok": True, "gone": None})
    assert text_of("users.json", data.encode()) == (
        "users[0].name: Ada\nusers[1].name: Bo\nok: true\ngone: null"
    )


def test_json_drops_what_cannot_be_stored() -> None:
    assert text_of("odd.json", rb'["a\u0000b", "\ud800c", "\ud83d\ude00"]') == "[0]: ab\n[1]: c\n[2]: 😀"


def test_json_that_is_invalid_names_the_line() -> None:
    message = message_of("bad.json", b'{"a": 1,\n "b": }', CorruptFileError)
    assert "bad.json is not valid JSON" in message
    assert "line 2" in message


def test_json_of_one_record_a_line_is_read_as_json_lines() -> None:
    """As mongoexport writes it into a file named .json."""
    document = read_document("a.json", b'{"a": 1}\n{"a": 2}\n')
    assert (document.pages[0].text, labels(document)) == ("a: 1\na: 2", ["lines 1\u20132"])


def test_json_of_documents_one_after_another_is_read_as_a_list() -> None:
    assert text_of("a.json", b'\n{\n "a": 1\n}\n{\n "a": 2\n}\n') == "[0].a: 1\n[1].a: 2"


@pytest.mark.parametrize(
    "text",
    [
        '// See https://a.org/b\n{"a": "http://b//c, }" /* the\nlast */}',
        '{"a": [1, 2,],\n// none\n}',
    ],
)
def test_json_with_comments_is_read_as_text_with_them_and_told(text: str) -> None:
    document = read_document("a.json", text.encode())
    assert document.pages[0].text == text
    assert document.notes == (WITH_COMMENTS,)


def test_json_nested_too_deeply_is_refused() -> None:
    assert "too deeply" in message_of("deep.json", b"[" * 100_000 + b"]" * 100_000, CorruptFileError)


def test_json_nested_as_deeply_as_parsers_go_is_read() -> None:
    assert text_of("deep.json", b"[" * 500 + b"7" + b"]" * 500).endswith("[0]: 7")


def test_json_whose_paths_outgrow_memory_is_refused() -> None:
    data = json.dumps({"k" * 100_000: [1] * 10_000}).encode()
    assert "Split it" in message_of("bomb.json", data, FileTooLargeError)


def test_jsonl_gives_a_line_per_record() -> None:
    document = read_document("a.jsonl", b'{"a": 1, "b": {"c": [true]}}\n\n{"a": 2}\n')
    assert document.pages[0].text == "a: 1; b.c[0]: true\na: 2"
    assert labels(document) == ["lines 1–3"]


def test_jsonl_of_long_names_and_many_values_is_too_large() -> None:
    line = json.dumps({"k" * 100_000: [1] * 1000}).encode()
    assert "50 million characters" in message_of("a.jsonl", line, FileTooLargeError)


def test_line_that_is_no_json_is_read_as_text_and_told() -> None:
    document = read_document("a.jsonl", b'{"a": 1}\nnot json\n')
    assert document.pages[0].text == "a: 1\nnot json"
    assert document.notes == ("1 line is not valid JSON and read as text",)
    assert "no line of valid JSON" in message_of("a.jsonl", b"not json\n", CorruptFileError)
