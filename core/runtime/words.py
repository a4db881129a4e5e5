"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str, rest: str = "") -> str:
    """A number and what it counts: "1 page", "12,000 pages", "2 charts without data".

    Args:
        number: How many, with commas between thousands.
        noun: In the singular; its last word takes an "s" where there is not just one.
        rest: What follows the noun.
    """
    what = noun if number == 1 else f"{noun}s"
    return f"{number:,} {what} {rest}".rstrip()
