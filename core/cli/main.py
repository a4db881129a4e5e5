"""``python -m core``: what every command has in common, its errors and its exit codes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.cli.exit_codes import (
    EXIT_FAILED,
    EXIT_STOPPED,
    EXIT_UNREAD,
    EXIT_USAGE,
    WrongUseError,
)
from core.cli.wording import in_a_terminal
from core.errors import OverlapError
from core.runtime.console import plain
from core.runtime.quiet import quiet_libraries
from core.runtime.requirements import requirements_met
from core.runtime.streams import print_anything

if TYPE_CHECKING:
    import typer

PROGRAM = "python -m core"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors are one sentence on stderr."""
    quiet_libraries()
    print_anything()
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        with requirements_met():
            code = _run(words)
            # Here, where an output that nobody reads any more is understood.
            sys.stdout.flush()
            return code
    except OverlapError as exc:
        print(f"error: {plain(in_a_terminal(str(exc), names=_names_in(words)))}", file=sys.stderr)
        return EXIT_USAGE if isinstance(exc, WrongUseError) else EXIT_FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return EXIT_STOPPED
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has enough. Python would complain when it flushes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNREAD


def _names_in(words: Sequence[str]) -> list[str]:
    """What may be names of files among the words of a command, as an error has them."""
    return [*words, *(PurePath(word).name for word in words)]


def _run(words: list[str]) -> int:
    # Here and not above: typer itself may be missing, which `main` says in a sentence.
    import typer

    from core.cli.commands import app
    from core.cli.completion import VARIABLE, complete

    command = typer.main.get_group(app)
    if VARIABLE in os.environ:
        return complete(command, PROGRAM)
    try:
        # Not `app()`, which takes Ctrl-C and an output that nobody reads for its own.
        with command.make_context(PROGRAM, words) as context:
            return int(command.invoke(context))
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as exc:
        raise WrongUseError(_sentence(exc)) from exc


def _sentence(wrong: typer.TyperException) -> str:
    context: typer.Context | None = getattr(wrong, "ctx", None)
    path = PROGRAM if context is None else context.command_path
    what = " ".join(wrong.format_message().split()).replace(": Value error, ", ": ")
    if re.match("No such option: -[^-]", what):
        # Such as a question that begins with a number.
        what = f"{what.removesuffix('.')}. What begins with - and is no flag goes after --"
    return f"{what.removesuffix('.')} (see `{path} --help`)."
