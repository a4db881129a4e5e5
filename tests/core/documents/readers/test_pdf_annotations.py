"""What is filled into a PDF's forms and noted on its pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from core.errors import NoTextError
from tests import documents as build
from tests.documents import message_of

pytestmark = pytest.mark.portable

Drawn = Sequence[tuple[float, float, str]]
FIELD = "/Subtype /Widget /FT /Tx /T (f1) /V (Ann Miller) /Rect [200 695 400 715] /F 4"


def read(texts: Drawn, *annotations: str) -> str:
    data = build.build_drawn_pdf(texts, annotations=annotations)
    return read_document("a.pdf", data).pages[0].text


def test_form_field_is_named_by_the_words_beside_it() -> None:
    page = read_document("a.pdf", build.build_drawn_pdf([(72, 700, "Tenant:")], annotations=[FIELD])).pages[0]
    assert page.text.endswith("Tenant: Ann Miller")
    assert page.blocks[-1].kind is BlockKind.FORM_FIELD


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (FIELD, "f1: Ann Miller"),
        (FIELD + " /TU (Name of the tenant)", "Name of the tenant: Ann Miller"),
        ("/Subtype /Widget /FT /Ch /Ff 131072 /T (Size) /Opt [(S) (M)] /V (M) /Rect [9 9 99 30]", "Size: M"),
        (
            "/Subtype /Widget /FT /Btn /T (Agreed) /V /Yes /AS /Yes /Rect [9 9 30 30] "
            "/AP << /N << /Yes 4 0 R /Off 4 0 R >> >>",
            "Agreed: checked",
        ),
        (
            "/Subtype /Widget /FT /Btn /T (Agreed) /V /Off /AS /Off /Rect [9 9 30 30] "
            "/AP << /N << /Yes 4 0 R /Off 4 0 R >> >>",
            "Agreed: not checked",
        ),
    ],
)
def test_form_field_without_words_beside_it_has_its_own_name(field: str, text: str) -> None:
    assert read([], field) == text


@pytest.mark.parametrize(
    ("chosen", "shown"), [("Monthly", "Monthly"), ("1", "chosen"), ("1" * 40 + "x", "1" * 40 + "x")]
)
def test_button_that_is_chosen_among_others_tells_its_value(chosen: str, shown: str) -> None:
    button = (
        f"/Subtype /Widget /FT /Btn /Ff 32768 /T (Payment) /V /{chosen} /AS /{chosen} /Rect [9 9 30 30] "
        f"/AP << /N << /{chosen} 4 0 R /Off 4 0 R >> >>"
    )
    assert read([], button) == f"Payment: {shown}"


def test_password_in_a_form_is_not_read() -> None:
    assert read([(72, 600, "Sign in")], FIELD + " /Ff 8192") == "Sign in"


def test_form_that_nobody_filled_in_is_no_scan() -> None:
    data = build.build_drawn_pdf([], annotations=[FIELD.replace("(Ann Miller)", "()")])
    message = message_of("form.pdf", data, NoTextError)
    assert message.startswith("form.pdf is a form without any text, and its field is empty.")


def test_notes_are_marked_and_typed_text_is_text() -> None:
    note = "/Subtype /Text /T (Ann) /Contents (Should be 450) /Rect [200 695 220 715]"
    typed = "/Subtype /FreeText /DA (/F1 12 Tf) /Contents (Typed on the page) /Rect [72 600 300 620]"
    text = read([(72, 700, "The price is 400.")], note, typed)
    assert text.split("\n\n") == ["The price is 400.", "Note by Ann: Should be 450", "Typed on the page"]


def test_note_that_has_only_its_formatted_text_is_read() -> None:
    note = "/Subtype /FreeText /RC (<body><p>Should be <b>450</b> &amp; more</p></body>) /Rect [9 9 99 30]"
    assert "450" in read([(72, 700, "The price is 400.")], note)


def test_hidden_notes_are_left_out() -> None:
    note = "/Subtype /Text /F 2 /Contents (Should be 450) /Rect [200 695 220 715]"
    assert read([(72, 700, "The price is 400.")], note) == "The price is 400."
