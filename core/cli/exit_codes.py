"""The exit codes of every command, and the error that is one of them."""

from __future__ import annotations

from core.errors import OverlapError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 130
# As a shell tells of a program that wrote into a pipe which nobody reads any more.
EXIT_UNREAD = 141
EXIT_CODES = (
    f"Exit codes: {EXIT_OK} good, {EXIT_FAILED} failed, {EXIT_USAGE} wrong use, "
    f"{EXIT_STOPPED} stopped by Ctrl-C (what was ingested or measured is kept)."
)


class WrongUseError(OverlapError):
    """A command can't be carried out as it was given."""
