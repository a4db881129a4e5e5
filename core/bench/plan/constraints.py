"""What a setting of a plan may be, declared where the setting is: its default, limits and sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, field
from typing import Any

from core.errors import PlanError

MAX_SHOWN_CHARS = 80
_CHECK, _LIMITS, _CHOICES = "check", "limits", "choices"

# Raises PlanError for a value that the setting of that name can't have.
Validator = Callable[[str, Any], None]


def check_of(setting: Field[Any]) -> Validator | None:
    """The check that a dataclass's field was declared with."""
    check: Validator | None = setting.metadata.get(_CHECK)
    return check


def limits_of(setting: Field[Any]) -> str:
    """Which numbers it may be, for people: "1 to 100"; "" for what is no number."""
    limits: str = setting.metadata.get(_LIMITS, "")
    return limits


def choices_of(setting: Field[Any]) -> tuple[str, ...]:
    """Which words it may be, or hold; none for what is no word."""
    choices: tuple[str, ...] = setting.metadata.get(_CHOICES, ())
    return choices


def shown(value: Any) -> str:
    """A value for a message: a record's may be as long as its file."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


def one_of(default: str, choices: Sequence[str]) -> Any:
    """One of some words."""

    def check(name: str, value: Any) -> None:
        if value not in choices:
            raise PlanError(f"{name} is {shown(value)}; available: {', '.join(choices)}.")

    return _declared(default, check, choices=choices)


def some_of(default: tuple[str, ...], choices: Sequence[str]) -> Any:
    """At least one of some words, each once."""

    def check(name: str, values: Any) -> None:
        for value in values:
            if value not in choices:
                raise PlanError(f"{name} has {shown(value)}; available: {', '.join(choices)}.")
        check_list(name, values)

    return _declared(default, check, choices=choices)


def whole(default: int, low: int, high: int) -> Any:
    """A whole number from `low` to `high`."""
    return _declared(default, lambda name, value: check_whole(name, value, low, high), f"{low} to {high:,}")


def wholes(default: tuple[int, ...], low: int, high: int) -> Any:
    """At least one whole number from `low` to `high`, each once."""

    def check(name: str, values: Any) -> None:
        for value in values:
            check_whole(name, value, low, high)
        check_list(name, values)

    return _declared(default, check, f"{low} to {high:,}")


def above_zero(default: float | None, most: float, unit: str, *, without: float | None = -1.0) -> Any:
    """A number above 0, at most `most`, of `unit`; or `without`, which stands for none."""

    def check(name: str, value: Any) -> None:
        if value is without or (value == without and not isinstance(value, bool)):
            return
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise PlanError(f"{name} is {shown(value)}; use {unit} from above 0 to {most:,.0f}.")

    least = "above 0" if without == -1.0 else "0"
    return _declared(default, check, f"{least} to {most:,.0f}")


def named(default: str, what: str) -> Any:
    """A text that names something.

    Args:
        default: What it names unless something else is chosen.
        what: What can be named, for the sentence where the text is empty.
    """

    def check(name: str, value: Any) -> None:
        if not isinstance(value, str) or not value.strip():
            raise PlanError(f"{name} is {shown(value)}; available: {what}.")

    return _declared(default, check)


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Refuse what is not a whole number from `low` to `high`.

    Raises:
        PlanError: When it is none, with the setting's `name` in the sentence.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise PlanError(f"{name} is {shown(value)}; use a whole number from {low} to {high}.")


def check_list(name: str, values: Sequence[Any]) -> None:
    """Refuse an empty list, and one that has a value twice.

    Raises:
        PlanError: When it is one of these, with the setting's `name` in the sentence.
    """
    if not values:
        raise PlanError(f"{name} is empty; give at least one.")
    if len(set(values)) < len(values):
        raise PlanError(f"{name} names one value twice: {', '.join(map(str, values))}.")


def _declared(default: Any, check: Validator, limits: str = "", choices: Sequence[str] = ()) -> Any:
    return field(default=default, metadata={_CHECK: check, _LIMITS: limits, _CHOICES: tuple(choices)})
