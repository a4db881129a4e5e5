"""Words that a line's end divides."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.documents.readers.reader import read_document
from tests import documents as build

pytestmark = pytest.mark.portable

Drawn = Sequence[tuple[float, float, str]]


def read(texts: Drawn) -> str:
    return read_document("a.pdf", build.build_drawn_pdf(texts)).pages[0].text


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("docu", "ment", "document"),
        ("QX", "4471", "QX-4471"),
        ("COVID", "19", "COVID-19"),
        ("2024", "2026", "2024-2026"),
        ("Jean", "Paul", "Jean-Paul"),
        ("INTRO", "DUCTION", "INTRODUCTION"),
        ("USB", "stick", "USB-stick"),
        ("short", "and", "short- and"),
        ("Vor", "und", "Vor- und"),
    ],
)
def test_hyphen_at_a_lines_end_stays_where_it_belongs_to_the_word(
    first: str, second: str, whole: str
) -> None:
    text = read([(72, 700, f"the word {first}-"), (72, 686, f"{second} of the text")])
    assert f"the word {whole} of the text" in text


def test_hyphen_at_a_lines_end_stays_where_the_document_writes_it_elsewhere() -> None:
    lines = ["a long-", "term plan and a well-", "known one, and a long-term one"]
    text = read([(72, 700 - 14 * row, line) for row, line in enumerate(lines)])
    assert text.split("\n")[0].startswith("a long-term plan and a wellknown one")


def test_conjunction_that_the_document_writes_with_a_hyphen_elsewhere_stays_a_part_of_its_word() -> None:
    text = read([(72, 700, "the tests bitwise-"), (72, 686, "and and cubes, of which bitwise-and is one")])
    assert text.startswith("the tests bitwise-and and cubes")


def test_word_that_ends_like_a_conjunction_is_joined_where_the_document_writes_it_in_one() -> None:
    lines = ["the contin-", "und of which the continund speaks"]
    text = read([(72, 700 - 14 * row, line) for row, line in enumerate(lines)])
    assert text.startswith("the continund of which")


def test_name_that_the_document_writes_in_one_elsewhere_is_joined() -> None:
    lines = ["the engine Trace-", "Monkey and Jean-", "Paul; TraceMonkey"]
    text = read([(72, 700 - 14 * row, line) for row, line in enumerate(lines)])
    assert text.startswith("the engine TraceMonkey and Jean-Paul")


def test_pdf_rejoins_words_hyphenated_at_line_end() -> None:
    data = build.build_hyphenated_pdf("It was a colla", "boration of many")
    assert "collaboration of many" in read_document("book.pdf", data).pages[0].text
