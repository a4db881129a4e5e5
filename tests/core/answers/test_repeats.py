"""Which passages say the same twice, and which only look alike."""

from __future__ import annotations

import pytest

from core.answers.repeats import Passage, newer_first, without_repeats

LONG = " ".join(
    f"The club keeps boat {name} in the northern shed." for name in ("Ada", "Bea", "Cleo", "Dora")
)


def _copies(*texts: str) -> list[Passage]:
    """Passages of as many documents."""
    return [Passage(text=text, document=str(number)) for number, text in enumerate(texts)]


def _versions(newer: str, older: str) -> list[Passage]:
    return [Passage(text=newer, document="fee"), Passage(text=older, document="fee", is_older=True)]


@pytest.mark.parametrize(
    ("text", "again"),
    [
        (LONG, LONG),
        (LONG, LONG.upper()),
        (LONG, LONG.replace(" ", "\n  ")),
        (LONG, f"- **{LONG.replace('. ', '! – ')}**"),
        ("Office hours: the ﬁrst Monday, “9–11”", "Office hours: the first Monday, “9–11”"),
        ("Das Café ist offen.", "Das Cafe\u0301 ist offen."),
        ("会费每年一百二十元。", "会费 每年 一百二十元"),
        (LONG, LONG.removesuffix(" in the northern shed.")),
    ],
)
def test_passage_that_stands_in_another_is_shown_once(text: str, again: str) -> None:
    assert without_repeats(_copies(text, again)) == [(0, [1])]


def test_longer_of_two_takes_the_place_of_the_first() -> None:
    shorter = LONG.removesuffix(" in the northern shed.")
    assert without_repeats(_copies(shorter, "Something else.", LONG)) == [(2, [0]), (1, [])]


def _words(first: int, last: int) -> str:
    return " ".join(f"word{number}" for number in range(first, last))


def test_copy_that_is_cut_at_other_places_is_left_out_where_two_passages_have_all_of_it() -> None:
    copy = _words(50, 150)
    assert without_repeats(_copies(_words(0, 100), _words(90, 190), copy)) == [(0, []), (1, [2])]
    assert len(without_repeats(_copies(_words(0, 100), _words(98, 190), copy))) == 3, "they share too little"
    assert len(without_repeats(_copies(_words(0, 100), _words(90, 149), copy))) == 3, "its last word is new"


def test_one_that_stands_for_several_is_shown_for_all_of_them() -> None:
    passages = _copies(LONG.removesuffix(" northern shed."), LONG.removeprefix("The club "), LONG)
    assert without_repeats(passages) == [(2, [0, 1])]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("The membership fee is 120 euros.", "The membership fee is 150 euros."),
        (f"{LONG} Smoking is allowed.", f"{LONG} Smoking is not allowed."),
        (f"{LONG} The keeper is Anna.", f"{LONG} The keeper is Bob."),
        ("It grew by 1.5 metres.", "It grew by 15 metres."),
        ("It is -5 degrees cold.", "It is 5 degrees cold."),
        ("The rate is 5 % a year.", "The rate is 5 € a year."),
        ("The area is 10² metres.", "The area is 102 metres."),
        ("The pool is <5 deep.", "The pool is >5 deep."),
        ("शुल्क की", "शुल्क का"),
        (LONG, "The club keeps boat Ada in the northern shed."),
        ("…", "—"),
    ],
)
def test_passages_of_two_documents_that_differ_by_a_fact_are_both_shown(text: str, other: str) -> None:
    assert without_repeats(_copies(text, other)) == [(0, []), (1, [])]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_passage_of_an_older_version_is_left_out_for_the_newer_one(order: tuple[int, int]) -> None:
    both = _versions(f"{LONG} The keeper since 2020 is Bob.", f"{LONG} The keeper since 2020 is Anna.")
    ((shown, _),) = without_repeats([both[index] for index in order])
    assert not both[order[shown]].is_older


def test_older_passage_that_is_the_same_never_hides_one_that_holds() -> None:
    older, copy = Passage(text=LONG, document="a", is_older=True), Passage(text=LONG, document="b")
    assert without_repeats([older, copy]) == [(1, [0])]


def test_older_version_with_another_number_is_shown_behind_the_newer_one() -> None:
    newer, older = _versions("The membership fee is 150 euros.", "The membership fee is 120 euros.")
    other = Passage(text="The club was founded by fishermen.", document="club")
    passages = [older, other, newer]
    assert [index for index, _ in without_repeats(passages)] == [0, 1, 2]
    assert newer_first(passages) == [2, 0, 1]


def test_older_version_keeps_its_place_where_nothing_revises_it() -> None:
    newer, older = _versions("The club meets on Mondays.", "The membership fee is 120 euros.")
    stranger = Passage(text="The membership fee is 150 euros.", document="another club")
    assert newer_first([older, newer, stranger]) == [0, 1, 2]
