"""What a text is compared by: words, names with digits as a whole, and pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.terms import Analyzer, is_identifier, is_long_number, is_name

pytestmark = pytest.mark.portable


# Chinese words that say nothing are left out, as those of other languages are.
@given(st.text(st.characters(exclude_characters="为什么多少怎样如何哪个些里年谁吗呢的了是有几"), max_size=60))
def test_every_letter_is_in_some_token(text: str) -> None:
    import unicodedata

    letters = {char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum()}
    found = set("".join(Analyzer(None).tokens(text)))
    assert all(letter in found or str(unicodedata.decimal(letter, None)) in found for letter in letters)


def test_name_with_digits_is_a_token_beside_its_parts() -> None:
    tokens = Analyzer("en").tokens("Curl v8.14.0 fixes CVE-2021-44228.")
    assert {"curl", "8.14.0", "cve-2021-44228", "cve", "2021", "44228"} <= set(tokens)
    assert "v8.14.0" not in tokens, "the v is no part of the version"


def test_letters_are_compared_without_case_and_width() -> None:
    assert Analyzer(None).tokens("ＳＴＲＡＳＳＥ Straße") == ["strasse", "strasse"]


@pytest.mark.parametrize(
    ("language", "year"), [("ar", "٢٠١٥"), ("fa", "۲۰۱۵"), ("hi", "२०१५"), ("th", "๒๐๑๕")]
)
def test_number_is_the_same_in_whichever_digits_it_is_written(language: str, year: str) -> None:
    assert Analyzer(language).tokens(year) == ["2015"]


def test_grand_total_is_a_total_and_other_grand_things_are_grand() -> None:
    analyzer = Analyzer("en")
    assert analyzer.tokens("Grand Total: 3") == analyzer.tokens("Total: 3")
    assert "grand" in analyzer.tokens("the Grand Hotel")


def test_script_without_spaces_is_cut_into_overlapping_pieces() -> None:
    assert Analyzer("zh").tokens("东京天气") == ["东京", "京天", "天气", "气"]
    assert Analyzer("th").tokens("อากาศ") == ["อาก", "ากา", "กาศ", "าศ"]
    assert Analyzer("zh").tokens("为什么东京的天") == ["东京", "京", "天"]


def test_stop_words_are_those_of_the_language() -> None:
    assert Analyzer("en").terms("what") == ((), ())
    assert Analyzer("de").terms("what") != ((), ())
    assert Analyzer("de").is_stop_word("welcher") and not Analyzer(None).is_stop_word("welcher")


def test_forms_of_a_word_have_its_stem_and_pieces_in_common() -> None:
    analyzer = Analyzer("en")
    (stem,), pieces = analyzer.terms("queries")
    (other,), others = analyzer.terms("query")
    assert stem == other
    assert {" que", "quer"} <= set(pieces) & set(others)
    assert Analyzer(None).terms("queries")[0] == ("queries",), "no language, no stems"


def test_number_has_no_pieces_so_that_it_is_not_nearly_another() -> None:
    assert Analyzer("en").terms("7741") == (("7741",), ("7741",))
    assert Analyzer("en").terms("qx-7741") == (("qx-7741",), ())


def test_single_character_of_a_script_without_spaces_is_a_piece_only() -> None:
    assert Analyzer("zh").terms("东京") == (("东京",), ("东",))
    assert Analyzer("zh").terms("天") == ((), ("天",))


@pytest.mark.parametrize(
    ("token", "name", "identifier"),
    [
        ("8.14.0", True, True),
        ("cve-2021-44228", True, True),
        ("inv-30064443", True, True),
        ("e-101", True, False),
        ("covid-19", True, False),
        ("2025-06-10", True, False),
        ("28.05.2025", True, False),
        ("1.234.567", True, False),
        ("2.50", True, False),
        ("30064443", False, False),
        ("well-known", False, False),
    ],
)
def test_name_that_is_written_in_one_way_only_is_told_from_dates_and_amounts(
    token: str, name: bool, identifier: bool
) -> None:
    assert (is_name(token), is_identifier(token)) == (name, identifier)


@pytest.mark.parametrize(("token", "is_long"), [("123456", True), ("12345", False), ("123456a", False)])
def test_long_number_is_the_number_of_something(token: str, is_long: bool) -> None:
    assert is_long_number(token) is is_long
