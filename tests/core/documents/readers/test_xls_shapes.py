"""What is written in the shapes of an old workbook."""

from __future__ import annotations

import struct

import pytest

from core.documents.readers.reader import read_document
from core.documents.readers.xls_shapes import shape_texts
from tests import ole_documents as ole

pytestmark = pytest.mark.portable

ROWS: list[list[object]] = [["Planet", "God"], ["Mars", "War"]]


def _shape(kind: int, num_chars: int, *parts: bytes) -> bytes:
    """A shape with a text, which may be in several parts."""
    about = struct.pack("<4H14x2H", 0x15, 0x12, kind, 1, 0, 0)
    text = struct.pack("<10x2H4x", num_chars, 16)
    more = b"".join(ole.biff_record(0x3C, part) for part in parts)
    return (
        ole.biff_record(0x5D, about) + ole.biff_record(0x1B6, text) + more + ole.biff_record(0x3C, bytes(16))
    )


def test_text_of_a_shape_is_read_below_the_cells() -> None:
    plain = _shape(6, 13, b"\0In thousands\n")
    wide = _shape(2, 13, b"\1" + "Größe".encode("utf-16-le"), b"\0 in 2026")
    comment = _shape(0x19, 7, b"\0Checked")
    page = read_document("a.xls", ole.build_old_excel(ROWS, more=plain + wide + comment)).pages[0]
    assert page.text.endswith("\n\nIn thousands\n\nGröße in 2026")
    assert "Checked" not in page.text


def _sheet(place: int, kind: int = 0) -> bytes:
    return ole.biff_record(0x85, place.to_bytes(4, "little") + bytes([0, kind, 1]) + b"\0S")


def test_text_is_that_of_the_worksheet_in_which_it_stands() -> None:
    first, chart, second = _shape(6, 3, b"\0One"), _shape(6, 5, b"\0Chart"), _shape(6, 3, b"\0Two")
    start = 3 * len(_sheet(0))
    places = [start, start + len(first), start + len(first) + len(chart)]
    sheets = _sheet(places[0]) + _sheet(places[1], kind=2) + _sheet(places[2])
    assert shape_texts(sheets + first + chart + second) == {0: ["One"], 1: ["Two"]}


def test_text_before_the_first_sheet_and_one_that_is_empty_are_of_none() -> None:
    assert shape_texts(_shape(6, 3, b"\0One")) == {}
    assert shape_texts(_sheet(0) + _shape(6, 2, b"\0  ")) == {}


def test_record_that_is_cut_off_ends_the_texts() -> None:
    whole = _sheet(0) + _shape(6, 3, b"\0One")
    assert shape_texts(whole) == {0: ["One"]}
    for end in range(len(whole)):
        assert shape_texts(whole[:end]) in ({}, {0: ["One"]}, {0: ["On"]}, {0: ["O"]})
