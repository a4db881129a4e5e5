"""Standard output and error that print any text, whatever their code page has."""

from __future__ import annotations

import codecs
import io
import sys

_HANDLER = "overlap-escape"


def print_anything() -> None:
    """Let both streams write what their encoding lacks as JSON escapes, so that JSON stays what it was.

    A Windows pipe and `PYTHONIOENCODING=cp1252` end in UnicodeEncodeError otherwise.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    # Letters beyond U+FFFF are two escapes in JSON.
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    escapes = (f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))
    return "".join(escapes), error.end
