"""What is said of a file on its way."""

from __future__ import annotations

import pytest

from core.documents.models import Document, Page
from core.ingest.progress import unread_pages_warning

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("unread", "warning"),
    [
        ([], None),
        ([3], "Page 3 of 1,200 is damaged and was left out."),
        ([3, 7], "2 of 1,200 pages are damaged and were left out: 3, 7."),
        ([3, 4, 5, 9], "4 of 1,200 pages are damaged and were left out: 3–5, 9."),
        (
            list(range(1, 40, 2)),
            "20 of 1,200 pages are damaged and were left out: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and more.",
        ),
    ],
)
def test_warning_names_how_many_pages_and_which(unread: list[int], warning: str | None) -> None:
    pages = tuple(Page(number=n, text="", is_damaged=n in unread) for n in range(1, 1201))
    document = Document(id="x", file="book.pdf", size_bytes=1, pages=pages)
    assert unread_pages_warning(document) == warning
