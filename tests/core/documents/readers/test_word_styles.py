"""What styles and lists say: numbers as Word shows them, and what is hidden or raised."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from core.documents.readers.word_styles import _written, letters_of, roman
from tests.documents import (
    build_word,
    word_paragraph,
    word_run,
    word_text,
)

pytestmark = pytest.mark.portable


def _numbering(*levels: tuple[str, str]) -> str:
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText '
        f'w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    )


def _item(text: str, level: int = 0, number: int = 1) -> str:
    settings = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return word_paragraph(text, settings)


def test_list_items_have_the_numbers_that_word_shows() -> None:
    body = "".join(
        [
            _item("Duties"),
            _item("of the tenant", 1),
            _item("of the owner", 1),
            _item("deep", 2),
            _item("Notice"),
        ]
    )
    numbering = _numbering(("decimal", "%1."), ("lowerLetter", "%1%2)"), ("upperRoman", "%3"))
    assert (
        word_text(body, numbering=numbering)
        == "1. Duties\n1a) of the tenant\n1b) of the owner\nI deep\n2. Notice"
    )
    again = _item("one") + word_paragraph("Between.") + _item("seven", number=2) + _item("eight", number=2)
    assert word_text(again, numbering=numbering) == "1. one\n\nBetween.\n\n7. seven\n8. eight"


def test_list_of_a_style_is_numbered_and_bullets_have_no_number() -> None:
    styles = (
        '<w:style w:styleId="S"><w:name w:val="Clause"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        "</w:pPr></w:style>"
        '<w:style w:styleId="T"><w:name w:val="Sub"/><w:basedOn w:val="S"/></w:style>'
        '<w:style w:styleId="H"><w:name w:val="heading 2"/></w:style>'
    )
    body = word_paragraph("First", '<w:pStyle w:val="T"/>') + word_paragraph("Title", '<w:pStyle w:val="H"/>')
    document = read_document(
        "a.docx", build_word(body, styles=styles, numbering=_numbering(("decimal", "§ %1")))
    )
    assert document.pages[0].text == "§ 1 First\n\nTitle"
    assert [(block.kind, block.level) for block in document.pages[0].blocks] == [
        ("list_item", 0),
        ("heading", 2),
    ]
    assert word_text(_item("dot"), numbering=_numbering(("bullet", "\uf0b7"))) == "dot"


def test_hidden_text_is_left_out_also_where_a_style_hides_it() -> None:
    styles = '<w:style w:styleId="Z"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = (
        f"<w:p>{word_run('Seen')}{word_run(' unseen', '<w:vanish/>')}"
        f"{word_run(' again', '<w:vanish w:val=&quot;0&quot;/>')}"
        f"{word_run(' styled', '<w:rStyle w:val=&quot;Z&quot;/>')}</w:p>"
    ).replace("&quot;", '"')
    assert word_text(body, styles=styles) == "Seen again"
    assert word_text(body.replace('<w:rStyle w:val="Z"/>', "")) == "Seen again styled"


def test_character_style_raises_text_too() -> None:
    styles = (
        '<w:style w:styleId="U"><w:name w:val="Up"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        "</w:style>"
    )
    up = '<w:rStyle w:val="U"/>'
    assert (
        word_text(f"<w:p>{word_run('10')}{word_run('6', up)}{word_run(' t')}</w:p>", styles=styles) == "10⁶ t"
    )


@pytest.mark.parametrize(
    ("form", "numbers", "written"),
    [
        ("lowerRoman", (1, 4, 9, 40, 90, 400, 1994), "i iv ix xl xc cd mcmxciv"),
        ("upperRoman", (3, 14), "III XIV"),
        ("lowerLetter", (1, 26, 27, 52, 53), "a z aa zz aaa"),
        ("upperLetter", (2,), "B"),
        ("decimalZero", (7, 12), "07 12"),
        ("ordinal", (1, 2, 3, 4, 11, 12, 13, 21, 112), "1st 2nd 3rd 4th 11th 12th 13th 21st 112th"),
        ("decimal", (5,), "5"),
    ],
)
def test_numbers_of_lists_are_written_as_word_writes_them(
    form: str, numbers: tuple[int, ...], written: str
) -> None:
    assert " ".join(_written(number, form) for number in numbers) == written


def test_number_below_one_has_no_letter_and_no_roman_form() -> None:
    assert (letters_of(0), roman(0)) == ("", "")
