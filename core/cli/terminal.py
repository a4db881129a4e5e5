"""Progress on standard error: one line that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys

from core.runtime.console import plain


def print_status(line: str) -> None:
    """Show how far a command is; on a terminal in place of what was shown before."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{plain(line)}", end="", file=sys.stderr, flush=True)
    else:
        print(plain(line), file=sys.stderr, flush=True)


def print_message(line: str) -> None:
    """Show what is to stay on a terminal too."""
    print_status(line)
    if sys.stderr.isatty():
        print(file=sys.stderr, flush=True)


def clear_status() -> None:
    """Take the line of progress away from a terminal, before a result is printed."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def print_download(done_bytes: int, total_bytes: int | None) -> None:
    """Show how much of the embedding model is here; `total_bytes` is None while unknown."""
    total = "" if total_bytes is None else f" of {total_bytes / 1e6:.0f}"
    print_status(f"downloading the embedding model: {done_bytes / 1e6:.0f}{total} MB")
