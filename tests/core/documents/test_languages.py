"""Which language a text is in."""

from __future__ import annotations

import pytest

from core.documents.languages import NAMES, _is_plainly_english, is_latin, language_name, language_of
from tests.own_process import output_of

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "When do loaves leaven?"),
        ("de", "Wie hoch ist der Leuchtturm am Hafen?"),
        ("fr", "Quand le phare du port a-t-il été construit ?"),
        ("es", "¿Cuándo se construyó el faro del puerto?"),
        ("ru", "Сколько очков уступила защита?"),
        ("zh", "价格是多少"),
        ("ja", "灯台の高さはどのくらいですか"),
        ("ar", "متى بني هذا المنارة؟"),
        ("hi", "यह प्रकाशस्तंभ कब बना था?"),
        ("th", "ประภาคารสูงเท่าไร"),
        ("el", "Πότε χτίστηκε ο φάρος;"),
    ],
)
def test_language_of_a_question_is_told(language: str, text: str) -> None:
    assert language_of(text) == language
    assert is_latin(language) == (language in {"en", "de", "fr", "es"})


TABLE = (
    "Name,City,Price\nAnna Schmidt,Bergen,12\nOla Nordmann,Oslo,15\nJean Dupont,Lyon,19\nMaria Rossi,Milano,2"
)


@pytest.mark.parametrize(
    "text",
    ["", "12345", "QX-7741", "Milvus", "TCP/IP", "Super Bowl 50", "?!\n", TABLE, "price: 15; stock: 4"],
)
def test_names_and_numbers_are_of_no_clear_language(text: str) -> None:
    assert language_of(text) is None


def test_each_language_has_a_name() -> None:
    assert all(language_name(language) != language for language in NAMES)
    assert language_name("tlh") == "tlh"


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("What does async overlap?", True),
        ("Which consistency level is the default?", True),
        # A quoted title does not make a German question English.
        ("Wer hat den Roman „The Day of the Triffids“ geschrieben, und wann ist er erschienen?", False),
        ("Was ist in dem Buch?", False),
        ("Hoe is het water in de haven?", False),
        ("Milvus Lite", False),
    ],
)
def test_plain_english_is_told_by_its_words(text: str, is_plain: bool) -> None:
    assert _is_plainly_english(text) is is_plain


def test_plain_english_loads_no_library() -> None:
    told = output_of(
        "import sys; from core.documents.languages import language_of\n"
        "print(language_of('What does async overlap?'), 'py3langid' in sys.modules)"
    )

    assert told == "en False\n"
