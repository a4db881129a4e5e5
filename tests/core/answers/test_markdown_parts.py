"""What stands where in a Markdown text, what between dollars is a formula, and what is a mark."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers.markdown_parts import FORMULA, Place, formula, located, replaced, without_marks

NUMBER = re.compile(r"\[\d+\]")
DOLLARS = re.compile(FORMULA + r"|\$")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a [1] b\n\n- [2]\n\n> [3]\n\n# [4]", ["prose", "prose", "prose", "prose"]),
        ("`[1]` [2] ``[3]``", ["code", "prose", "code"]),
        ("```[1]\n[2]\n```\n[3]", ["block", "block", "prose"]),
        ("    [1]\n\n[2]", ["block", "prose"]),
        ("<b title='[1]'>[2]</b>", ["html", "prose"]),
        ("<div>\n[1]\n</div>\n\n[2]", ["html", "prose"]),
        ("![see [1]](x.png) [2]", ["link", "prose"]),
        ("[see *[1]*](http://x.y/[2]) [3]", ["link", "link", "prose"]),
        ("[a](b) [1] [c](d) [2]", ["prose", "prose"]),
        ("[x]: http://a.b/[1]\n[2]", ["link", "prose"]),
        ("<http://x.y/[1]> [2]", ["link", "prose"]),
        ("| a | b |\n|---|---|\n| [1] | `[2]` |", ["prose", "code"]),
        ("[1]" * 12 + "`[13]`", ["prose"] * 12 + ["code"]),
        # Letters of the private use, by which the places are found.
        ("\ue000[1]\ue001 `\ue0021\ue002 [2]`", ["prose", "code"]),
        ("no number", []),
    ],
)
def test_place_of_a_match_is_that_of_markdown(text: str, places: list[Place]) -> None:
    found = located(NUMBER, text)
    assert [place for _, place in found] == places
    assert [match[0] for match, _ in found] == NUMBER.findall(text)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (r"\(x\)", "x"),
        (r"\[y\]", "y"),
        ("$$z$$", "z"),
        ("$a_b$", "a_b"),
        # Three words of two letters or more are a sentence, unless LaTeX says that they are none.
        ("$two words$", "two words"),
        ("$one two three$", None),
        ("$a b c d$", "a b c d"),
        (r"$\text{one two three} x$", r"\text{one two three} x"),
        (r"$\alpha \beta \gamma x$", r"\alpha \beta \gamma x"),
        (r"\(one two three\)", "one two three"),
        # Behind a number that may be a price, one word is enough.
        ("$5x + 3$", "5x + 3"),
        ("$5 or$", None),
    ],
)
def test_formula_is_told_from_prices_and_sentences(text: str, latex: str | None) -> None:
    match = re.search(FORMULA, text)
    assert match is not None
    assert match[0] == text
    assert formula(match) == latex


def test_what_stands_between_two_prices_is_no_formula() -> None:
    match = re.search(FORMULA, "$5 and $")
    assert match is None or formula(match) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$5 [1] and $x$ [2]", ["$", "$x$"]),
        ("$1 $2 $x$", ["$", "$", "$x$"]),
        ("$5 and $f[1]$", ["$", "$f[1]$"]),
        ("$one two three$ $y$", ["$", "$", "$y$"]),
        ("$x$$y$", ["$", "$", "$", "$"]),
        (r"$\(x\) and two words$", ["$", r"\(x\)", "$"]),
    ],
)
def test_dollar_that_opens_no_formula_is_looked_at_by_itself(text: str, found: list[str]) -> None:
    matches = [match for match, _ in located(DOLLARS, text)]
    assert [match[0] for match in matches] == found
    assert all(text[match.start() : match.end()] == match[0] for match in matches)


def test_matches_are_replaced_where_they_are() -> None:
    text = "[1] a [2] b [3] c"
    first, _, last = NUMBER.finditer(text)
    assert replaced(text, [(first, "<"), (last, "")]) == "< a [2] b  c"
    assert replaced(text, []) == text


def test_pattern_that_matches_nothing_between_letters_comes_to_an_end() -> None:
    assert len(located(re.compile(r"(?=a)"), "aa b a")) == 3


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            "A *coroutine* hands control back to the **event loop** at `await`.",
            "A coroutine hands control back to the event loop at await.",
        ),
        ("It gives ***both*** and __this__ and _that_.", "It gives both and this and that."),
        ("**Use `await` here**, not `a * b`.", "Use await here, not a * b."),
        ("See [the guide](https://a.example/x) and ![a map](map.png).", "See the guide and a map."),
        ("> - Keep it *short*.", "Keep it short."),
        ("3. Third, *wait*.", "Third, wait."),
        ("## What it is", "What it is"),
        (
            "The option snake_case_name stays, 2 * 3 * 4 too.",
            "The option snake_case_name stays, 2 * 3 * 4 too.",
        ),
        ("Pass **kwargs to it.", "Pass **kwargs to it."),
        ("An unclosed `tick stays.", "An unclosed `tick stays."),
        ("Ticks in ``a ` b`` stay.", "Ticks in a ` b stay."),
    ],
)
def test_marks_of_markdown_are_read_and_not_shown(written: str, read: str) -> None:
    assert without_marks(written) == read


@given(st.text(alphabet="ab *_`[]()!\x000>#-1.", max_size=60))
def test_no_text_is_lost_with_the_marks(sentence: str) -> None:
    letters = [char for char in without_marks(f"x{sentence}") if char in "ab"]
    # What a link points to is not read either.
    assert len(letters) <= sum(char in "ab" for char in sentence)
    if "(" not in sentence:
        assert letters == [char for char in sentence if char in "ab"]
