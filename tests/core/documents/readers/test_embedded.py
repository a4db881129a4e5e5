"""Pictures in base64 are left out of a text, and words never."""

from __future__ import annotations

import base64
import random

import pytest

from core.documents.readers.embedded import picture_note, without_pictures

pytestmark = pytest.mark.portable

PICTURE = base64.b64encode(random.Random(1).randbytes(600)).decode()


def test_picture_is_left_out_where_it_says_what_it_is_and_what_is_around_it_stays() -> None:
    text = f"Before ![](data:image/png;base64,{PICTURE[:40]}) after"
    assert without_pictures(text) == ("Before ![]() after", 1)
    svg = f"<img src='data:image/svg+xml;charset=utf-8;base64,{PICTURE[:40]}'>"
    assert without_pictures(svg) == ("<img src=''>", 1)


def test_long_run_of_base64_is_left_out_wherever_it_begins() -> None:
    for before in range(0, 420, 37):
        text = f"{'word ' * before}{PICTURE} end"
        assert without_pictures(text) == (f"{'word ' * before} end", 1)
    shortest = PICTURE[:400]
    for before in range(400):
        assert without_pictures(f"{'.' * before}{shortest}.") == (f"{'.' * before}.", 1)


@pytest.mark.parametrize(
    "text",
    [
        "ACGT" * 200, "acgt" * 200, "1234567890" * 60, PICTURE[:300],
        "data:image/png, which is no picture", f"https://example.org/{'word/' * 100}?a=b",
    ],
)  # fmt: skip
def test_words_genes_numbers_and_addresses_are_kept(text: str) -> None:
    assert without_pictures(text) == (text, 0)


def test_pictures_are_told_in_a_note() -> None:
    assert picture_note(0) == ()
    assert picture_note(1) == ("1 embedded picture not read",)
    assert picture_note(2) == ("2 embedded pictures not read",)
