"""Who wrote to whom, told by what a mail begins with."""

from __future__ import annotations

import pytest

from core.answers.mail_headers import tells_who_wrote

pytestmark = pytest.mark.portable

OF_ANN = "From: Ann Moss <ann@gull.example>; To: Ben Reed <ben@gull.example>; Cara; Date: Mon, 4 May 2026"
OF_BEN = "From: Ben Reed [mailto:ben@gull.example]; Sent: 3 May 2026; To: Ann Moss; Subject: Paint"


@pytest.mark.parametrize(
    ("question", "of_ann", "of_ben"),
    [
        ("Who wrote to Ben?", True, False),
        ("Who sent the mail to Ann Moss?", False, True),
        ("When did Ben Reed write?", False, True),
        ("What is the subject of the mail from Ann?", True, False),
        ("Did Ann write to Cara?", True, False),
        ("Did Ann write to Dora?", False, False),
        # It asks for no sender and no receiver.
        ("What does Ben paint?", False, False),
        ("who wrote the mail?", False, False),
    ],
)
def test_mail_is_from_and_to_those_whom_the_question_names(question: str, of_ann: bool, of_ben: bool) -> None:
    assert (tells_who_wrote(question, OF_ANN), tells_who_wrote(question, OF_BEN)) == (of_ann, of_ben)


def test_other_statements_tell_no_sender() -> None:
    assert not tells_who_wrote("Who wrote to Ben?", "To: Ben Reed")
    assert not tells_who_wrote("Who wrote to Ben?", "Ann wrote to Ben.")
