"""What kind of value a question asks for, and which sentences have one."""

from __future__ import annotations

import pytest

from core.answers.kinds import has_kind

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("question", "has", "lacks"),
    [
        ("Wie lange gilt ein Zeitraum als vorübergehend?", "bis zu drei Monaten", "nach § 10 Abs. 2"),
        ("Wie lange müssen sie backen?", "Backzeit: etwa 15 Minuten", "etwa 12 Stück"),
        ("How long is the warranty?", "90 days warranty", "2 Turbo Flyer"),
        ("How long is the bridge?", "It is 1,280 metres long.", "It was painted twice."),
        ("Wie schwer ist die Münze?", "eine Masse von 18 Gramm", "(BGBl. I S. 2402) hat die Regierung"),
        ("How large is the park?", "an area of 300 km2 (120 sq mi)", "Retrieved 2021-02-25."),
        ("Wie hoch ist die Geldbuße?", "bis zu fünfundzwanzigtausend Euro", "in den Fällen des § 2"),
        ("When was it founded?", "It was founded in 1912.", "It has 1,912 members."),
        ("Wann kommt sie?", "ab dem 8. Juli", "mit 8 Freunden"),
        ("¿Cuándo abrió?", "el 3 de mayo", "tres gatos"),
        ("In welchem Jahr war das?", "im Jahr 1871", "im Hafen"),
        ("Когда он родился?", "5 марта", "в деревне"),
        ("How many titles are there?", "five titles", "the titles"),
        ("Wie viele Kinder?", "zwei Kinder", "Kinder"),
        ("¿Cuántas obras hay?", "24 obras", "obras"),
        ("多少种语言？", "100 种语言", "它支持多种语言"),
        ("कितने बच्चे हैं?", "३ बच्चे", "बच्चे"),
    ],
)  # fmt: skip
def test_value_of_the_kind_that_is_asked_for_is_known(question: str, has: str, lacks: str) -> None:
    assert has_kind(question, [has, lacks]) == [True, False]


@pytest.mark.parametrize("question", ["Who wrote it?", "Why is it blue?", "Was ist ein Heim?", "total", ""])
def test_other_questions_ask_for_no_such_value(question: str) -> None:
    assert has_kind(question, ["In 1999 it took 3 days."]) is None
