from __future__ import annotations

import pytest

from core.documents.readers.scripts import down, finished, up

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"10{up('6')} t", "10⁶ t"),
        (f"10{up('-')}{up('6')}", "10⁻⁶"),
        (f"500{up('1')}", "500¹"),
        (f"400{up('a')}", "400^a"),
        (f"x{up('a+b')}", "x^(a+b)"),
        (f"5{up('1')}/{down('2')}", "5½"),
        (f"5{up('7')}/{down('16')}", "5 7/16"),
        (f"21{up('st')}, Acme{up('TM')}{up('®')}", "21st, AcmeTM®"),
        (f"H{down('2')}O, 10{down('2')}", "H2O, 10_2"),
        (f"see{up('[3]')}", "see[3]"),
        (f"{up('1')} without tax", "1 without tax"),
        (f"a{up(' ')}b", "a b"),
    ],
)
def test_raised_and_lowered_letters_are_told_from_digits_on_the_line(text: str, read: str) -> None:
    assert finished(text) == read
