"""What is printed on a terminal, whatever letters it has; hostile ones are in test_text_of_strangers.py."""

from __future__ import annotations

import json

import pytest

from core.runtime.console import plain, plain_json

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc é 漢 🚀", "a\tb\nc é 漢 🚀"),
        ("\x1b[31m\x9b\x7f", "\\x1b[31m\\x9b\\x7f"),
        ("\u202etxt\u2028", "\\u202etxt\\u2028"),
        ("\r", "\\x0d"),
    ],
)
def test_what_would_steer_a_terminal_is_shown_as_its_code(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_json_keeps_its_value_where_its_letters_are_written_as_escapes() -> None:
    value = {"a\u202e": "\x7f \u2028 é"}
    shown = plain_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(shown) == value
    assert shown == '{"a\\u202e": "\\u007f \\u2028 é"}'
