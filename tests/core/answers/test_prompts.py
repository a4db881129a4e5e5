"""What the model is told, and the mark of a refusal in what it writes."""

from __future__ import annotations

import pytest

from core.answers.prompts import split_refusal

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("NOT_IN_DOCUMENTS: It does not say.", "It does not say."),
        ("**NOT_IN_DOCUMENTS**: It does not say.", "It does not say."),
        ("**NOT_IN_DOCUMENTS:** It does not say.", "It does not say."),
        ("**NOT_IN_DOCUMENTS: It does not say.**", "**It does not say.**"),
        ("`NOT_IN_DOCUMENTS` It does not say.", "It does not say."),
        ("not_in_documents - It does not say.", "It does not say."),
        (r"NOT\_IN\_DOCUMENTS: **It** does not say.", "**It** does not say."),
        ("\n> NOT_IN_DOCUMENTS\n\nIt does not say.", "It does not say."),
    ],
)
def test_refusal_mark_is_seen_in_every_dress(written: str, shown: str) -> None:
    assert split_refusal(written) == (True, shown)
    for end in range(len(written)):
        assert "DOC" not in split_refusal(written[:end], is_whole=False)[1].upper()


@pytest.mark.parametrize("written", ["Not in documents of 1897.", "No.", "", "A NOT_IN_DOCUMENTS mark."])
def test_answer_without_the_mark_is_no_refusal(written: str) -> None:
    assert split_refusal(written) == (False, written)
