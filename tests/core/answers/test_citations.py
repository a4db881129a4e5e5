from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers.citations import as_quotation, cited_numbers, plainly_cited_numbers, without_invented

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Async overlaps [2], and [1] says why [2].", (2, 1)),
        ("Both do [1, 3].", (1, 3)),
        ("One after another [3][1].", (3, 1)),
        ("As [passage 2] says.", (2,)),
        ("Invented [7] and [0].", ()),
        ("A link [1](https://example.org) is no citation.", ()),
        ("An array a[i] and a year [1897].", ()),
        ("As [1-3] and [2–3] say.", (1, 2, 3)),
        ("As [1 and 2] say.", (1, 2)),
        ("As [1, 2 & 3] say.", (1, 2, 3)),
        ("As 【2】 and 【1†L3-L9】 say.", (2, 1)),
        ("As [Source 1] and [Sources 2, 3] say.", (1, 2, 3)),
        ("As [2†source] says.", (2,)),
        ("As a note[^2] says.", (2,)),
        ("According to [1, 2].", (1, 2)),
        ("| lamp | price |\n|---|---|\n| Orion | 79 [2] |", (2,)),
        ("", ()),
    ],
)
def test_cited_numbers_are_those_that_exist_in_their_order(text: str, numbers: tuple[int, ...]) -> None:
    assert cited_numbers(text, 3) == numbers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("High [1, 9].", "High [1]."),
        ("High [9].", "High ."),
        ("High [1,2].", "High [1][2]."),
        ("High [[9]9].", "High ."),
        ("High [[9]1].", "High [\u20601]."),
        ("In [1897] nothing changes.", "In [1897] nothing changes."),
        ("High [1-2] and 【1†source】.", "High [1][2] and [1]."),
        ("The pH range is [6, 8] [1].", "The pH range is [6, 8] [1]."),
        ("High【9】 `a[9]`.", "High `a[9]`."),
    ],
)
def test_invented_numbers_are_left_out(text: str, kept: str) -> None:
    assert without_invented(text, 2) == kept


NO_CITATIONS = [
    "The pH range is [6, 8].",
    "The pH range is [1, 3].",
    "A probability in [0, 1].",
    "Of the numbers [5-9] none.",
    '{"ports": [80, 443], "ids": [1, 2]}',
    "Read argv[7], sys.argv[1] and my_list[2].",
    "x = [1] and y[1] = 5.",
    "Read `argv[1]` and ``a`[2]``.",
    "```python\nprint(a[1], a[9])\n```",
    "- item\n\n  ~~~\n  a[1]\n  ~~~",
    "Code:\n\n    a[1] + a[9]",
    "A link [see [1]](https://example.org/[9]) and https://example.org/a[1].",
    "<https://example.org/[1]>",
    r"It is \(x[1] + x[9]\), \[y[1]\] and $z[1]$.",
    "$$\nx[1]\n$$",
]


@pytest.mark.parametrize("text", NO_CITATIONS)
def test_code_formulas_links_and_intervals_name_nothing_and_stay_as_they_are(text: str) -> None:
    assert cited_numbers(f"{text}\n\nHigh [2].", 3) == (2,)
    assert without_invented(f"{text}\n\nHigh [2].", 3) == f"{text}\n\nHigh [2]."


def test_sum_of_dollars_is_no_formula() -> None:
    text = "It costs $5 [1], was $10 [2], or $20 to 30$ [3] on $HOME:$PATH."
    assert cited_numbers(text, 3) == (1, 2, 3)


@given(st.text(alphabet="ab[]0123456789,; ^()`$\\-=†【】\n", max_size=60), st.integers(0, 20))
def test_what_is_left_names_the_same_passages(text: str, num_sources: int) -> None:
    kept = without_invented(text, num_sources)
    assert without_invented(kept, num_sources) == kept
    assert cited_numbers(kept, num_sources) == cited_numbers(text, num_sources)


@pytest.mark.parametrize("own", ["[2]", "[12]", "[2](https://example.org)", "[Source 2]", "【2】", r"\[2]"])
def test_number_that_a_document_brings_along_is_no_citation(own: str) -> None:
    quotation = f"{as_quotation(f'As shown in {own}.')} [1]"
    assert cited_numbers(quotation, 3) == plainly_cited_numbers(quotation, 3) == (1,)
    assert without_invented(quotation, 3) == quotation
    assert as_quotation(quotation.removesuffix(" [1]")) == quotation.removesuffix(" [1]")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("As [2-3, 1] and [1-1] say.", (2, 3, 1)),
        ("As [1-3] and [2, 1-2] say.", (1, 2, 3)),
        # Ranges that are none of passages: from nothing, backwards, beyond the last.
        ("Of [0-2], [3-1], [2-2] and [2-4].", ()),
        ("【0-1】 and 【2-3】", (2, 3)),
        ("As [3, 1-2] say.", (3, 1, 2)),
        ("As [3, 1-3] say.", (3, 1, 2)),
        ("=[1] and [2]", (2,)),
        ("[^1-2] and [^2-1]", (1, 2)),
        # One that exists is enough for a list, and then those that do not are left aside.
        ("As [1, 9] and [8, 9] say.", (1,)),
        ("As [0, 1] and [Sources 0, 2] say.", (2,)),
        # Behind a letter an unknown number is an index; a known one may be a citation without a blank.
        ("So a[7] and b[2].", (2,)),
        ("[3] at the start and [1 ,2] behind.", (3, 1, 2)),
    ],
)
def test_lists_and_ranges_name_passages_that_exist(text: str, numbers: tuple[int, ...]) -> None:
    assert cited_numbers(text, 3) == numbers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[9] is gone at the start", " is gone at the start"),
        ("=[1]", "=[1]"),
        ("[9] = 5 and [1]  x", "[9] = 5 and [1]  x"),
        ("A value a[9] and b[0].", "A value a[9] and b[0]."),
        ("高い[9]。", "高い。"),
        ("Länge éa[9] or ä b[9].", "Länge éa[9] or ä b[9]."),
        ("High (see https://example.org/x [9]).", "High (see https://example.org/x )."),
        ("High [9-10], [2, 9] and [1-9].", "High [9-10], [2] and [1-9]."),
        ("[0] and 【9】 and [^9] and [Source 9]", " and  and  and "),
        ("[9][9]", ""),
    ],
)
def test_what_is_no_citation_stays_and_what_is_invented_goes(text: str, kept: str) -> None:
    assert without_invented(text, 2) == kept
    assert cited_numbers(kept, 2) == cited_numbers(text, 2)


@pytest.mark.parametrize("num_sources", [0, 1, 5])
def test_number_beyond_the_sources_is_never_named(num_sources: int) -> None:
    text = "[0] [1] [5] [6] 【1】 [^5] [Sources 0, 6]"
    expected = tuple(number for number in (1, 5) if number <= num_sources)
    assert cited_numbers(text, num_sources) == expected
    assert plainly_cited_numbers("[0] [5] [1] [5] [6]", num_sources) == expected[::-1]


def test_value_at_the_start_of_a_long_text_is_no_citation() -> None:
    assert cited_numbers("x = [1] " + "is a long story " * 50 + "[2]", 2) == (2,)
    assert cited_numbers("A long story " * 50 + "x = [1] and [2]", 2) == (2,)


def test_citation_that_would_be_lost_with_the_invented_number_beside_it_stays() -> None:
    # "my_[1]" would be an index.
    assert without_invented("As my_[9, 1] says.", 2) == "As my_[9, 1] says."
    assert cited_numbers("As my_[9, 1] says.", 2) == (1,)
