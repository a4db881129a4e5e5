"""What `.env` says, with every value as it is written there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError

if TYPE_CHECKING:
    from dotenv.parser import Binding

# A value in quotes, as python-dotenv finds it; a comment in the place of one, which it takes for one.
_QUOTED = re.compile(
    r"""[^=]*=[^\S\r\n]*(?P<quote>["'])(?P<inside>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)""", re.DOTALL
)
_ONLY_A_COMMENT = re.compile(r"[^=]*=[^\S\r\n]+#")
_ESCAPED = re.compile(r"""\\([\\"'])""")
_ALL_DOUBLED = re.compile(r"(?:[^\\]|\\\\)*")


def read_dotenv(dotenv: Path) -> dict[str, str | None]:
    """The values of `.env` by their names; None where a line has a name alone.

    Raises:
        ConfigError: When the file or a line of it can't be read, naming the line.
    """
    from dotenv.parser import parse_stream

    try:
        # Editors on Windows begin a file with a mark that would become part of the first name.
        with dotenv.open(encoding="utf-8-sig") as lines:
            found = list(parse_stream(lines))
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{dotenv} is not UTF-8 text. Save it as UTF-8 and start again.") from exc
    except OSError as exc:
        raise ConfigError(f"{dotenv} can't be read: {exc.strerror}. Correct its rights.") from exc
    for one in found:
        if one.error or (one.value is None and one.key is not None and ":" in one.key):
            raise ConfigError(_unreadable(one, dotenv))
    # As they are written: a ${x} inside a token is part of it.
    return {one.key: _as_written(one) for one in found if one.key is not None}


def _unreadable(line: Binding, dotenv: Path) -> str:
    """Which line it is, and what to do. It is not shown: it may hold a token."""
    text = line.original.string
    # The text before the line's own is of empty lines.
    number = line.original.line + text[: len(text) - len(text.lstrip())].count("\n")
    if re.search(r"""\\["']\s*$""", text):
        advice = r"A \ right before the closing quote belongs to the text: leave that \ out, or the quotes."
    else:
        advice = "Write NAME=value there, with a closing quote for each opening one, or begin it with #."
    return f"Line {number} of {dotenv} can't be read. {advice}"


def _as_written(line: Binding) -> str | None:
    r"""The value without its quotes.

    python-dotenv takes the \n and \t of "C:\new\table" for a line break and a tab, which no setting holds.
    Here a backslash is one, in quotes too; where every one is doubled, somebody has escaped them, and half
    are meant.
    """
    if _ONLY_A_COMMENT.match(line.original.string):
        return ""
    quoted = _QUOTED.match(line.original.string) if line.value else None
    if quoted is None or "\\" not in quoted["inside"]:
        return line.value
    inside, quote = quoted["inside"], quoted["quote"]
    unquoted = inside.replace(f"\\{quote}", quote)
    return _ESCAPED.sub(r"\1", inside) if _ALL_DOUBLED.fullmatch(unquoted) else unquoted
