"""How much text one file may give."""

from __future__ import annotations

import pytest

from core.documents.readers.limits import MAX_TEXT_CHARS
from core.documents.readers.reader import read_document
from core.errors import FileTooLargeError

pytestmark = pytest.mark.portable


@pytest.mark.slow
def test_text_up_to_the_limit_is_taken_and_more_is_refused() -> None:
    assert len(read_document("a.txt", b"a" * MAX_TEXT_CHARS).pages[0].text) == MAX_TEXT_CHARS
    with pytest.raises(FileTooLargeError, match="Split it"):
        read_document("a.txt", b"a" * (MAX_TEXT_CHARS + 1))
