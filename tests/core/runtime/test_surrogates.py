"""What can't be written as UTF-8 becomes what it stands for, or a sign that says so."""

from __future__ import annotations

import pytest

from core.runtime.surrogates import as_unicode

pytestmark = pytest.mark.portable


def test_byte_that_is_not_utf_8_is_the_letter_that_it_is_on_other_machines() -> None:
    assert as_unicode("caf\udce9 5 \udc80 \ud83d \ud83d\ude80") == "café 5 € \ufffd 🚀"
