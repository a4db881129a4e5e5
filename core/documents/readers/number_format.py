"""A number as Excel shows it by its cell's number format."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile

# Formats that a file names by number only.
BUILT_IN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd hh:mm", 37: "#,##0;(#,##0)",
    38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: "#,##0",
    43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_TOKEN = re.compile(
    r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|General|[Ee][+-]|y+|m+|d+|h+|s+|[0#?]+|[.,%/@]|.',
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\]")
_CURRENCY = re.compile(r"\[\$([^\-\]]*)(?:-[^\]]*)?\]")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
# What may stand under a fraction: places for digits, or the number itself.
_DENOMINATOR = "?#0123456789"
MAX_DATE = 2_958_466
# Excel takes 1900 for a leap year: its days before March 1900 are one off.
_EPOCHS = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a number format: for positive numbers, negative ones, zero or text, or under a condition."""

    tokens: tuple[str, ...]
    condition: tuple[str, float] | None
    is_date: bool


def shown(value: float, code: str, *, is_1904: bool = False) -> str:
    """A number as a cell with the format `code` shows it."""
    sections = _sections(code)
    section, has_own_sign = _chosen(sections, value)
    if section is None or not section.tokens:
        return "" if section is not None and len(sections) > 1 else general(value)
    try:
        if section.is_date:
            return _date(section.tokens, value, is_1904)
        return _number(section.tokens, abs(value) if has_own_sign else value)
    # A format that no library of numbers can follow costs the format, not the number.
    except (ValueError, ArithmeticError, IndexError):
        return general(value)


def shown_text(text: str, code: str) -> str:
    """A text as a cell with the format `code` shows it."""
    if "@" not in code or code == "@":
        return text
    section = _sections(code)[-1]
    return "".join(text if token == "@" else _literal(token) for token in section.tokens) or text


def general(value: float) -> str:
    """A number in the format "General": up to 15 digits, as Excel keeps them."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return format(value, ".15g")


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[list[str]] = [[]]
    for token in _TOKEN.findall(code):
        if token == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return tuple(_section(tokens) for tokens in sections)


def _section(tokens: list[str]) -> _Section:
    condition = next((found for token in tokens if (found := _CONDITION.fullmatch(token))), None)
    is_date = any(
        token[0].lower() in "ymdhs" or token.upper() in {"AM/PM", "A/P"} or _ELAPSED.fullmatch(token)
        for token in tokens
        if token.lower() != "general"
    )
    return _Section(tuple(tokens), (condition[1], float(condition[2])) if condition else None, is_date)


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, bool]:
    """The section for a number, and whether that writes the minus sign itself, or none."""
    numeric = sections[:3] if len(sections) > 3 else sections
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or _holds(section.condition, value):
                return section, section.condition is not None and value < 0 and len(numeric) > 2
        return numeric[-1], False
    if len(numeric) > 2 and value == 0:
        return numeric[2], False
    if len(numeric) > 1 and value < 0:
        return numeric[1], True
    return numeric[0], False


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, limit = condition
    return {
        "<": value < limit, ">": value > limit, "<=": value <= limit, ">=": value >= limit,
        "=": value == limit, "<>": value != limit,
    }[sign]  # fmt: skip


def _literal(token: str) -> str:
    """What a token shows that stands for itself; "" for colours, conditions and padding."""
    first = token[0]
    if first == '"':
        return token.strip('"')
    if first == "\\":
        return token[1:]
    if first == "_":
        return " "
    if first == "*":
        return ""
    if first == "[":
        found = _CURRENCY.fullmatch(token)
        return found[1] if found else ""
    return token


# --- Numbers


def _number(tokens: tuple[str, ...], value: float) -> str:
    if any(token.lower() == "general" for token in tokens):
        text = "".join(
            general(abs(value)) if token.lower() == "general" else _literal(token) for token in tokens
        )
        return _tidy(f"-{text}" if value < 0 else text)
    if "/" in tokens and any(token[0] in _DENOMINATOR for token in tokens[tokens.index("/") + 1 :]):
        return _fraction(tokens, value)
    places = [at for at, token in enumerate(tokens) if token[0] in "0#?"]
    if not places:
        return _tidy("".join(_literal(token) for token in tokens if token != "@")) or general(value)
    first, last = places[0], places[-1]
    scaled = Decimal(repr(value)) * 100 ** tokens.count("%")
    end = last + 1
    while end < len(tokens) and tokens[end] == ",":
        scaled /= 1000
        end += 1
    pattern = tokens[first:end]
    point = pattern.index(".") if "." in pattern else len(pattern)
    exponent = next((at for at, token in enumerate(pattern) if token[:1] in "Ee" and len(token) == 2), None)
    if exponent is not None:
        middle = _scientific(pattern, point, exponent, scaled)
    else:
        middle = _fixed(pattern, point, abs(scaled))
    text = _outer(tokens[:first]) + middle + _outer(tokens[end:])
    is_zero = not any(char in "123456789" for char in middle)
    return _tidy(f"-{text}" if value < 0 and not is_zero else text)


def _outer(tokens: tuple[str, ...]) -> str:
    return "".join("" if token == "," else _literal(token) for token in tokens)


def _digits(tokens: tuple[str, ...]) -> str:
    return "".join(token for token in tokens if token[0] in "0#?")


def _fixed(pattern: tuple[str, ...], point: int, value: Decimal) -> str:
    whole_pattern, part_pattern = _digits(pattern[:point]), _digits(pattern[point:])
    rounded = value.quantize(Decimal(1).scaleb(-len(part_pattern)), rounding=ROUND_HALF_UP)
    whole, _, part = f"{rounded:f}".partition(".")
    whole = whole.lstrip("0").rjust(whole_pattern.count("0"), "0")
    part = _trimmed(part, part_pattern)
    inner = [token for token in pattern[:point] if token[0] not in "0#?,"]
    if inner:
        # A telephone number, or an account: its digits go into the pattern from the right.
        whole = _filled_in(pattern[:point], whole)
    elif "," in pattern[:point]:
        whole = f"{int(whole):,}".rjust(len(whole), "0") if whole else ""
    after = "".join(_literal(token) for token in pattern[point + 1 :] if token[0] not in "0#?,")
    return (
        f"{whole}.{part}{after}" if point < len(pattern) and (part or "0" in part_pattern) else whole + after
    )


def _trimmed(part: str, pattern: str) -> str:
    least = len(pattern.rstrip("#?"))
    while len(part) > least and part.endswith("0"):
        part = part[:-1]
    return part


def _filled_in(tokens: tuple[str, ...], digits: str) -> str:
    parts: list[str] = []
    left = digits
    slots = [at for at, token in enumerate(tokens) if token[0] in "0#?"]
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        if token[0] in "0#?":
            size = len(left) if at == slots[0] else len(token)
            parts.append(left[len(left) - size :] if size else "")
            left = left[: len(left) - size]
        elif token != ",":
            parts.append(_literal(token))
    return "".join(reversed(parts))


def _scientific(pattern: tuple[str, ...], point: int, exponent: int, value: Decimal) -> str:
    num_decimals = len(_digits(pattern[point:exponent]))
    mantissa, _, power = f"{abs(value):.{num_decimals}E}".partition("E")
    digits = str(abs(int(power))).rjust(_digits(pattern[exponent:]).count("0"), "0")
    sign = "-" if int(power) < 0 else "+" if pattern[exponent][1] == "+" else ""
    return f"{mantissa}E{sign}{digits}"


def _fraction(tokens: tuple[str, ...], value: float) -> str:
    slash = tokens.index("/")
    below = "".join(takewhile(lambda token: token[0] in _DENOMINATOR, tokens[slash + 1 :]))
    has_whole = sum(token[0] in "#0?" for token in tokens[:slash]) > 1
    number = Fraction(repr(abs(value)))
    whole = int(number) if has_whole else 0
    # "# ?/16" counts sixteenths; "# ?/??" takes what fits best.
    under = int(below) if below.isdecimal() and int(below) else 0
    above = Fraction(round((number - whole) * under)) if under else Fraction(0)
    part = above / under if under else (number - whole).limit_denominator(10 ** len(below) - 1)
    if has_whole and part == 1:
        whole, part = whole + 1, Fraction(0)
    sign = "-" if value < 0 and (whole or part) else ""
    if part == 0 and has_whole:
        return f"{sign}{whole}"
    text = f"{above}/{under}" if under else f"{part.numerator}/{part.denominator}"
    return f"{sign}{whole} {text}" if whole else f"{sign}{text}"


def _tidy(text: str) -> str:
    return " ".join(text.split())


# --- Dates and times


def moment(value: float, *, is_1904: bool = False) -> dt.datetime:
    """The day and time that a number stands for, to the millisecond.

    Raises:
        ValueError: It is no day of Excel's calendar.
        OverflowError: It is beyond what a date can be.
    """
    if not 0 <= value < MAX_DATE:
        raise ValueError("no day of Excel's calendar")
    if not is_1904 and 0 < value < 61:
        value += value < 60
    return _EPOCHS[is_1904] + dt.timedelta(milliseconds=round(value * 86_400_000))


def _date(tokens: tuple[str, ...], value: float, is_1904: bool) -> str:
    if any(_ELAPSED.fullmatch(token) for token in tokens):
        return _duration(tokens, value)
    when = moment(value, is_1904=is_1904)
    if tokens[-1][0] in "sS" or not any(token == "." for token in tokens):
        # Seconds are rounded, minutes are not.
        when += dt.timedelta(milliseconds=500 if any(token[0] in "sS" for token in tokens) else 0)
    has_noon = any(token.upper() in {"AM/PM", "A/P"} for token in tokens)
    parts: list[str] = []
    for at, token in enumerate(tokens):
        parts.append(_date_part(tokens, at, token, when, has_noon))
    return _tidy("".join(parts))


def _date_part(tokens: tuple[str, ...], at: int, token: str, when: dt.datetime, has_noon: bool) -> str:
    low, size = token.lower(), len(token)
    if low in {"am/pm", "a/p"}:
        return ("AM" if when.hour < 12 else "PM")[: 2 if low == "am/pm" else 1]
    if low[0] == "y":
        return f"{when.year:04}" if size > 2 else f"{when.year % 100:02}"
    if low[0] == "m":
        if _is_minute(tokens, at):
            return f"{when.minute:0{min(size, 2)}}"
        name = _MONTHS[when.month - 1]
        return (f"{when.month:0{size}}", name[:3], name, name[0])[max(0, min(size, 5) - 2)]
    if low[0] == "d":
        name = _DAYS[when.weekday()]
        return f"{when.day:0{size}}" if size < 3 else name[:3] if size == 3 else name
    if low[0] == "h":
        return f"{(when.hour % 12 or 12) if has_noon else when.hour:0{min(size, 2)}}"
    if low[0] == "s":
        return f"{when.second:0{min(size, 2)}}"
    if token[0] in "0#?":
        follows_seconds = at > 0 and tokens[at - 1] == "."
        return f"{when.microsecond // 1000:03}"[: min(size, 3)] if follows_seconds else ""
    return _literal(token)


def _is_minute(tokens: tuple[str, ...], at: int) -> bool:
    """An m is a minute behind hours or before seconds."""
    letters = [token.lower() for token in tokens if token[0].lower() in "ymdhs" or _ELAPSED.fullmatch(token)]
    number = sum(1 for token in tokens[:at] if token[0].lower() in "ymdhs" or _ELAPSED.fullmatch(token))
    before = letters[number - 1] if number else ""
    after = letters[number + 1] if number + 1 < len(letters) else ""
    return len(tokens[at]) < 3 and (before.strip("[")[:1] == "h" or after.strip("[")[:1] == "s")


def _duration(tokens: tuple[str, ...], value: float) -> str:
    has_seconds = any(token.lower().strip("[")[:1] == "s" for token in tokens)
    total_s = round(abs(value) * 86400) if has_seconds else round(abs(value) * 1440) * 60
    parts = []
    largest = next(found[1][0].lower() for token in tokens if (found := _ELAPSED.fullmatch(token)))
    for token in tokens:
        low = token.lower().strip("[]")
        if low and set(low) <= set("hms"):
            unit_s = {"h": 3600, "m": 60, "s": 1}[low[0]]
            amount = total_s // unit_s
            if low[0] != largest:
                amount %= 24 if low[0] == "h" else 60
            parts.append(f"{amount:0{len(low)}}")
        elif token[0] not in "0#?.":
            parts.append(_literal(token))
    return ("-" if value < 0 else "") + _tidy("".join(parts))
