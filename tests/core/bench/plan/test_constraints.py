"""What a setting may be is told as it is held."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest

from core.bench.plan.constraints import (
    MAX_SHOWN_CHARS,
    above_zero,
    check_of,
    choices_of,
    limits_of,
    named,
    one_of,
    shown,
    some_of,
    whole,
    wholes,
)
from core.bench.plan.plan import METRIC_TYPES, Plan
from core.errors import PlanError

pytestmark = pytest.mark.portable


def test_limits_that_are_told_are_those_that_are_held() -> None:
    told = {setting.name: limits_of(setting) for setting in fields(Plan)}
    assert (told["repeats"], told["counts"], told["metric"]) == ("1 to 100", "1 to 1,000,000", "")
    assert (told["time_limit_s"], told["stall_s"]) == ("above 0 to 3,600", "0 to 60")
    for name, limits in told.items():
        if name not in {"time_limit_s", "stall_s", "rate_per_s", "counts"} and limits:
            low, high = (int(number.replace(",", "")) for number in limits.split(" to "))
            for wrong in (low - 1, high + 1):
                with pytest.raises(PlanError, match=name):
                    Plan.from_dict({name: wrong})
    assert choices_of(next(setting for setting in fields(Plan) if setting.name == "metric")) == METRIC_TYPES


@dataclass
class _Settings:
    word: str = one_of("a", ("a", "b"))
    words: tuple[str, ...] = some_of(("a",), ("a", "b"))
    number: int = whole(1, 1, 5_000)
    numbers: tuple[int, ...] = wholes((1,), 1, 9)
    limit_s: float = above_zero(1.0, 60.0, "seconds")
    rate: float | None = above_zero(None, 60.0, "operations", without=None)
    stall_s: float = above_zero(0.0, 60.0, "seconds", without=0.0)
    name: str = named("x", "a name")


DECLARED = {setting.name: setting for setting in fields(_Settings)}


@pytest.mark.parametrize(
    ("name", "value"),
    [("word", "b"), ("words", ("b", "a")), ("number", 5_000), ("numbers", (9, 1)), ("limit_s", 60),
     ("rate", None), ("rate", 0.1), ("stall_s", 0.0), ("stall_s", 60.0), ("name", "y")],
)  # fmt: skip
def test_value_within_its_limits_is_taken(name: str, value: Any) -> None:
    check = check_of(DECLARED[name])
    assert check is not None
    check(name, value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("word", "c", "word is 'c'; available: a, b."),
        ("words", ("a", "c"), "words has 'c'; available: a, b."),
        ("words", (), "words is empty; give at least one."),
        ("words", ("a", "a"), "words names one value twice: a, a."),
        ("number", 0, "number is 0; use a whole number from 1 to 5000."),
        ("number", True, "number is True; use a whole number from 1 to 5000."),
        ("number", 1.0, "number is 1.0; use a whole number from 1 to 5000."),
        ("numbers", (1, 10), "numbers is 10; use a whole number from 1 to 9."),
        ("numbers", (2, 2), "numbers names one value twice: 2, 2."),
        ("limit_s", 0.0, "limit_s is 0.0; use seconds from above 0 to 60."),
        ("limit_s", float("nan"), "limit_s is nan; use seconds from above 0 to 60."),
        ("limit_s", None, "limit_s is None; use seconds from above 0 to 60."),
        ("rate", 0, "rate is 0; use operations from above 0 to 60."),
        ("stall_s", False, "stall_s is False; use seconds from above 0 to 60."),
        ("stall_s", 60.1, "stall_s is 60.1; use seconds from above 0 to 60."),
        ("name", " ", "name is ' '; available: a name."),
    ],
)
def test_value_beyond_its_limits_is_refused_in_a_sentence(name: str, value: Any, said: str) -> None:
    check = check_of(DECLARED[name])
    assert check is not None
    with pytest.raises(PlanError) as refused:
        check(name, value)
    assert str(refused.value) == said


def test_numbers_are_told_with_their_limits_and_words_with_their_choices() -> None:
    told = {name: limits_of(setting) for name, setting in DECLARED.items()}
    assert told == {
        "word": "", "words": "", "name": "", "number": "1 to 5,000", "numbers": "1 to 9",
        "limit_s": "above 0 to 60", "rate": "0 to 60", "stall_s": "0 to 60",
    }  # fmt: skip
    assert [choices_of(DECLARED[name]) for name in ("word", "words", "number")] == [
        ("a", "b"),
        ("a", "b"),
        (),
    ]


def test_long_value_of_a_record_is_shortened_in_its_message() -> None:
    assert shown("x" * MAX_SHOWN_CHARS) == f"'{'x' * (MAX_SHOWN_CHARS - 2)}…"
    assert shown("short") == "'short'"
