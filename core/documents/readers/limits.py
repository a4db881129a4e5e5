"""How much text one file may give."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.errors import FileTooLargeError

# Some 60,000 chunks. Headers and paths are repeated on every line, so that a small file could grow
# without end; and what is embedded for an hour is better cut by the person who knows it.
MAX_TEXT_CHARS = 50_000_000

CountChars = Callable[[int], object]


def char_limit(file: str) -> CountChars:
    """Counts characters, and raises FileTooLargeError at more than MAX_TEXT_CHARS together."""
    total = 0

    def count(num_chars: int) -> None:
        nonlocal total
        total += num_chars
        if total > MAX_TEXT_CHARS:
            raise too_much_text(file)

    return count


def join_lines(file: str, lines: Iterable[str]) -> str:
    """The lines as one text.

    Raises:
        FileTooLargeError: When they have more than `MAX_TEXT_CHARS` characters together, line ends included.
    """
    count_chars = char_limit(file)
    kept: list[str] = []
    for line in lines:
        count_chars(len(line) + 1)
        kept.append(line)
    return "\n".join(kept)


def too_much_text(file: str) -> FileTooLargeError:
    """The error of a file with more than MAX_TEXT_CHARS characters."""
    return FileTooLargeError(
        f"{file} gives more than {MAX_TEXT_CHARS // 10**6} million characters of text. "
        "Split it into smaller files."
    )
