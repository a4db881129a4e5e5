from __future__ import annotations

import pytest

from core.documents.sentences import sentence_breaks, split_sentences

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It was Eldred v. Ashcroft. It ended.", ["It was Eldred v. Ashcroft.", "It ended."]),
        ("Dr. J. Smith paid 3.50 euros. Then he left.", ["Dr. J. Smith paid 3.50 euros.", "Then he left."]),
        ("He said “no.” She went.", ["He said “no.”", "She went."]),
        ("A heading\n\nA text", ["A heading", "A text"]),
        ("一つ目。二つ目！三つ目", ["一つ目。", "二つ目！", "三つ目"]),
        ("", []),
    ],
)
def test_split_sentences_at_their_ends(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


def test_sentence_breaks_are_positions_inside_the_text() -> None:
    text = "One. Two.\n\nThree. "
    breaks = sentence_breaks(text)
    assert [text[position] for position in breaks] == ["T", "T"]
