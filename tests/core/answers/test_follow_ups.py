"""Follow-up questions completed from the conversation, without a language model."""

from __future__ import annotations

import pytest

from core.answers.follow_ups import completed
from core.answers.models import Exchange

pytestmark = pytest.mark.portable


def _completed(question: str, before: str) -> str | None:
    return completed(question, [Exchange(question=before, answer="Whatever it was.")])


@pytest.mark.parametrize(
    ("before", "question", "searched_for"),
    [
        ("How many beers are drunk in Germany?", "What about Canada?", "How many beers are drunk in Canada?"),
        ("how many beers are drunk in germany", "and canada?", "how many beers are drunk in canada?"),
        ("What was the GDP of Tuvalu in 2010?", "And in 2020?", "What was the GDP of Tuvalu in 2020?"),
        ("What was the GDP of Tuvalu in 2010?", "And Kiribati?", "What was the GDP of Kiribati in 2010?"),
        ("What is the deadline?", "In 2021?", "What is the deadline in 2021?"),
        ("Who wrote the song of Duke?", "And its title?", "the title of the song of Duke?"),
        ("Who wrote the song of Duke?", "And the title?", "the title of the song of Duke?"),
        ("How many left Chevron in San Ramon?", "And in Richmond?", "How many left Chevron in Richmond?"),
        ("How many left Chevron in San Ramon?", "What about Shell?", "How many left Shell in San Ramon?"),
        ("How do I enable AOF?", "And RDB?", "How do I enable RDB?"),
        ("How many beers in Germany?", "And the wines?", "the wines of Germany?"),
        ("Wat kost de Nintendo 3DS XL?", "En de Mario Kart?", "Wat kost de Mario Kart?"),
        ("Wie viele Einwohner hat Berlin?", "Und Hamburg?", "Wie viele Einwohner hat Hamburg?"),
        ("¿Cuántos habitantes tiene Madrid?", "¿Y Sevilla?", "Cuántos habitantes tiene Sevilla?"),
        ("Сколько жителей в Москве?", "А в Киеве?", "Сколько жителей в Киеве?"),
    ],
)
def test_another_name_or_year_takes_the_place_of_the_one_before(
    before: str, question: str, searched_for: str
) -> None:
    assert _completed(question, before) == searched_for


@pytest.mark.parametrize(
    ("before", "question", "searched_for"),
    [
        ("What is Free Culture about?", "Who is its author?", "Who is the author of Free Culture?"),
        ("How high is the lighthouse?", "When was it built?", "When was the lighthouse built?"),
        ("When was curl first released?", "Who wrote it?", "Who wrote curl?"),
        ("When did Al Franken resign?", "And its reason?", "the reason of Al Franken?"),
        ("How high is the lighthouse?", "And how wide?", "how wide is the lighthouse?"),
        ("How high is the lighthouse?", "Why?", "Why is the lighthouse?"),
        ("When did Colin Powell leave?", "What was his office?", "What was the office of Colin Powell?"),
        ("Where is the bakery?", "What can I buy there?", "What can I buy in the bakery?"),
        ("How do I reset the pump?", "And the valve?", "the valve of the pump?"),
    ],
)
def test_pronoun_and_missing_subject_come_from_the_question_before(
    before: str, question: str, searched_for: str
) -> None:
    assert _completed(question, before) == searched_for


@pytest.mark.parametrize(
    "question",
    [
        "Who is the president of Mongolia?",
        "And who is the president of Mongolia?",
        "How long does it take to bake bread?",
        "Is there a bakery?",
        "What is the mean loss of households who sold all of their assets?",
        "When did the company publish its report?",
        "Kevin Love tattoos",
        "opening hours",
        "And",
        "",
    ],
)
def test_question_that_stands_for_itself_stays_as_it_is(question: str) -> None:
    assert _completed(question, "How high is the lighthouse?") is None


def test_first_question_is_complete() -> None:
    assert completed("And in 2020?", []) is None


def test_follow_up_of_a_follow_up_is_completed_from_what_was_searched_for() -> None:
    before = [
        Exchange(question="How many beers in Germany?", answer="346"),
        Exchange(question="And Canada?", answer="240", searched_for="How many beers in Canada?"),
    ]
    assert completed("And France?", before) == "How many beers in France?"
