from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.citations import as_quotation, cited_numbers, without_invented


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
    ],
)
def test_invented_numbers_are_left_out(text: str, kept: str) -> None:
    assert without_invented(text, 2) == kept


@given(st.text(alphabet="ab[]0123456789,; ^()", max_size=60), st.integers(0, 20))
def test_what_is_left_names_the_same_passages(text: str, num_sources: int) -> None:
    kept = without_invented(text, num_sources)
    assert without_invented(kept, num_sources) == kept
    assert cited_numbers(kept, num_sources) == cited_numbers(text, num_sources)


def test_number_that_a_document_brings_along_is_no_citation() -> None:
    assert cited_numbers(f"{as_quotation('As shown in [2].')} [1]", 3) == (1,)
    assert without_invented(as_quotation("As shown in [12]."), 3) == as_quotation("As shown in [12].")
