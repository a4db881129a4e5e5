"""Numbers and names in sentences."""

from __future__ import annotations

from collections.abc import Sequence

# As uploaders and the limits count them.
KB, MB = 1024, 1024 * 1024


def counted(number: int, noun: str, rest: str = "") -> str:
    """A number and what it counts: "1 page", "12,000 pages", "2 charts without data".

    Args:
        number: How many, with commas between thousands.
        noun: In the singular; its last word takes an "s" where there is not just one.
        rest: What follows the noun.
    """
    what = noun if number == 1 else f"{noun}s"
    return f"{number:,} {what} {rest}".rstrip()


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few of these names, and how many more there are: "a.txt, b.txt and 1,998 more"."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def file_size(num_bytes: int) -> str:
    """How large a file is, as people read it: "410 bytes", "12.3 kB", "1.5 MB", "200 MB"."""
    if num_bytes < KB:
        return counted(num_bytes, "byte")
    size, unit = (num_bytes / MB, "MB") if num_bytes >= MB / 10 else (num_bytes / KB, "kB")
    # No zero behind a whole number, and no exponent.
    return f"{f'{size:,.1f}'.removesuffix('.0')} {unit}"


def duration(value_s: float) -> str:
    """A duration as roughly as it can be estimated, such as "3 s", "40 s", "4 min" or "1 h 15 min"."""
    if value_s < 20:
        return f"{max(1, round(value_s))} s"
    if value_s < 120:
        return f"{5 * round(value_s / 5)} s"
    minutes = round(value_s / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
